"""An activation and its derivative (theory C-331)."""

from typing import Any

import numpy as np

from wellfit.core.names import look_up
from wellfit.functions.activations.table import ACTIVATIONS, ActivationFunction
from wellfit.plots import style

SPAN = (-5.0, 5.0)
POINTS = 801
NEAR = 1e-9


def activation(name: str, ax: Any = None, *, span: tuple[float, float] = SPAN) -> Any:
    """f(x) solid and its derivative dashed; the range shaded where it is bounded, rings where the derivative jumps.

    Of an activation of whole rows (softmax) the first output is drawn, for rows (x, 0).

    Parameters
    ----------
    name : str
        relu, tanh, gelu, ... (``wellfit.functions.activations``).
    ax : matplotlib axis or None
        None makes a figure.
    span : (lowest x, highest x)

    Returns
    -------
    The axis.
    """
    f = look_up(name, ACTIVATIONS, "activation")
    kinks = [kink for kink in f.kinks if span[0] < kink < span[1]]
    x = around(np.linspace(*span, POINTS), kinks)
    value, slope = curves(f, x)
    with style.drawing(ax) as ax:
        low, high = min(-0.5, np.min(value), np.min(slope)), max(1.25, np.max(value), np.max(slope))
        low, high = max(low, -5.0), min(high, 5.0)
        ax.set_xlim(*span)
        ax.set_ylim(low - 0.06 * (high - low), high + 0.06 * (high - low))
        _range(ax, f)
        ax.axhline(0, color=style.PALE, lw=0.8, zorder=0)
        ax.axvline(0, color=style.PALE, lw=0.8, zorder=0)
        gap = np.isin(x, kinks)
        lines = [
            ax.plot(x, np.where(gap & f.flat, np.nan, value), **style.look(0), lw=2.4, label="f")[0],
            ax.plot(x, np.where(gap, np.nan, slope), **style.look(1), label="f'")[0],
        ]
        if kinks:
            at = np.array(kinks)
            ax.plot(at, curves(f, at)[0], "o", mfc=style.PAPER, mec=style.INK, ms=6, zorder=5)
        style.label_ends(ax, lines, ["f(x)", "f '(x)"])
        ax.set_title(f"{name}: {facts(f)}")
        ax.set_xlabel("x" if f.elementwise else "x, of the row (x, 0)")
    return ax


def curves(f: ActivationFunction, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """f and its derivative at x (m,); of whole rows the first output's, for rows (x, 0)."""
    if f.elementwise:
        return np.asarray(f(x)), np.asarray(f.derivative(x))
    rows = np.stack([x, np.zeros_like(x)], axis=1)
    return np.asarray(f(rows))[:, 0], np.asarray(f.derivative(rows))[:, 0, 0]


def facts(f: ActivationFunction) -> str:
    """Range, monotonicity and kinks in words."""
    words = [f"range {interval(f)}", "monotone" if f.monotone else "not monotone"]
    if f.flat:
        words.append("nothing can be learnt through it")
    elif f.kinks:
        words.append(f"kink at {' and '.join(f'{kink:g}' for kink in f.kinks)}")
    return ", ".join(words)


def interval(f: ActivationFunction) -> str:
    """The range, such as (-0.278, ∞); whether its ends are reached is not said."""
    ends = ("-∞" if f.lowest == -np.inf else f"{f.lowest:.3g}", "∞" if f.highest == np.inf else f"{f.highest:.3g}")
    return f"{ends[0]} to {ends[1]}"


def around(x: np.ndarray, kinks: list[float]) -> np.ndarray:
    """The places x, and each kink with a place close by on either side: no line is drawn across a jump."""
    return np.unique(np.concatenate([x, *([kink - NEAR, kink, kink + NEAR] for kink in kinks)]))


def _range(ax: Any, f: ActivationFunction) -> None:
    """The range as a band between its finite ends."""
    bottom, top = ax.get_ylim()
    ax.axhspan(max(f.lowest, bottom), min(f.highest, top), color="#f3f1ea", lw=0, zorder=-1)
    for end in (f.lowest, f.highest):
        if np.isfinite(end) and end != 0:
            ax.axhline(end, color=style.GREY, lw=0.8, ls=(0, (1, 2)), zorder=0)
