"""Files of tables: the same table from each kind of file, and one sentence for whatever is wrong."""

import bz2
import gzip
import io
import lzma
import os
import zipfile
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from wellfit.core.errors import WellfitWarning
from wellfit.data.readers import read_table, split_target

TABLE = pd.DataFrame({"a": [1.5, 2.0, -3.0], "b": ["x", "y", "x"], "target": [0, 1, 0]})


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_csv_of_any_separator_and_encoding(tmp_path, separator, encoding):
    table = TABLE.rename(columns={"b": "Größe"})
    path = tmp_path / "t.csv"
    table.to_csv(path, sep=separator, encoding=encoding, index=False)
    western = pytest.warns(WellfitWarning, match="not UTF-8: it was read as cp1252")
    with western if encoding == "latin-1" else nullcontext():
        found, about = read_table(str(path))
    pd.testing.assert_frame_equal(found, table)
    assert about == "t.csv: 3 rows, 3 columns"


def test_parquet_and_npz(tmp_path):
    TABLE.to_parquet(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read_table(str(tmp_path / "t.parquet"))[0], TABLE)
    (tmp_path / "t.parquet").rename(tmp_path / "nameless")
    pd.testing.assert_frame_equal(read_table(str(tmp_path / "nameless"))[0], TABLE)
    X, y = np.arange(12.0).reshape(3, 2, 2), np.array([0, 1, 0])
    for x_name, y_name in (("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train")):
        np.savez(tmp_path / "t.npz", **{x_name: X, y_name: y})
        frame, _ = read_table(str(tmp_path / "t.npz"))
        assert list(frame.columns) == ["x0", "x1", "x2", "x3", "target"]
        assert frame.to_numpy().tolist() == np.c_[X.reshape(3, 4), y].tolist()
    np.savez(tmp_path / "t.npz", X=X, y=np.c_[y, 1 - y])
    assert list(read_table(str(tmp_path / "t.npz"))[0].columns)[-2:] == ["target_0", "target_1"]


def test_feather_stream_and_weights_of_an_npz(tmp_path):
    TABLE.to_feather(tmp_path / "t.feather")
    pd.testing.assert_frame_equal(read_table(str(tmp_path / "t.feather"))[0], TABLE)
    table = pa.Table.from_pandas(TABLE)
    with pa.ipc.new_stream(tmp_path / "stream", table.schema) as writer:
        writer.write_table(table)
    pd.testing.assert_frame_equal(read_table(str(tmp_path / "stream"))[0], TABLE)
    np.savez(tmp_path / "t.npz", X=np.ones((3, 1)), y=np.arange(3), weight=np.arange(3.0))
    assert read_table(str(tmp_path / "t.npz"))[0]["weight"].tolist() == [0, 1, 2]
    np.savez(tmp_path / "t.npz", X=np.ones((3, 1)), y=np.arange(3), weight=np.ones(2))
    with pytest.raises(ValueError, match=r"weight must have shape \(3,\), got \(2,\)"):
        read_table(str(tmp_path / "t.npz"))


CONTENT = b"a,b,target\n1.5,x,0\n2.0,y,1\n-3.0,x,0\n"


def zipped(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, CONTENT)
    return content.getvalue()


PACKED = {
    "t.csv.gz": gzip.compress(CONTENT),
    "t.csv.bz2": bz2.compress(CONTENT),
    "t.csv.xz": lzma.compress(CONTENT),
    "t.csv.zst": pa.compress(CONTENT, codec="zstd", asbytes=True),
    "t.zip": zipped("folder/t.csv", "__MACOSX/t.csv"),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_files(tmp_path, name):
    (tmp_path / name).write_bytes(PACKED[name])
    found, about = read_table(str(tmp_path / name))
    pd.testing.assert_frame_equal(found, TABLE)
    assert about.startswith(f"{name}: 3 rows")


def test_zips_that_are_no_table(tmp_path):
    (tmp_path / "two.zip").write_bytes(zipped("a.csv", "b.csv"))
    with pytest.raises(ValueError, match="archive of 2 files; unpack it"):
        read_table(str(tmp_path / "two.zip"))
    (tmp_path / "book.xlsx").write_bytes(zipped("xl/workbook.xml", "xl/sheet.xml"))
    with pytest.raises(ValueError, match=r"Excel workbook.* save the sheet as CSV"):
        read_table(str(tmp_path / "book.xlsx"))


@pytest.mark.parametrize(
    "content",
    [CONTENT, PACKED["t.csv.gz"], PACKED["t.csv.zst"], PACKED["t.zip"], "parquet"],
    ids=["plain", "gz", "zst", "zip", "parquet"],
)
def test_standard_input(monkeypatch, content):
    if content == "parquet":
        TABLE.to_parquet(written := io.BytesIO())
        content = written.getvalue()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    found, about = read_table("-")
    pd.testing.assert_frame_equal(found, TABLE)
    assert about == "standard input: 3 rows, 3 columns"


def test_empty_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))
    with pytest.raises(ValueError, match="standard input is empty"):
        read_table("-")


