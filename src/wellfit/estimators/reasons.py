"""The reasons for what a fit is: sentences for people, beside those of the family and of the table."""

from typing import Any

from wellfit.estimators.settings import EXACT_ROWS


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
