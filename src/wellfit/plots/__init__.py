"""Pictures of networks and their training, drawn on a given matplotlib axis: ``pip install 'wellfit[plots]'``.

Every function takes ``ax=None`` (None makes a figure) and returns the axis; matplotlib's global settings stay as they
are. The gallery in docs/gallery.md shows each with the lines that make it.
"""

from typing import TYPE_CHECKING

from wellfit.core.lazy import exports

if TYPE_CHECKING:
    from wellfit.plots.activations import activation
    from wellfit.plots.boundaries import decision_boundary
    from wellfit.plots.diagrams import network_diagram
    from wellfit.plots.histories import history
    from wellfit.plots.losses import loss
    from wellfit.plots.paths import optimizer_path, optimizer_surface
    from wellfit.plots.ranges import range_test
    from wellfit.plots.rates import learning_rates
    from wellfit.plots.reliability import calibration
    from wellfit.plots.schedules import schedule

_HOMES = {
    "activation": "wellfit.plots.activations",
    "calibration": "wellfit.plots.reliability",
    "decision_boundary": "wellfit.plots.boundaries",
    "history": "wellfit.plots.histories",
    "learning_rates": "wellfit.plots.rates",
    "loss": "wellfit.plots.losses",
    "network_diagram": "wellfit.plots.diagrams",
    "optimizer_path": "wellfit.plots.paths",
    "optimizer_surface": "wellfit.plots.paths",
    "range_test": "wellfit.plots.ranges",
    "schedule": "wellfit.plots.schedules",
}

__all__ = [
    "activation",
    "calibration",
    "decision_boundary",
    "history",
    "learning_rates",
    "loss",
    "network_diagram",
    "optimizer_path",
    "optimizer_surface",
    "range_test",
    "schedule",
]

__getattr__, __dir__ = exports(__name__, _HOMES)
