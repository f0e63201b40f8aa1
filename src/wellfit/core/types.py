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

import numpy as np

Array: TypeAlias = Any  # a numpy or a JAX array; the docstring gives its shape
Tree: TypeAlias = Any  # a pytree of arrays
Shape: TypeAlias = tuple[int, ...]


def is_shape(value: Any) -> bool:
    """Whether this is the shape of an array, where a tree of shapes has its leaves.

    >>> is_shape((3, 2)), is_shape(((3, 2), (4,)))
    (True, False)
    """
    return isinstance(value, tuple) and all(isinstance(size, int | np.integer) for size in value)
