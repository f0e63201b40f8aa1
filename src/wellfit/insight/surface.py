"""Surfaces of two parameters on which methods of descent can be watched, and the paths they take there.

A surface stands in for a network and its loss, and the training program walks on it: the paths are those of wellfit's
own optimizers, with the update rule, roll-backs and schedules of every fit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.names import look_up
from wellfit.core.spec import numbers_as, spec, static
from wellfit.core.types import Array, Shape
from wellfit.layers.base import Context, Layer
from wellfit.networks.network import Network
from wellfit.optimizers.table import resolve
from wellfit.training.members import history_length
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.program import run
from wellfit.training.programs import call
from wellfit.training.rows import arrays, padded
from wellfit.training.state import State, start


@dataclass(frozen=True)
class Surface:
    """f(a, b), elementwise, and what is known of it.

    Attributes
    ----------
    function, gradient : functions of two arrays
        f, and the pair (∂f/∂a, ∂f/∂b).
    begin : (a, b)
        Where paths begin.
    box : (lowest a, highest a, lowest b, highest b)
        What a picture shows.
    minima : tuple of (a, b)
        All local minima, the lowest first;  saddles : tuple of (a, b).
    rate : float
        A learning rate for methods whose steps are as long as the gradient (sgd, momentum, nesterov).
    stride : float
        One for methods whose steps do not depend on the gradient's length (adam and its kind).
    steps : int
        So many are worth looking at.
    """

    name: str
    words: str
    function: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], tuple[Array, Array]]
    begin: tuple[float, float]
    box: tuple[float, float, float, float]
    minima: tuple[tuple[float, float], ...]
    rate: float
    stride: float
    saddles: tuple[tuple[float, float], ...] = ()
    steps: int = 60

    def __call__(self, a: Array, b: Array) -> Array:
        return self.function(a, b)


TILT = 0.25
LEFT, RIGHT, TOP = -1.107159871688767, 0.8375654352833229, 0.2695944364054446
"""The roots of a³ - a + TILT: the two minima, and the top of the ridge between them."""

SURFACES: dict[str, Surface] = {
    surface.name: surface
    for surface in (
        Surface(
            "ravine", "½(a² + 20 b²): 20 times as steep across as along",
            lambda a, b: 0.5 * (a * a + 20 * b * b),
            lambda a, b: (a, 20 * b),
            begin=(-4.0, 1.0), box=(-4.6, 2.8, -1.6, 1.6), minima=((0.0, 0.0),), rate=0.06, stride=0.25,
        ),
        Surface(
            "saddle", "½a² - ½b² + ¼b⁴: a saddle at (0, 0) between two minima",
            lambda a, b: 0.5 * a * a - 0.5 * b * b + 0.25 * b**4,
            lambda a, b: (a, b**3 - b),
            begin=(-1.6, 0.01), box=(-1.9, 1.2, -1.5, 1.5), minima=((0.0, 1.0), (0.0, -1.0)), rate=0.15, stride=0.1,
            saddles=((0.0, 0.0),),
        ),
        Surface(
            "two_minima", "¼a⁴ - ½a² + ¼a + ½b²: a low minimum behind a higher one",
            lambda a, b: 0.25 * a**4 - 0.5 * a * a + TILT * a + 0.5 * b * b,
            lambda a, b: (a**3 - a + TILT, b),
            begin=(1.7, 0.9), box=(-1.9, 1.9, -1.1, 1.1), minima=((LEFT, 0.0), (RIGHT, 0.0)), rate=0.1, stride=0.15,
            saddles=((TOP, 0.0),),
        ),
        Surface(
            "rosenbrock", "(1 - a)² + 100 (b - a²)²: a bent valley (Rosenbrock 1960)",
            lambda a, b: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
            lambda a, b: (-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)),
            begin=(-1.2, 1.0), box=(-1.7, 1.5, -0.5, 1.9), minima=((1.0, 1.0),), rate=0.001, stride=0.05, steps=300,
        ),
    )
}  # fmt: skip

AS_LONG_AS_THE_GRADIENT = ("sgd", "momentum", "nesterov")
OF_THEIR_OWN_LENGTH = ("adagrad", "rmsprop", "adam", "amsgrad", "adamw")


@dataclass(frozen=True)
class Path:
    """Where a method went: points (steps + 1, 2), the start first, and the surface's heights there (steps + 1,)."""

    optimizer: str
    learning_rate: float
    points: np.ndarray
    heights: np.ndarray


