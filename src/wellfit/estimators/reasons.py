"""The reasons for what a fit is: sentences for people, beside those of the family and of the table."""

from typing import Any

import numpy as np

from wellfit.estimators.settings import EXACT_ROWS
from wellfit.insight.calibration import FEWEST_ROWS


def reasons(model: Any, exact: bool, split: tuple, members: int) -> list[str]:
    """Why the network, the regime and the held-out rows are as they are."""
    widths = [str(layer.width) for layer in model.network_.layers if hasattr(layer, "width")]
    crowd = f", {members} members averaged" if members > 1 else ""
    columns = model._table.width + len(model._table.cardinalities)
    lines = [f"Network: {columns} columns -> {' -> '.join(widths)}{crowd}."]
    train, valid = map(len, split)
    if exact:
        lines.append(
            f"At most {EXACT_ROWS} rows: every step sees all rows in float64 and nothing is held out, so that weights "
            "equal repeated rows; an L2 prior guards against overfitting."
        )
    elif valid:
        lines.append(f"{valid} of {train + valid} rows are held out to stop early and to keep the best epoch.")
    if model.class_weight_ is not None:
        lines.append("Class weights steer training and predict(); predict_proba() has the shift taken out again.")
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
