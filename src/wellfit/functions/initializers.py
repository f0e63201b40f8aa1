import numpy as np
def initialize(name, rng, shape, fan_in, fan_out):
    return rng.normal(size=shape) * np.sqrt(2 / fan_in)
