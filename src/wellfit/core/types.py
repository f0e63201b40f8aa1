"""The shape legend used in every docstring and end-of-line comment, and the types of arrays.

======  =======================================================
letter  meaning
======  =======================================================
n       rows (observations)
d       features (columns of X)
c       categorical columns
k       outputs (raw outputs of the network, classes, targets)
B       rows in a batch
E       epochs
P       members of a crowd
F       sets of rows (folds, bootstrap samples)
======  =======================================================

Families and layers are written for arrays of numpy AND of JAX: inside a compiled program they trace, on the
host they compute in numpy without compiling anything (functions/numerics.py: ``namespace``).
"""

from typing import Any, TypeAlias

Array: TypeAlias = Any  # a numpy or a JAX array; the docstring gives its shape
Tree: TypeAlias = Any  # a pytree of arrays
Shape: TypeAlias = tuple[int, ...]
