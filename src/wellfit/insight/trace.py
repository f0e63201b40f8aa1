"""One training step worked out: every z, h, loss, delta, gradient and updated parameter of a small network and batch.

The layers are differentiated one by one (``jax.vjp``, float64), so the delta of every layer is there; the new
parameters come from the training program itself, so they are those of ``wellfit.fit`` with ``batch_size="full"``.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from wellfit.core.spec import numbers_as, present
from wellfit.core.types import Tree
from wellfit.families.base import Family
from wellfit.functions.noise import fold
from wellfit.functions.schedules import value_at
from wellfit.insight.backward import Worked, work_out
from wellfit.insight.trace_table import trace_table
from wellfit.networks.network import Network, check_outputs
from wellfit.optimizers.table import resolve
from wellfit.training.crowd import Member
from wellfit.training.encoded import bound, check_rows, check_target, check_weights
from wellfit.training.loop import alone
from wellfit.training.members import fresh_params, history_length, starting_rows
from wellfit.training.plan import Plan
from wellfit.training.program import STEP
from wellfit.training.rows import arrays, shape_of
from wellfit.training.state import start

MOST_ROWS = 1000
MOST_STEPS = 1000


@dataclass(frozen=True)
class Parameter:
    """An array of parameters in one step; ``gradient`` is ∂J/∂value, with the priors' part."""

    name: str
    value: np.ndarray
    gradient: np.ndarray
    updated: np.ndarray


@dataclass(frozen=True)
class LayerTrace:
    """One layer in one step.

    symbol : "x" before the first weights, "z" after weights and at the end, "h" after an activation
    input, output : arrays (n, ...), or pytrees of them (a table's numbers and codes)
    delta : ∂J/∂output, like the output
    """

    index: int
    name: str
    symbol: str
    input: Tree
    output: Tree
    delta: Tree
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class StepTrace:
    """One step: forward, loss, backward, update.

    x : the inputs;  y : the encoded targets;  prediction : ``family.mean`` of the raw outputs (n, k)
    loss, floor, weight : (n,), the loss in nats, that of a perfect prediction, and how often each row counts
    objective, after : J on these rows before and after the update, with the same noise
    """

    number: int
    learning_rate: float
    x: Tree
    y: np.ndarray
    layers: tuple[LayerTrace, ...]
    prediction: np.ndarray
    loss: np.ndarray
    floor: np.ndarray
    weight: np.ndarray
    objective: float
    after: float


