"""A training as the library takes it: ``source/task.h`` in ctypes."""

import ctypes
from typing import Any

import numpy as np

MEANING = 4
"""Of what is handed over; the same number stands in ``source/task.h``, and both change where an array's contents do."""

NUMBER = ctypes.c_int64
PLACE = ctypes.c_void_p
SIDE = (PLACE, ctypes.c_int, ctypes.c_long)  # an array of numbers, whether of doubles, numbers from line to line
EXTREMES = (*SIDE, ctypes.c_long, ctypes.c_long, PLACE, PLACE)
SCALE = (*SIDE, *SIDE, ctypes.c_long, ctypes.c_long, PLACE, PLACE, ctypes.c_double)


class Task(ctypes.Structure):
    """Numbers, and places of numpy's arrays, which change; whoever makes it keeps them alive."""

    _fields_ = (
        ("doubles", NUMBER),
        *((name, PLACE) for name in ("structure", "x", "y", "w", "known", "codes", "train", "held")),
        *((name, PLACE) for name in ("places", "starts", "scaler_centre", "scaler_factor")),
        ("scaler_clip", ctypes.c_double),
        ("x_doubles", NUMBER),
        *((name, NUMBER) for name in ("columns", "n", "held_n", "levels", "scaled")),
        *((name, PLACE) for name in ("p", "m", "v", "u", "good_p", "good_m", "good_v", "good_u", "best")),
        ("arrays", NUMBER),
        *((name, PLACE) for name in ("sizes", "cosine", "numbers", "table")),
        *((name, NUMBER) for name in ("first", "lines", "line")),
        ("orders", PLACE),
        *((name, NUMBER) for name in ("order_line", "order_lines", "order_first", "order_until")),
        ("step_seed", ctypes.c_uint32),
        ("order_seed", ctypes.c_uint32),
        *(
            (name, NUMBER)
            for name in (
                "score", "max_epochs", "patience", "once", "adaptive", "most_rollbacks", "epochs_kept", "pause",
                "zeros",
            )
        ),
        *(
            (name, PLACE)
            for name in (
                "step", "count", "within", "epoch", "waited", "best_epoch", "rollbacks", "status", "good_step",
                "good_count", "bad", "loss", "weight", "best_score", "factor", "loss_line", "held_loss_line",
                "held_score_line", "rate_line",
            )
        ),
        ("todo", NUMBER),
        ("outputs", PLACE),
    )  # fmt: skip


def place(array: np.ndarray) -> int:
    """Where an array lies; it must be in C's order."""
    assert array.flags.c_contiguous
    return array.ctypes.data


def places(arrays: Any) -> ctypes.Array:
    """Where many arrays lie."""
    return (PLACE * len(arrays))(*map(place, arrays))
