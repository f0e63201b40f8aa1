"""Files of tables, read with one sentence for whatever is wrong with them."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from wellfit.core.extras import need
from wellfit.core.names import nearest
from wellfit.data.delimited import read_delimited
from wellfit.data.layout import TextFormat
from wellfit.data.samples import SAMPLES, load_sample
from wellfit.data.sources import Source, open_source

TARGET = "target"
WEIGHT = "weight"
FEATHER = (b"ARROW1", b"FEA1", b"\xff\xff\xff\xff")


def read_table(place: str, text: TextFormat | None = None) -> tuple[Any, str]:
    """A pandas frame and a sentence about it, from a file, ``-`` (standard input), or the name of a bundled sample.

    CSV with any usual delimiter, encoding and decimal sign (``text`` says what is not to be found out), Parquet, NPZ,
    Feather (Arrow IPC); also compressed by gzip, bz2, xz or zstd, or alone in a zip archive.
    """
    pd = need("pandas", "cli", "reading tables")
    if place in SAMPLES and not Path(place).exists():
        sample = load_sample(place)
        frame = pd.DataFrame(sample.X, columns=sample.names)
        frame[TARGET] = sample.y
        return frame, f"{place}: {sample.about}"
    source = open_source(place, SAMPLES)
    if source.suffix in (".parquet", ".pq") or source.head.startswith(b"PAR1"):
        frame = _parquet(pd, source)
    elif source.suffix in (".feather", ".arrow", ".ipc") or source.head.startswith(FEATHER):
        frame = _feather(source)
    elif source.suffix == ".npz" or source.head.startswith(b"PK\3\4"):
        frame = _npz(pd, source)
    else:
        frame = read_delimited(source, text or TextFormat())
    if len(frame) == 0:
        raise ValueError(f"{source.name} has a header but no rows.")
    frame.columns = [str(name) for name in frame.columns]
    return frame, f"{source.label}: {len(frame):,} rows, {len(frame.columns)} columns"


def split_target(frame: Any, target: str | None) -> tuple[Any, Any]:
    """The frame without its target column (or columns, separated by commas), and the target."""
    if target is None:
        several = [name for name in frame.columns if name.startswith(f"{TARGET}_")]
        if TARGET in frame.columns:
            target = TARGET
        elif several:
            target = ",".join(several)
        else:
            raise ValueError(f"which column is the target? Name it with --target; columns: {_listed(frame.columns)}.")
    names = [target] if target in frame.columns else target.split(",")
    for name in names:
        if name not in frame.columns:
            near = nearest(name, frame.columns)
            hint = f"did you mean {near!r}?" if near else f"columns are {_listed(frame.columns)}."
            raise ValueError(f"there is no column {name!r} to be the target; {hint}")
    y = frame[names[0]] if len(names) == 1 else frame[names]
    return frame.drop(columns=names), y


def _listed(names: Any) -> str:
    return ", ".join(map(str, list(names)[:12])) + (", ..." if len(names) > 12 else "")


def _reason(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")


def _parquet(pd: Any, source: Source) -> Any:
    need("pyarrow", "cli", "reading Parquet files")
    try:
        with source.open() as file:
            return pd.read_parquet(file)
    except Exception as error:
        raise ValueError(f"{source.name} is not a readable Parquet file: {_reason(error)}.") from None


def _feather(source: Source) -> Any:
    feather, ipc = (need(name, "cli", "reading Feather files") for name in ("pyarrow.feather", "pyarrow.ipc"))
    try:
        with source.open() as file:
            if source.head.startswith(b"\xff\xff\xff\xff"):
                return ipc.open_stream(file).read_all().to_pandas()
            return feather.read_table(file).to_pandas()
    except Exception as error:
        raise ValueError(f"{source.name} is not a readable Feather (Arrow IPC) file: {_reason(error)}.") from None


def _npz(pd: Any, source: Source) -> Any:
    try:
        with source.open() as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except Exception as error:
        raise ValueError(f"{source.name} is not a readable NPZ file of plain arrays: {_reason(error)}.") from None
    for x_name, y_name in (("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train")):
        X, y = found.get(x_name), found.get(y_name)
        if X is not None and y is not None and X.ndim and y.ndim in (1, 2) and len(X) == len(y):
            X = X.reshape(len(X), math.prod(X.shape[1:]))
            names = [TARGET] if y.ndim == 1 else [f"{TARGET}_{k}" for k in range(y.shape[1])]
            targets = pd.DataFrame(y.reshape(len(y), -1) if len(y) else y, columns=names)
            parts = [pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])]), targets]
            return pd.concat([*parts, *_weights(pd, source, found, len(y))], axis=1)
    raise ValueError(
        f"{source.name} needs arrays X and y (or x_train and y_train) of one length; it has {_listed(found)}."
    )


def _weights(pd: Any, source: Source, found: dict[str, np.ndarray], n: int) -> list[Any]:
    """The array ``weight`` of an NPZ file as a column of that name, where there is one."""
    if "weight" not in found:
        return []
    if found["weight"].shape != (n,):
        raise ValueError(f"{source.name}: weight must have shape ({n},), got {found['weight'].shape}.")
    return [pd.DataFrame({WEIGHT: found["weight"]})]