def surface_named(surface: str | Surface) -> Surface:
    """The surface of that name, or the one given."""
    return surface if isinstance(surface, Surface) else look_up(surface, SURFACES, "surface")


def descend(
    optimizer: Any,
    surface: str | Surface = "ravine",
    *,
    learning_rate: Any = None,
    steps: int | None = None,
    begin: tuple[float, float] | None = None,
) -> Path:
    """The path of an optimizer on a surface, by the training program, in float64.

    Parameters
    ----------
    optimizer : str, Optimizer or optax.GradientTransformation
    surface : str or Surface
        ravine, saddle, two_minima or rosenbrock.
    learning_rate : number, schedule or None
        None: of an optimizer named, the surface's rate for its kind (``Surface.rate``, ``Surface.stride``); of one
        given, its own. A schedule runs over the steps.
    steps : int or None
        None is the surface's own number.
    begin : (a, b) or None
        None is the surface's own.

    Examples
    --------
    On eigenvalues 1 and 20 gradient descent is stable below 2/20:

    >>> descend("sgd", "ravine", learning_rate=0.099, steps=300).heights[-1] < 1e-3
    np.True_
    >>> descend("sgd", "ravine", learning_rate=0.101, steps=300).heights[-1] > 1e3
    np.True_
    """
    ground = surface_named(surface)
    steps = ground.steps if steps is None else steps
    if not isinstance(steps, int | np.integer) or isinstance(steps, bool) or steps < 1:
        raise ValueError(f"steps must be an integer >= 1, got {steps!r}.")
    method = resolve(optimizer)
    if learning_rate is None and isinstance(optimizer, str):
        learning_rate = own_rate(ground, optimizer)
    if learning_rate is not None:
        method = resolve(replace(method, learning_rate=learning_rate))  # type: ignore[type-var]
    place = np.asarray(ground.begin if begin is None else begin, float)
    if place.shape != (2,) or not np.isfinite(place).all():
        raise ValueError(f"begin must be two finite numbers (a, b), got {begin!r}.")
    network = Network((Point(),))
    height = Height(ground.name if SURFACES.get(ground.name) is ground else ground)
    plan = numbers_as(Plan(network, height, method, max_epochs=int(steps), full_batch=True), np.float64)  # type: ignore[arg-type]
    split = (np.zeros(1, np.int32), np.zeros(0, np.int32))
    with jax.enable_x64(True):
        data, rows = arrays(np.zeros((1, 1)), np.zeros((1, 1)), np.ones(1), split, np.float64)
        state = start(
            plan, ({"point": place},), network.statistics((1,)),
            seed=0, validate=False, epochs=history_length(steps), dtype=np.dtype(np.float64),
        )  # fmt: skip
        points = np.asarray(call(_walk, plan, padded(data), rows.one(0), state, np.zeros((steps, 2)), out=0))
    points = np.concatenate([place[None], points])
    name = optimizer if isinstance(optimizer, str) else type(method).__name__
    return Path(name, method.learning_rate, points, np.asarray(ground(points[:, 0], points[:, 1])))


def own_rate(surface: Surface, optimizer: str) -> float | None:
    """The surface's learning rate for a method of that name; None where the method finds its own steps."""
    if optimizer in AS_LONG_AS_THE_GRADIENT:
        return surface.rate
    return surface.stride if optimizer in OF_THEIR_OWN_LENGTH else None


@spec
class Point(Layer):
    """Two parameters as the raw outputs of every row, whatever is in it: (B, d) -> (B, 2)."""

    def output_shape(self, shape: Shape) -> Shape:
        return (2,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"point": (2,)}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        return jnp.broadcast_to(params["point"], (x.shape[0], 2)), statistics


@spec
class Height:
    """A surface (one of ``SURFACES`` by its name) as a loss: what the training program asks of a family."""

    convex: ClassVar[bool] = False
    surface: str | Surface = static()

    def loss(self, z: Array, y: Array) -> Array:
        """f of the two raw outputs, (n, 2) -> (n,)."""
        return surface_named(self.surface)(z[:, 0], z[:, 1])


def _walk(plan: Plan, data: Data, rows: Rows, state: State, points: Array) -> Array:
    """The point after every step, in the place of ``points`` (steps, 2)."""

    def one(number: Array, carry: tuple[State, Array]) -> tuple[State, Array]:
        state = run(plan, data, rows, carry[0], np.int32(1))
        return state, carry[1].at[number].set(state.moving.params[0]["point"])

    return jax.lax.fori_loop(np.int32(0), np.int32(points.shape[0]), one, (state, points))[1]
