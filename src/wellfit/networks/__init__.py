"""Networks, and presets that build them for a table."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wellfit.networks.network import Network
    from wellfit.networks.preset import Preset
    from wellfit.networks.presets import MLP, TabM
    from wellfit.networks.radial_basis import RadialBasis
    from wellfit.networks.residual_mlp import ResidualMLP

# Imported when first asked for: a part may be used without the others.
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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'wellfit.networks' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
