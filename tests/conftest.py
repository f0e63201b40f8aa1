"""Fixtures of the whole suite."""

import os
import tempfile

# Before wellfit is imported: compiled programs of the tests go to a folder of their own, never to the user's.
os.environ.setdefault("WELLFIT_CACHE", tempfile.mkdtemp(prefix="wellfit-tests-"))
os.environ.setdefault("JAX_PLATFORMS", "cpu")