def test_samples_by_name():
    frame, about = read_table("iris")
    assert frame.shape == (150, 5)
    assert about.startswith("iris: 150 iris flowers")


BAD = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\n\n", "holds no columns"),
    "header.csv": (b"a,b,target\n", "a header but no rows"),
    "binary.csv": (b"a,b\n\0\1\2", "binary data"),
    "ragged.csv": (b"a,b\n1,2\n1,2,3\n", "line 3 has 3 fields where the header has 2; correct it, or name"),
    "longer.csv": (b"a,target\n1,2,3\n4,5,6\n", "line 2 has 3 fields where the header has 2; complete the header"),
    "quote.csv": (b'a,b\n"1,2\n', "a quote opened in line 2 is never closed"),
    "cut.parquet": (b"PAR1" + b"\0" * 40, "not a readable Parquet file"),
    "text.parquet": (b"a,b\n1,2\n", "not a readable Parquet file"),
    "cut.npz": (b"PK\3\4" + b"\0" * 40, "not a readable NPZ file"),
    "text.npz": (b"a,b\n1,2\n", "not a readable NPZ file"),
    "cut.feather": (b"ARROW1" + b"\0" * 40, r"not a readable Feather \(Arrow IPC\) file"),
    "cut.csv.gz": (gzip.compress(b"a,b\n1,2\n")[:-6], "compressed and cannot be unpacked"),
    "cut.zip": (b"PK\3\4" + b"\0" * 40, "not a readable"),
    "old.xls": (b"\xd0\xcf\x11\xe0" + b"\0" * 40, "is an Excel workbook"),
    "table.json": (b'[{"a": 1}]', "looks like JSON"),
    "page.csv": (b"<!DOCTYPE html><p>sign in</p>", "is a web page"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence(tmp_path, name):
    content, words = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        read_table(str(path))
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "arrays",
    [
        {"a": np.ones(3)},
        {"X": np.ones((3, 2)), "y": np.ones(2)},
        {"X": np.ones((3, 2)), "y": np.ones(())},
        {"X": np.ones(()), "y": np.ones(3)},
        {"X": np.ones((3, 2)), "y": np.ones((3, 2, 2))},
    ],
)
def test_an_npz_of_other_arrays_names_what_it_needs(tmp_path, arrays):
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(ValueError, match=r"needs arrays X and y .* of one length; it has"):
        read_table(str(tmp_path / "t.npz"))


def test_an_npz_of_objects_or_of_nothing_is_refused(tmp_path):
    np.savez(tmp_path / "o.npz", X=np.array([["a", 1]], object), y=np.ones(1))
    with pytest.raises(ValueError, match="plain arrays"):
        read_table(str(tmp_path / "o.npz"))
    np.savez(tmp_path / "e.npz", X=np.ones((0, 2)), y=np.ones(0))
    with pytest.raises(ValueError, match="no rows"):
        read_table(str(tmp_path / "e.npz"))


def test_a_missing_file_offers_the_nearest_name(tmp_path):
    (tmp_path / "houses.csv").write_text("a\n1\n")
    with pytest.raises(ValueError, match=r"there is no file .*did you mean .*houses\.csv'\?"):
        read_table(str(tmp_path / "house.csv"))
    with pytest.raises(ValueError, match="did you mean 'iris'"):
        read_table("irsi")
    with pytest.raises(ValueError, match="bundled samples are digits"):
        read_table(str(tmp_path / "zzz" / "q"))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        read_table(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_rights_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    path.chmod(0)
    with pytest.raises(ValueError, match="cannot be read: Permission denied"):
        read_table(str(path))


def test_the_target_is_found_or_named():
    X, y = split_target(TABLE, None)
    assert list(X.columns) == ["a", "b"]
    assert y.tolist() == [0, 1, 0]
    X, y = split_target(TABLE, "a,target")
    assert list(y.columns) == ["a", "target"]
    X, y = split_target(TABLE.rename(columns={"a": "a,b"}), "a,b")
    assert y.name == "a,b"
    X, y = split_target(TABLE.rename(columns={"a": "target_0", "target": "target_1"}), None)
    assert list(y.columns) == ["target_0", "target_1"]


@pytest.mark.parametrize(
    ("frame", "target", "words"),
    [
        (TABLE, "tarpet", "no column 'tarpet' to be the target; did you mean 'target'"),
        (TABLE, "zzz", "columns are a, b, target"),
        (TABLE.rename(columns={"target": "y"}), None, "which column is the target.*columns: a, b, y"),
    ],
)
def test_an_absent_target_is_one_sentence(frame, target, words):
    with pytest.raises(ValueError, match=words):
        split_target(frame, target)
