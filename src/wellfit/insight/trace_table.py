"""A trace as text for a terminal: forward, loss, backward and update, in columns that fit its width."""

from typing import Any

import jax
import numpy as np

GAP = 2


def trace_table(found: Any, width: int, most: int) -> str:
    """All steps of a ``Trace`` in lines of at most ``width`` characters."""
    blocks = []
    for step in found.steps:
        blocks += [_heading(found, step), _inputs(step, width, most)]
        for layer in step.layers:
            if not (layer.symbol == "x" and layer.index == 0 and not layer.parameters):  # the inputs as they are
                blocks.append(_matrix(f"{layer.index} {layer.name}", layer.symbol, layer.output, width, most))
        blocks.append(_losses(step, width, most))
        for layer in reversed(step.layers):
            if layer.symbol != "x" or layer.parameters:
                blocks += _backward(layer, width, most)
        blocks.append(f"J {_short(step.objective)} -> {_short(step.after)} on the same rows after the update")
    return "\n\n".join(blocks) + "\n"


def numbers(values: np.ndarray, digits: int = 4) -> list[str]:
    """A column of numbers with one number of decimals: so many digits for the largest, none that all lack."""
    values = np.asarray(values, float).ravel()
    there = np.abs(values[np.isfinite(values) & (values != 0)])
    if not there.size:
        return [f"{value + 0.0:g}" for value in values]  # -0 is 0
    top = np.floor(np.log10(there.max() * (1 + 0.5 * 10.0**-digits)))  # of the rounded number
    if top < -4 or top > 8:
        return [f"{value:.{digits - 1}e}" if value else "0" for value in values]
    decimals = int(max(0, digits - 1 - min(top, 0)))
    exact = [k for k in range(decimals) if np.allclose(np.round(there, k), there, rtol=1e-9, atol=0)]
    texts = [f"{value:.{min([*exact, decimals])}f}" for value in values]
    return [text.removeprefix("-") if float(text) == 0 else text for text in texts]


def columns(table: list[list[str]], width: int) -> str:
    """Columns of text, aligned to the right, the first to the left; those that do not fit are left out and counted."""
    sizes = [max(map(len, column)) for column in table]
    kept, used = 1, sizes[0]
    while kept < len(table) and used + GAP + sizes[kept] <= width:
        used += GAP + sizes[kept]
        kept += 1
    if kept < len(table):
        while kept > 1 and used + 14 > width:  # room to say so
            kept -= 1
            used -= GAP + sizes[kept]
        table = [*table[:kept], [f"... {len(table) - kept} more"] + [""] * (len(table[0]) - 1)]
        sizes = [*sizes[:kept], len(table[-1][0])]
    lines = zip(*table, strict=True)
    parts = (
        [cell.ljust(size) if j == 0 else cell.rjust(size) for j, (cell, size) in enumerate(zip(line, sizes))]
        for line in lines
    )
    return "\n".join((" " * GAP).join(line).rstrip() for line in parts)


def _heading(found: Any, step: Any) -> str:
    rows = f"{len(step.loss)} rows" if len(step.loss) > 1 else "1 row"
    of = f" of {len(found.steps)}" if len(found.steps) > 1 else ""
    prior = f", l2 {found.l2:g}" if found.l2 else ""
    return f"Step {step.number}{of}: {found.optimizer}, learning rate {step.learning_rate:g}{prior}, {rows}"


def _inputs(step: Any, width: int, most: int) -> str:
    return _matrix("inputs", "x", step.x, width, most)


def _matrix(title: str, symbol: str, values: Any, width: int, most: int) -> str:
    """Rows of arrays (n, ...), a column a unit."""
    blocks = [np.asarray(leaf, float) for leaf in jax.tree.leaves(values)]
    flat = np.concatenate([block.reshape(len(block), -1) for block in blocks], axis=1)
    shown = flat[:most]
    table = [["row", *map(str, range(len(shown)))]]
    cells = np.reshape(numbers(shown), shown.shape)
    table += [[f"{symbol}{j}", *map(str, cells[:, j])] for j in range(flat.shape[1])]
    return f"{title}\n{columns(table, width)}{_rest(len(flat), len(shown), 'rows')}"


def _losses(step: Any, width: int, most: int) -> str:
    """Target, prediction and loss of each row, and the objective."""
    n = min(len(step.loss), most)
    table = [["row", *map(str, range(n))]]
    for name, values in (("target", step.y), ("prediction", step.prediction)):
        flat = np.asarray(values, float).reshape(len(values), -1)[:n]
        flat = flat[:, 1:] if name == "prediction" and flat.shape[1] == 2 and step.y.ndim == 1 else flat
        several = flat.shape[1] > 1
        table += [[f"{name}{j if several else ''}", *numbers(flat[:, j])] for j in range(flat.shape[1])]
    if (step.weight != 1).any():
        table.append(["weight", *numbers(step.weight[:n])])
    table.append(["loss", *numbers(step.loss[:n])])
    if (step.floor != 0).any():
        table.append(["above its floor", *numbers((step.loss - step.floor)[:n])])
    mean = float(np.average(step.loss, weights=step.weight))
    words = f"mean loss {_short(mean)}"
    if abs(step.objective - mean) > 1e-12:
        words += f", with the prior J = {_short(step.objective)}"
    return f"loss (nats)\n{columns(table, width)}{_rest(len(step.loss), n, 'rows')}\n{words}"


def _backward(layer: Any, width: int, most: int) -> list[str]:
    """Delta of a layer, and below it what its parameters become."""
    found = [_matrix(f"{layer.index} {layer.name}, backward", f"dJ/d{layer.symbol}", layer.delta, width, most)]
    parameters = [parameter for parameter in layer.parameters if parameter.value.size]
    if parameters:
        size = sum(parameter.value.size for parameter in parameters)
        names = [name for parameter in parameters for name in _places(parameter.name, parameter.value.shape, most)]
        value, gradient, updated = (
            np.concatenate([getattr(parameter, part).ravel()[:most] for parameter in parameters])
            for part in ("value", "gradient", "updated")
        )
        before, after = np.reshape(numbers(np.stack([value, updated])), (2, -1)).tolist()
        table = [["parameter", *names], ["value", *before], ["gradient", *numbers(gradient)],
                 ["change", *numbers(updated - value)], ["updated", *after]]  # fmt: skip
        found.append(columns(table, width) + _rest(size, len(names), "numbers"))
    return found


def _places(name: str, shape: tuple[int, ...], most: int) -> list[str]:
    """weight[0,1] and so on, in the order of ``ravel``."""
    places = [np.unravel_index(j, shape) for j in range(min(most, int(np.prod(shape))))]
    return [f"{name}[{','.join(map(str, place))}]" for place in places]


def _rest(there: int, shown: int, what: str) -> str:
    return f"\n... and {there - shown:,} more {what}" if there > shown else ""


def _short(value: float) -> str:
    return f"{value:.6g}"