@dataclass(frozen=True)
class Trace:
    """The steps, and the parameters (layer by layer) after the last of them."""

    family: str
    optimizer: str
    l2: float | None
    steps: tuple[StepTrace, ...]
    params: Tree

    @property
    def layers(self) -> tuple[LayerTrace, ...]:
        """The layers in the first step."""
        return self.steps[0].layers

    def table(self, width: int = 80, most: int = 12) -> str:
        """The steps as text of so many columns; of rows and of an array's numbers at most ``most`` are shown."""
        return trace_table(self, width, most)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; nothing is left out."""
        document = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return _plain({**document, "params": [dict(layer) for layer in self.params]})


def trace(
    network: Network,
    family: Family | str,
    X: Any,
    y: Any,
    params: Tree | None = None,
    *,
    optimizer: Any = "sgd",
    learning_rate: Any = None,
    l2: float | None = None,
    weights: Any = None,
    steps: int = 1,
    seed: int = 0,
) -> Trace:
    """Work out training steps on all rows at once, in float64: J = Σ w loss(z, y) / Σ w + ½ l2 Σθ² / Σ w.

    delta is ∂J/∂z of each row and unit, so a row's own p - t comes divided by Σ w and times its weight; the gradient of
    a weight is the sum over rows of input times delta. The update is the training program's.

    Parameters
    ----------
    network : Network
        Any; its last layer gives the family's raw outputs.
    family : str or Family
        By name ("normal", "bernoulli", ...) or as an object; it is bound to y.
    X, y, weights
        Encoded rows as ``wellfit.fit`` takes them, at most 1000.
    params : tuple of dicts or None
        Where to start, layer by layer; None: where ``wellfit.fit`` with this seed starts.
    optimizer, learning_rate
        A name or an Optimizer, its memory empty; None keeps its own learning rate. A schedule runs over ``steps``.
    l2 : number or None
        The prior on weights and embeddings, never on biases.
    steps : int
    seed : int
        Of the starting weights and of dropout.

    Raises
    ------
    ValueError
        One sentence for a shape or number that cannot be, and where a loss is not finite.

    Examples
    --------
    Three inputs, one unit, squared error; the gradient of a weight is its input times delta:

    >>> from wellfit.layers.dense import Dense
    >>> start = ({"weight": np.array([[0.5], [0.0], [-1.0]]), "bias": np.zeros(1)},)
    >>> found = trace(Network((Dense(1),)), "normal", [[1.0, 2.0, 3.0]], [1.0], start, learning_rate=0.1)
    >>> layer = found.layers[0]
    >>> layer.output, layer.delta
    (array([[-2.5]]), array([[-3.5]]))
    >>> layer.parameters[1].gradient.ravel()
    array([ -3.5,  -7. , -10.5])
    >>> layer.parameters[1].updated.ravel()
    array([0.85, 0.7 , 0.05])

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".
    """
    x, y, w = _rows(X, y, weights)
    family = bound(family, y)
    y = check_target(family, y, "y")
    shape = shape_of(x)
    check_outputs(network, shape, family.outputs)
    _check_numbers(len(w), steps, seed, l2)
    if params is None:
        rows = starting_rows(network, x, w, np.arange(len(w)))
        params = fresh_params(network, family, shape, y, w, seed=seed, member=0, rows=rows)
    params = _checked(params, network, shape)
    method = resolve(optimizer)
    if learning_rate is not None:
        method = resolve(dataclasses.replace(method, learning_rate=learning_rate))  # type: ignore[type-var]
    plan = Plan(network, family, method, max_epochs=steps, l2=l2 if present(l2) else None, full_batch=True)
    plan = numbers_as(plan, np.float64)
    with jax.enable_x64(True):
        found, after = _steps(plan, params, x, y, w, steps, seed)
    return Trace(type(family).__name__, type(method).__name__, l2, tuple(found), after)


def trace_model(
    model: Any,
    X: Any,
    y: Any,
    *,
    member: int = 0,
    optimizer: Any = "sgd",
    learning_rate: Any = None,
    l2: float | None = None,
    weights: Any = None,
    steps: int = 1,
    seed: int = 0,
) -> Trace:
    """``trace`` from where a fitted ``NeuralClassifier`` or ``NeuralRegressor`` is now, on rows as its ``fit`` takes.

    The rows are encoded as in the fit. The optimizer is named here and its memory is empty: a fit keeps its parameters,
    not its momentum. ``member`` is the network's number where there are several.

    >>> from wellfit import NeuralRegressor
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> model = NeuralRegressor(hidden=(), max_epochs=200, random_state=0).fit(X, 2 * X[:, 0])
    >>> [layer.name for layer in trace_model(model, X[:3], 2 * X[:3, 0]).layers]
    ['Tabular', 'Dense(1)']
    """
    if not all(hasattr(model, name) for name in ("network_", "params_", "family_")):
        raise ValueError(
            f"trace_model needs a fitted NeuralClassifier or NeuralRegressor, got {type(model).__name__}; "
            "for other networks use wellfit.trace(network, family, X, y, params)."
        )
    members = len(jax.tree.leaves(model.params_)[0])
    if not 0 <= member < members:
        raise ValueError(f"member={member} must be a number from 0 to {members - 1}: so many networks were fitted.")
    own = jax.tree.map(lambda leaf: np.asarray(leaf[member], np.float64), model.params_)
    return trace(
        model.network_, model.family_, model._encoded(X, lazily=False), model._target.encode(np.asarray(y)), own,
        optimizer=optimizer, learning_rate=learning_rate, l2=l2, weights=weights, steps=steps, seed=seed,
    )  # fmt: skip


def layer_name(layer: Any) -> str:
    """A layer in words: an activation's own name, or the kind and the width."""
    width, kind = getattr(layer, "width", getattr(layer, "units", None)), type(layer).__name__
    return str(getattr(layer, "name", kind)) if width is None else f"{kind}({width})"


# -- the rows and the start ----------------------------------------------------------------------------------------


def _rows(X: Any, y: Any, weights: Any) -> tuple[Tree, np.ndarray, np.ndarray]:
    """X, y and weights of the rows that count, in float64."""
    x = check_rows(X, np.float64, "X")
    n = len(jax.tree.leaves(x)[0])
    y = np.asarray(y)
    if y.ndim not in (1, 2) or len(y) != n:
        raise ValueError(f"y must have shape ({n},) or ({n}, k), one row for each of X, got {y.shape}.")
    w = check_weights(weights, n)
    used = w > 0
    return jax.tree.map(lambda leaf: leaf[used], x), y[used], w[used]


