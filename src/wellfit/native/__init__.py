"""Kernels of wellfit's own in C++, called by XLA's programs; everything works without them, more slowly."""
