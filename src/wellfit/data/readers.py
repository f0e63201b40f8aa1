"""Files of tables, read with one sentence for whatever is wrong with them."""

import csv
import difflib
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from wellfit.core.extras import need
from wellfit.core.names import nearest
from wellfit.data.samples import SAMPLES, load_sample

TARGET = "target"


def read_table(source: str) -> tuple[Any, str]:
    """A pandas frame and a sentence about it, from a CSV, Parquet or NPZ file, or the name of a bundled sample."""
    pd = need("pandas", "cli", "reading tables")
    path = Path(source)
    if not path.exists():
        if source in SAMPLES:
            sample = load_sample(source)
            frame = pd.DataFrame(sample.X, columns=sample.names)
            frame[TARGET] = sample.y
            return frame, f"{source}: {sample.about}"
        near = nearest(source, SAMPLES) or _similar_file(path)
        hint = f"; did you mean {near!r}?" if near else f"; bundled samples are {', '.join(SAMPLES)}."
        raise ValueError(f"there is no file {source!r}{hint}")
    if path.is_dir():
        raise ValueError(f"{source!r} is a folder; name a CSV, Parquet or NPZ file.")
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise ValueError(f"{source!r} cannot be read: {error.strerror}.") from None
    if not head:
        raise ValueError(f"{source!r} is empty; a table with a header line and rows is needed.")
    if path.suffix.lower() in (".parquet", ".pq") or head[:4] == b"PAR1":
        frame = _parquet(pd, path)
    elif path.suffix.lower() == ".npz":
        frame = _npz(pd, path)
    else:
        frame = _csv(pd, path, head)
    if len(frame) == 0:
        raise ValueError(f"{source!r} has a header but no rows.")
    frame.columns = [str(name) for name in frame.columns]
    return frame, f"{path.name}: {len(frame):,} rows, {len(frame.columns)} columns"


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


def _similar_file(path: Path) -> str | None:
    folder = path.parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    found = difflib.get_close_matches(path.name, names, n=1, cutoff=0.7)
    return str(folder / found[0]) if found else None


def _csv(pd: Any, path: Path, head: bytes) -> Any:
    if b"\0" in head:
        raise ValueError(f"{str(path)!r} is not a text table: it holds binary data; CSV, Parquet and NPZ can be read.")
    encoding = "utf-8-sig"
    try:
        path.read_text(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
    first = head.decode("latin-1").splitlines()[0]
    try:
        separator = csv.Sniffer().sniff(first, delimiters=",;\t|").delimiter
    except csv.Error:
        separator = ","
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                path, sep=separator, encoding=encoding, skipinitialspace=True, low_memory=False, index_col=False
            )
    except pd.errors.ParserWarning:
        raise ValueError(f"{str(path)!r} has rows with more values than the header has names; complete it.") from None
    except pd.errors.EmptyDataError:
        raise ValueError(f"{str(path)!r} holds no columns; a header line and rows are needed.") from None
    except (pd.errors.ParserError, ValueError) as error:
        reason = str(error).replace("Error tokenizing data. C error: ", "").strip().rstrip(".")
        raise ValueError(f"{str(path)!r} is not a proper CSV table: {reason}.") from None


def _parquet(pd: Any, path: Path) -> Any:
    need("pyarrow", "cli", "reading Parquet files")
    try:
        return pd.read_parquet(path)
    except Exception as error:
        raise ValueError(f"{str(path)!r} is not a readable Parquet file: {_reason(error)}.") from None


def _npz(pd: Any, path: Path) -> Any:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except Exception as error:
        raise ValueError(f"{str(path)!r} is not a readable NPZ file of plain arrays: {_reason(error)}.") from None
    for x_name, y_name in (("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train")):
        X, y = found.get(x_name), found.get(y_name)
        if X is not None and y is not None and X.ndim and y.ndim in (1, 2) and len(X) == len(y):
            X = X.reshape(len(X), math.prod(X.shape[1:]))
            names = [TARGET] if y.ndim == 1 else [f"{TARGET}_{k}" for k in range(y.shape[1])]
            targets = pd.DataFrame(y.reshape(len(y), -1) if len(y) else y, columns=names)
            return pd.concat([pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])]), targets], axis=1)
    raise ValueError(
        f"{str(path)!r} needs arrays X and y (or x_train and y_train) of one length; it has {_listed(found)}."
    )