def _check_numbers(n: int, steps: Any, seed: Any, l2: Any) -> None:
    whole = (int, np.integer)
    if n > MOST_ROWS:
        raise ValueError(f"X has {n} rows, and a trace is to be read: give at most {MOST_ROWS}.")
    if not isinstance(steps, whole) or isinstance(steps, bool) or not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps must be an integer from 1 to {MOST_STEPS}, got {steps!r}.")
    if not isinstance(seed, whole) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed must be an integer >= 0, got {seed!r}.")
    if l2 is not None and not (np.ndim(l2) == 0 and 0 <= l2 < np.inf):
        raise ValueError(f"l2 must be None or a number >= 0, got {l2!r}.")


def _checked(params: Tree, network: Network, shape: Any) -> Tree:
    """The parameters in float64, if their shapes are the network's."""
    params = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), tuple(params))
    found, wanted = jax.tree.map(np.shape, params), tuple(network.parameters(shape))
    if found != wanted:
        raise ValueError(f"params must have the shapes {wanted}, layer by layer, got {found}.")
    return params


# -- the steps -----------------------------------------------------------------------------------------------------


def _steps(plan: Plan, params: Tree, x: Tree, y: np.ndarray, w: np.ndarray, steps: int, seed: int) -> Any:
    """Every step explained, and the parameters after the last."""
    dtype = np.dtype(np.float64)
    split = (np.arange(len(w), dtype=np.int32), np.zeros(0, np.int32))
    data, rows = arrays(x, y, w, split, dtype)
    begun = start(
        plan, params, plan.network.statistics(shape_of(x)),
        seed=seed, validate=False, epochs=history_length(steps), dtype=dtype,
    )  # fmt: skip
    trained = alone(plan, data, rows, begun)
    now = _now(trained)
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    found = []
    for number in range(steps):
        state, (params, statistics) = trained.state, now
        t, noise = np.float64(number / steps), fold(fold(state.seed, STEP), number)
        seen = work_out(plan, params, statistics, x, y, w, t, noise)
        if not np.isfinite(seen.objective):
            raise ValueError(f"the loss is not finite in step {number + 1}; use a smaller learning_rate.")
        rate = float(value_at(plan.optimizer.learning_rate, t, state.memory) * state.factor)
        trained.advance(1)
        now = _now(trained)
        updated = now[0]
        after = float(work_out(plan, updated, statistics, x, y, w, t, noise).objective)
        prediction, floor = _predicted(plan.family, seen.outputs[-1]), np.asarray(plan.family.floor(y), dtype)
        found.append(
            StepTrace(
                number + 1, rate, x, y, _layers(plan.network, params, seen, updated), prediction,
                seen.loss, floor, w, float(seen.objective), after,
            )
        )  # fmt: skip
    return found, now[0]


def _now(trained: Member) -> tuple[Tree, Tree]:
    """Copies of parameters and statistics, for the next step takes their memory."""
    return jax.tree.map(np.array, trained.present)


def _layers(network: Network, params: Tree, seen: Worked, updated: Tree) -> tuple[LayerTrace, ...]:
    """The layers in one step."""
    found: list[LayerTrace] = []
    for index, layer in enumerate(network.layers):
        own = _parameters(params[index], seen.gradients[index], updated[index])
        weighs = any(parameter.name.rsplit("/")[-1].startswith("weight") for parameter in own)
        if weighs or index == len(network.layers) - 1:
            symbol = "z"
        else:
            symbol = "h" if any(before.symbol == "z" for before in found) else "x"
        given, gave, delta = seen.inputs[index], seen.outputs[index], seen.deltas[index]
        found.append(LayerTrace(index, layer_name(layer), symbol, given, gave, delta, own))
    return tuple(found)


def _parameters(values: Tree, gradients: Tree, updated: Tree) -> tuple[Parameter, ...]:
    """Every array of a layer's parameters, named by its path."""
    leaves = jax.tree_util.tree_leaves_with_path(values)
    others = jax.tree.leaves(gradients), jax.tree.leaves(updated)
    return tuple(
        Parameter("/".join(str(getattr(key, "key", getattr(key, "idx", key))) for key in path), value, gradient, new)
        for (path, value), gradient, new in zip(leaves, *others, strict=True)
    )


def _predicted(family: Family, z: np.ndarray) -> np.ndarray:
    """E[y] or the class probabilities (n, k); of k networks in one, z (n, k, outputs), their average."""
    members = z[:, None] if z.ndim == 2 else z
    return np.mean([np.asarray(family.mean(members[:, k])) for k in range(members.shape[1])], axis=0)


def _plain(value: Any) -> Any:
    """Dataclasses, arrays and trees as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
