"""``wellfit show``: activations, losses, optimizers, schedules, networks and models, in numbers and as a picture."""

from pathlib import Path
from typing import Annotated

import typer

from wellfit.cli import decisions, options
from wellfit.cli.delivery import Output, deliver, loaded_from, place_of

app = typer.Typer(help="Pictures: of functions, optimizers, networks and fitted models.", no_args_is_help=True)

Names = Annotated[list[str], typer.Argument(help="One name, or several to compare.")]
Surface = Annotated[str, typer.Option(help="ravine, saddle, two_minima or rosenbrock.")]
Steps = Annotated[int | None, typer.Option(min=1, max=100_000, help="Steps to take. Default: the surface's own.")]
Model = Annotated[Path, typer.Argument(help="The model file.")]


@app.command()
def activation(
    name: Annotated[str, typer.Argument(help="relu, tanh, gelu, ...")],
    output: Output = None,
    json: options.Json = False,
) -> None:
    """An activation and its derivative, its range and kinks."""
    import numpy as np

    from wellfit.core.names import look_up
    from wellfit.functions.activations.table import ACTIVATIONS
    from wellfit.plots.activations import activation as draw
    from wellfit.plots.activations import curves, facts

    with options.of_options():
        f = look_up(name, ACTIVATIONS, "activation")
    place = place_of(output, name)
    x = np.arange(-5.0, 6.0)
    value, slope = curves(f, x)
    deliver(
        {"activation": name, "lowest": f.lowest, "highest": f.highest, "monotone": f.monotone,
         "kinks": f.kinks, "x": x, "value": value, "derivative": slope},
        f"{name}: {facts(f)}", {"x": x, "f(x)": value, "f'(x)": slope}, place, json, lambda ax: draw(name, ax),
    )  # fmt: skip


@app.command()
def loss(
    names: Names,
    over: Annotated[str, typer.Option(help="raw or probability: what a loss of classes is drawn over.")] = "raw",
    output: Output = None,
    json: options.Json = False,
) -> None:
    """Losses and their gradients: of one, or several on one axis."""
    import numpy as np

    from wellfit.insight.loss_profile import loss_profile
    from wellfit.plots.losses import AXES, compared
    from wellfit.plots.losses import loss as draw

    with options.of_options():
        profiles = compared(tuple(names), over)
    place = place_of(output, "-".join(names))
    z = np.linspace(profiles[0].z[0], profiles[0].z[-1], 9)
    few = [
        loss_profile(name, z + (p.y if p.axis == "error" else 0), above_floor=True) for name, p in zip(names, profiles)
    ]
    columns = {"z": z if over == "raw" else few[0].mean}
    columns |= {p.name: p.loss for p in few} | {f"{p.name}'": p.gradient for p in few}
    deliver(
        {"over": over, "losses": [vars(p) for p in few]},
        f"Loss in nats above the least there is, and its gradient; z is the {AXES[profiles[0].axis]}.",
        columns, place, json,
        *([lambda ax: draw(*names, ax=ax, over=over)] if len(names) == 1 else [
            lambda ax: draw(*names, ax=ax, show="loss", over=over),
            lambda ax: draw(*names, ax=ax, show="gradient", over=over),
        ]),
    )  # fmt: skip


@app.command()
def optimizer(
    names: Names,
    surface: Surface = "ravine",
    learning_rate: Annotated[
        float | None, typer.Option(help="Of all of them. Default: what suits the surface and the method.")
    ] = None,
    steps: Steps = None,
    relief: Annotated[bool, typer.Option("--relief", help="Draw the surface in three dimensions.")] = False,
    output: Output = None,
    json: options.Json = False,
) -> None:
    """The paths of optimizers on a surface of two parameters."""
    from wellfit.insight.surface import surface_named
    from wellfit.plots.paths import optimizer_path, optimizer_surface, travelled

    rates = None if learning_rate is None else dict.fromkeys(names, learning_rate)
    with options.of_options():
        ground = surface_named(surface)
        paths = travelled(names, ground, rates, steps)
    place = place_of(output, "-".join([*names, surface]))
    draw = optimizer_surface if relief else optimizer_path
    columns = {
        "optimizer": [path.optimizer for path in paths],
        "learning rate": [path.learning_rate for path in paths],
        "a": [path.points[-1, 0] for path in paths],
        "b": [path.points[-1, 1] for path in paths],
        "height": [path.heights[-1] for path in paths],
    }
    deliver(
        {"surface": surface, "begin": ground.begin, "minima": ground.minima, "paths": [vars(path) for path in paths]},
        f"{ground.name}: {ground.words}; after {len(paths[0].points) - 1} steps from {ground.begin}:",
        columns, place, json, lambda ax: draw(names, ground, ax, learning_rates=rates, steps=steps),
        projection="3d" if relief else None,
    )  # fmt: skip


