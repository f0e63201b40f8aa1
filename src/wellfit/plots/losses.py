"""Losses over the prediction: value and gradient of one, or several side by side (theory C-332 to C-334)."""

from typing import Any

from wellfit.families.base import Family
from wellfit.insight.loss_profile import LossProfile, loss_profile
from wellfit.plots import style

FAR = 8.0
VALUE, GRADIENT, BOTH = "loss", "gradient", "both"
AXES = {
    "margin": "raw output z for the true class",
    "error": "prediction less target",
    "raw": "raw output z",
    "probability": "predicted probability of the true class",
}


def loss(*names: str | Family, ax: Any = None, show: str | None = None, over: str = "raw") -> Any:
    """The loss (nats, above that of a perfect prediction) and its gradient at the raw output.

    Parameters
    ----------
    names : str or Family
        "log_loss", "hinge", "zero_one", "huber", ...: all for classes, or all for the same kind of number.
    ax : matplotlib axis or None
        None makes a figure.
    show : "loss", "gradient", "both" or None
        None is both for one loss, and the losses alone for several.
    over : "raw" or "probability"
        For classes: the raw output z, or the probability of the true class that it stands for.

    Returns
    -------
    The axis.
    """
    profiles = compared(names, over)
    kind = (BOTH if len(profiles) == 1 else VALUE) if show is None else show
    if kind not in (VALUE, GRADIENT, BOTH):
        raise ValueError(f"show={show!r} must be 'loss', 'gradient', 'both' or None.")
    places = [profile.z if over == "raw" else profile.mean for profile in profiles]
    with style.drawing(ax) as ax:
        ax.axhline(0, color=style.PALE, lw=0.8, zorder=0)
        lines, labels = [], []
        for place, (profile, x) in enumerate(zip(profiles, places, strict=True)):
            if kind != GRADIENT:
                lines += ax.plot(x, profile.loss, **style.look(place), label=profile.name)
                labels.append(profile.name if len(profiles) > 1 else "loss")
            if kind != VALUE:
                look = style.look(place if kind == GRADIENT else place + 1)
                lines += ax.plot(x, profile.gradient, **look, label=f"{profile.name}, gradient")
                labels.append(profile.name if len(profiles) > 1 else "gradient")
        ax.set_xlim(min(x.min() for x in places), max(x.max() for x in places))
        low, high = _limits(profiles, kind)
        ax.set_ylim(low, high)
        style.label_ends(ax, lines, labels)
        axis = "probability" if over == "probability" else profiles[0].axis
        ax.set_xlabel(AXES[axis] + ("" if axis != "raw" else f" (target {profiles[0].y:g})"))
        ax.set_ylabel({VALUE: "loss (nats)", GRADIENT: "d loss / dz", BOTH: "loss (nats), d loss / dz"}[kind])
        many = "gradients compared" if kind == GRADIENT else "losses compared"
        ax.set_title(profiles[0].name if len(profiles) == 1 else many)
    return ax


def compared(names: tuple[str | Family, ...], over: str = "raw") -> list[LossProfile]:
    """The profiles of losses that can share an axis, or one sentence why they cannot."""
    if not names:
        raise ValueError("loss() needs at least one loss, such as 'log_loss'.")
    if over not in ("raw", "probability"):
        raise ValueError(f"over={over!r} must be 'raw' or 'probability'.")
    profiles = [loss_profile(name, above_floor=True) for name in names]
    first = profiles[0]
    for other in profiles[1:]:
        if (other.axis, other.y) != (first.axis, first.y):
            raise ValueError(
                f"the losses {first.name!r} and {other.name!r} have no axis in common: they are for "
                f"different targets; compare losses of classes, or of numbers of one kind."
            )
    if over == "probability" and first.axis != "margin":
        raise ValueError(f"over='probability' is for losses of classes, and {first.name!r} is one of numbers.")
    return profiles


def _limits(profiles: list[LossProfile], kind: str) -> tuple[float, float]:
    """From the lowest value to the highest, but no farther than ± ``FAR``; nor, of several losses, than the second."""
    tops, bottoms = [], []
    for profile in profiles:
        parts = {VALUE: [profile.loss], GRADIENT: [profile.gradient]}.get(kind, [profile.loss, profile.gradient])
        tops.append(max(float(part.max()) for part in parts))
        bottoms.append(min(float(part.min()) for part in parts))
    high, low = min(sorted(tops)[-2:][0] * 1.5, max(tops), FAR), max(sorted(bottoms)[:2][-1] * 1.5, min(bottoms), -FAR)
    room = 0.05 * (high - low)
    return low - room, high + room
