"""Networks, and presets that build them for a table."""

from typing import TYPE_CHECKING

from wellfit.core.lazy import exports

if TYPE_CHECKING:
    from wellfit.networks.network import Network
    from wellfit.networks.preset import Preset
    from wellfit.networks.presets import MLP, TabM
    from wellfit.networks.radial_basis import RadialBasis
    from wellfit.networks.residual_mlp import ResidualMLP

_HOMES = {
    "MLP": "wellfit.networks.presets",
    "Network": "wellfit.networks.network",
    "Preset": "wellfit.networks.preset",
    "RadialBasis": "wellfit.networks.radial_basis",
    "ResidualMLP": "wellfit.networks.residual_mlp",
    "TabM": "wellfit.networks.presets",
}

__all__ = [
    "MLP",
    "Network",
    "Preset",
    "RadialBasis",
    "ResidualMLP",
    "TabM",
]

__getattr__, __dir__ = exports(__name__, _HOMES)