@app.command()
def rates(
    rates: Annotated[list[float], typer.Argument(help="Learning rates to compare.")],
    optimizer: Annotated[str, typer.Option(help="sgd, momentum, adam, ...")] = "sgd",
    surface: Surface = "ravine",
    steps: Steps = None,
    output: Output = None,
    json: options.Json = False,
) -> None:
    """Learning rates of one optimizer compared on one surface."""
    from wellfit.insight.surface import descend, surface_named
    from wellfit.plots.rates import learning_rates as draw

    with options.of_options():
        ground = surface_named(surface)
        paths = [descend(optimizer, ground, learning_rate=rate, steps=steps) for rate in rates]
    place = place_of(output, f"rates-{optimizer}-{surface}")
    deliver(
        {"optimizer": optimizer, "surface": surface, "rates": rates, "heights": [path.heights for path in paths]},
        f"{optimizer} on {ground.name}, {ground.words}; after {len(paths[0].points) - 1} steps:",
        {"learning rate": rates, "height": [path.heights[-1] for path in paths]}, place, json,
        lambda ax: draw(rates, ax, optimizer=optimizer, surface=ground, steps=steps),
    )  # fmt: skip


@app.command()
def schedule(
    names: Names,
    peak: Annotated[float, typer.Option(help="The largest learning rate.")] = 1.0,
    output: Output = None,
    json: options.Json = False,
) -> None:
    """Schedules of the learning rate over the progress of training."""
    from wellfit.functions.schedules import scheduled
    from wellfit.plots.schedules import course
    from wellfit.plots.schedules import schedule as draw

    with options.of_options():
        courses = [course(scheduled(peak, name)) for name in names]
    place = place_of(output, "-".join(names))
    every = max(1, (len(courses[0][0]) - 1) // 10)
    columns = {"t": courses[0][0][::every]} | {
        name: values[::every] for name, (_, values) in zip(names, courses, strict=True)
    }
    deliver(
        {"peak": peak, "t": courses[0][0], **{name: values for name, (_, values) in zip(names, courses, strict=True)}},
        "The learning rate at progress t of training.", columns, place, json,
        lambda ax: draw(*names, ax=ax, peak=peak),
    )  # fmt: skip


@app.command()
def network(
    model: Annotated[
        Path | None, typer.Argument(help="A model file. Default: the network that the options name.")
    ] = None,
    inputs: Annotated[int, typer.Option(min=1, help="Columns of the input.")] = 2,
    hidden: Annotated[str, typer.Option(help="Widths of the hidden layers, such as 4,3.")] = "3",
    outputs: Annotated[int, typer.Option(min=1, help="Raw outputs.")] = 1,
    activation: Annotated[str, typer.Option(help="Of the hidden layers.")] = "tanh",
    output: Output = None,
    json: options.Json = False,
) -> None:
    """The diagram of a network, or of a fitted model with its weights."""
    from wellfit.cli import work
    from wellfit.networks.presets import MLP
    from wellfit.plots.diagrams import described, network_diagram

    with options.of_options():
        widths = work.widths(hidden)
        if widths == "auto":
            raise ValueError("--hidden must be widths separated by commas, such as 4,3; got 'auto'.")
        described_by_options = MLP(widths, activation).build((), outputs)
    place = place_of(output, "network" if model is None else model.stem)
    shown = described_by_options if model is None else loaded_from(model)
    shape = {"numeric": (inputs,), "codes": (0,)} if model is None else None
    columns = described(shown, shape)[0]
    lines = {
        "layer": [" ".join(column.words) for column in columns],
        "units": [" x ".join(map(str, column.shape)) for column in columns],
    }
    deliver({"layers": [{"words": column.words, "shape": column.shape} for column in columns]},
             "From the inputs to the raw outputs:", lines, place, json,
             lambda ax: network_diagram(shown, shape, ax), inches=max(4.2, 1.7 * len(columns) + 1.2))  # fmt: skip


@app.command()
def history(model: Model, output: Output = None, json: options.Json = False) -> None:
    """The loss of a fitted model by epoch, and the epoch that is kept."""
    from wellfit.plots.histories import history as draw
    from wellfit.plots.histories import recorded

    place = place_of(output, f"{model.stem}-history")
    loaded = loaded_from(model)
    curves, best = recorded(loaded)
    epochs = range(1, len(curves["loss"]) + 1)
    every = max(1, len(epochs) // 10)
    named = {
        label: curves[name] for name, label in (("loss", "training"), ("validation_loss", "held out")) if name in curves
    }
    deliver(
        {"best_epoch": best, **named}, f"Loss by epoch{'' if best is None else f'; epoch {best} is kept'}.",
        {"epoch": list(epochs)[::every], **{name: list(values)[::every] for name, values in named.items()}},
        place, json, lambda ax: draw(loaded, ax),
    )  # fmt: skip


for command in (decisions.boundary, decisions.calibration):
    app.command()(command)
