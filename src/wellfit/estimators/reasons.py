"""The reasons for what a fit is: sentences for people, beside those of the family and of the table."""

from typing import Any

import numpy as np

from wellfit.estimators.ensembles import starts_constant
from wellfit.estimators.regularisers import reason as of_priors
from wellfit.estimators.settings import EXACT_ROWS
from wellfit.insight.calibration import FEWEST_ROWS
from wellfit.layers.embedding import Tabular


def reasons(model: Any, exact: bool, split: tuple, members: int) -> list[str]:
    """Why the network, the regime and the held-out rows are as they are."""
    widths = [str(layer.width) for layer in model.network_.layers if hasattr(layer, "width")]
    crowd = f", {members} members averaged" if members > 1 else ""
    columns = model._table.width + len(model._table.cardinalities)
    lines = [f"Network: {columns} columns -> {' -> '.join(widths)}{crowd}."]
    constant = sum(starts_constant(model, member) for member in range(members))
    if constant:
        start = "start" if constant > 1 else "starts"
        lines.append(f"{constant} of them {start} as the best constant, to stay simple where there is little to learn.")
    train, valid = map(len, split)
    entrance = model.network_.layers[0]
    if isinstance(entrance, Tabular) and entrance.waves:
        lines.append(
            f"Learnt waves of {len(entrance.waves.columns)} columns of numbers stand beside them (numeric_embedding)."
        )
    lines += of_crowd(model)
    if exact:
        equal = "" if model.bootstrap else ", so that weights equal repeated rows"
        lines.append(
            f"At most {EXACT_ROWS} rows: every step sees all rows in float64 and nothing is held out{equal}; an L2 "
            "prior guards against overfitting."
        )
    elif valid:
        lines.append(f"{valid} of {train + valid} rows are held out to stop early and to keep the best epoch.")
    lines += of_priors(model._regularisers)
    if model.class_weight_ is not None:
        lines.append("Class weights steer training and predict(); predict_proba() has the shift taken out again.")
    return lines


def of_crowd(model: Any) -> list[str]:
    """What members have of their own, and which of them are kept."""
    lines = []
    if model.bootstrap:
        lines.append("Each member trains on rows of its own, drawn with replacement (bagging).")
    if model.vary:
        lines.append(f"Members differ in {', '.join(model.vary)}, trained side by side by one program.")
    if model.snapshots > 1:
        lines.append(f"Each member leaves {model.snapshots} networks, one at the end of every cycle of its training.")
    if model.select is not None:
        lines.append(f"Of all networks {model.select} are kept, whose mixture is best on the held-out rows.")
    return lines


def of_calibration(state: dict[str, Any] | None, found: dict[str, Any]) -> str:
    """What the held-out rows said of the probabilities."""
    rows = f"{found['n']} held-out rows"
    if state is None:
        if found["n"] < FEWEST_ROWS:
            return f"{rows} are too few to calibrate the probabilities, which stay as trained."
        return f"Not calibrated: no calibration lowers the log loss of {rows} by more than its uncertainty."
    if state["method"] == "vector":
        what = "A scale and a bias for each class calibrate"
    elif np.ndim(state["temperature"]):
        what = f"Temperatures {', '.join(f'{t:.3g}' for t in state['temperature'][:8])} of the labels calibrate"
    else:
        what = f"The temperature {state['temperature']:.3g} calibrates"
    loss, error = (
        f"{found[f'{name}_before']:.4g} -> {found[f'{name}_after']:.4g}" for name in ("log_loss", "calibration_error")
    )
    return f"{what} the probabilities ({rows}: log loss {loss}, calibration error {error})."
