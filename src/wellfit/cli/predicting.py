"""``wellfit predict``: the rows of a table with a saved model."""

from pathlib import Path
from typing import Annotated

import typer

from wellfit.cli import options, show


def predict(
    data: options.Data,
    model: options.ModelFile,
    output: Annotated[
        Path | None,
        typer.Option(help="A .csv, .tsv or .parquet file for the predictions, - for CSV on standard output."),
    ] = None,
    keep: Annotated[str | None, typer.Option(help="Columns to copy beside the predictions, such as id: a,b.")] = None,
    proba: Annotated[bool, typer.Option("--proba", help="Add the probability of every class.")] = False,
    interval: Annotated[
        float | None, typer.Option(help="Add the interval that holds the number with this probability: 0.9.")
    ] = None,
    delimiter: options.Delimiter = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    json: options.Json = False,
) -> None:
    """Predict the rows of a table with a saved model."""
    from wellfit.cli import places, rows, work
    from wellfit.data.layout import TextFormat
    from wellfit.estimators.files import load

    with options.of_options():
        text = TextFormat(delimiter, decimal, encoding)
        if interval is not None and not 0 < interval < 1:
            raise ValueError(f"--interval must be a probability in (0, 1), got {interval}.")
        if json and str(output) == "-":
            raise ValueError("--json and --output - both want standard output; name one.")
    if output is not None:
        places.check_table(output, data, model)
    loaded = load(model)
    frame, about = rows.read_frame(data, text)
    kept = rows.columns_in(frame, keep, "--keep")
    found = work.predictions(loaded, frame, kept, interval, proba)
    console = show.console(json)
    if output is not None:
        places.write_table(found, output)
    if json:
        columns = None if output else {name: work.plain(values.tolist()) for name, values in found.items()}
        show.as_json({"rows": len(found), "output": output and str(output), "predictions": columns})
    elif output is None:
        show.table(console, found)
    elif str(output) != "-":
        console.print(f"{about}\n{len(found):,} predictions written to {output}", markup=False)
