"""Layers: descriptions that make arrays and apply them."""

from typing import TYPE_CHECKING

from wellfit.core.lazy import exports

if TYPE_CHECKING:
    from wellfit.layers.base import Context, Layer
    from wellfit.layers.dense import Dense
    from wellfit.layers.dropout import Dropout
    from wellfit.layers.elementwise import Activation
    from wellfit.layers.embedding import Embedding, Tabular
    from wellfit.layers.flatten import Flatten
    from wellfit.layers.noise import GaussianNoise
    from wellfit.layers.normalization import BatchNorm, LayerNorm, RMSNorm
    from wellfit.layers.parametric import LearntSwish, ParametricRelu
    from wellfit.layers.periodic import Periodic
    from wellfit.layers.radial import Radial
    from wellfit.layers.residual import Residual
    from wellfit.layers.scaling import Scaling
    from wellfit.layers.shared import Copies, Heads, SharedDense
    from wellfit.layers.threshold import Threshold

_HOMES = {
    "Activation": "wellfit.layers.elementwise",
    "BatchNorm": "wellfit.layers.normalization",
    "Context": "wellfit.layers.base",
    "Copies": "wellfit.layers.shared",
    "Dense": "wellfit.layers.dense",
    "Dropout": "wellfit.layers.dropout",
    "Embedding": "wellfit.layers.embedding",
    "Flatten": "wellfit.layers.flatten",
    "GaussianNoise": "wellfit.layers.noise",
    "Heads": "wellfit.layers.shared",
    "Layer": "wellfit.layers.base",
    "LayerNorm": "wellfit.layers.normalization",
    "LearntSwish": "wellfit.layers.parametric",
    "ParametricRelu": "wellfit.layers.parametric",
    "Periodic": "wellfit.layers.periodic",
    "RMSNorm": "wellfit.layers.normalization",
    "Radial": "wellfit.layers.radial",
    "Residual": "wellfit.layers.residual",
    "Scaling": "wellfit.layers.scaling",
    "SharedDense": "wellfit.layers.shared",
    "Tabular": "wellfit.layers.embedding",
    "Threshold": "wellfit.layers.threshold",
}

__all__ = [
    "Activation",
    "BatchNorm",
    "Context",
    "Copies",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "Heads",
    "Layer",
    "LayerNorm",
    "LearntSwish",
    "ParametricRelu",
    "Periodic",
    "RMSNorm",
    "Radial",
    "Residual",
    "Scaling",
    "SharedDense",
    "Tabular",
    "Threshold",
]

__getattr__, __dir__ = exports(__name__, _HOMES)
