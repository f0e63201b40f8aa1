"""Ill-made files of text: each the right table, with a note where something was guessed, or one clear sentence."""

import csv
import warnings

import numpy as np
import pandas as pd
import pytest

from wellfit.core.errors import WellfitWarning
from wellfit.data.layout import TextFormat
from wellfit.data.readers import read_table


def read(tmp_path, content, **asked):
    """The columns as lists (NaN as None) and the notes."""
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame, _ = read_table(str(path), TextFormat(**asked))
    assert all(issubclass(warning.category, WellfitWarning) for warning in caught), caught
    columns = {
        name: [None if v is pd.NaT or v != v else str(v) if hasattr(v, "year") else v for v in values.tolist()]
        for name, values in frame.items()
    }
    return columns, "\n".join(str(warning.message) for warning in caught)


RIGHT = {
    # content, options, columns, the note
    "decimal commas": ("a;b\n1,5;2\n2,25;3\n", {}, {"a": [1.5, 2.25], "b": [2, 3]}, "decimal commas were read in a"),
    "points between thousands": (
        "a;b\n1.234,5;x\n2.000,25;y\n",
        {},
        {"a": [1234.5, 2000.25], "b": ["x", "y"]},
        "thousands",
    ),
    "a comma elsewhere tells what points are": (
        "a;b;c\n1,5;1.234;x\n2,25;5.678;y\n",
        {},
        {"a": [1.5, 2.25], "b": [1234, 5678], "c": ["x", "y"]},
        "thousands separators were read in b",
    ),
    "both decimal signs in one file": (
        "a;b\n1,5;12.5\n2,25;5.678\n",
        {},
        {"a": [1.5, 2.25], "b": [12.5, 5.678]},
        "decimal commas were read in a",
    ),
    "ambiguous, --decimal ,": ("a;b\n1,234;x\n5,678;y\n", {"decimal": ","}, {"a": [1.234, 5.678], "b": ["x", "y"]}, ""),
    "ambiguous, --decimal .": (
        "a;b\n1,234;x\n5,678;y\n",
        {"decimal": "."},
        {"a": [1234, 5678], "b": ["x", "y"]},
        "thousands",
    ),
    "a point elsewhere tells what commas are": (
        'a,b\n"1,234",1.5\n"5,678",2.5\n',
        {},
        {"a": [1234, 5678], "b": [1.5, 2.5]},
        "thousands separators were read in a",
    ),
    "two commas": ('a,b\n"1,234,567",1\n"5,678",2\n', {}, {"a": [1234567, 5678], "b": [1, 2]}, "thousands"),
    "comma and point": ('a,b\n"1,234.5",1\n"5,678",2\n', {}, {"a": [1234.5, 5678], "b": [1, 2]}, "thousands"),
    "quoted decimal commas": ('a,b\n"1,5",1\n"2,5",2\n', {}, {"a": [1.5, 2.5], "b": [1, 2]}, "decimal commas"),
    "a leading nought decides": ('a,b\n"0,234",1\n"1,500",2\n', {}, {"a": [0.234, 1.5], "b": [1, 2]}, "decimal commas"),
    "spaces between thousands": ("a,b\n1 234,1\n5 678,2\n", {}, {"a": [1234, 5678], "b": [1, 2]}, "thousands"),
    "narrow spaces": ("a,b\n1\u202f234,1\n-5\u202f678,2\n", {}, {"a": [1234, -5678], "b": [1, 2]}, "thousands"),
    "Swiss": ("a,b\n1'234.5,1\n5,2\n", {}, {"a": [1234.5, 5], "b": [1, 2]}, "thousands"),
    "plain points": ("a,b\n1.234,1\n5.678,2\n", {}, {"a": [1.234, 5.678], "b": [1, 2]}, ""),
    "a point that may be either": (
        "a;b\n1.234;1\n5.678;2\n",
        {},
        {"a": [1.234, 5.678], "b": [1, 2]},
        "--decimal , reads it as 1234",
    ),
    "question marks": ("a,b\n1,5\n2,?\n3,7.5\n", {}, {"a": [1, 2, 3], "b": [5, None, 7.5]}, "count as missing"),
    "question marks among words": ("a,b\n1,x\n2,?\n", {}, {"a": [1, 2], "b": ["x", "?"]}, ""),
    "addresses stay text": (
        "a,b\n1,192.168.1.1\n2,10.0.0.1\n",
        {},
        {"a": [1, 2], "b": ["192.168.1.1", "10.0.0.1"]},
        "",
    ),
    "names twice": ("a,a,b,a_2\n1,2,3,4\n", {}, {"a": [1], "a_3": [2], "b": [3], "a_2": [4]}, "a as a_3"),
    "a column without a name": (",a\n0,1\n1,3\n", {}, {"column_1": [0, 1], "a": [1, 3]}, "were given one: column_1"),
    "a delimiter too many": ("a,b,\n1,2,\n3,4,\n", {}, {"a": [1, 3], "b": [2, 4]}, ""),
    "no header": ("5.1,3.5\n4.9,3.0\n", {}, {"5.1": [4.9], "3.5": [3.0]}, "taken as the header"),
    "numbered columns": ("0,1\n4.9,3.0\n", {}, {"0": [4.9], "1": [3.0]}, ""),
    "Excel's word": ("sep=;\na;b\n1;2\n", {}, {"a": [1], "b": [2]}, ""),
    "spaces before quotes": ('a,b\n1, "x, ""y"""\n2, "3"\n', {}, {"a": [1, 2], "b": ['x, "y"', "3"]}, ""),
    "spaces before quoted numbers": ('a,b\n1, "2"\n2, "3"\n', {}, {"a": [1, 2], "b": [2, 3]}, ""),
    "spaces around": ("a, b , c\n 1, x ,2\n2,  ,3\n", {}, {"a": [1, 2], "b": ["x", None], "c": [2, 3]}, ""),
    "quoted newlines": ('a,b\n1,"x\ny"\n2,z\n', {}, {"a": [1, 2], "b": ["x\ny", "z"]}, ""),
    "a newline at the very end": ('a,b\n1,z\n2,"x\ny"\n', {}, {"a": [1, 2], "b": ["z", "x\ny"]}, ""),
    "delimiters in quotes": ('a;b\n1;"x;y ""z"""\n', {}, {"a": [1], "b": ['x;y "z"']}, ""),
    "tabs beside commas": (
        "name\tb\nSmith, J.\t1\nRoe, K.\t2\n",
        {},
        {"name": ["Smith, J.", "Roe, K."], "b": [1, 2]},
        "",
    ),
    "blank lines": ("\n\na,b\n\n1,2\n\n", {}, {"a": [1], "b": [2]}, ""),
    "old Macintosh": ("a,b\r1,2\r", {}, {"a": [1], "b": [2]}, ""),
    "Windows": ("a,b\r\n1,x\r\n", {}, {"a": [1], "b": ["x"]}, ""),
    "no last newline": ("a,b\n1,2", {}, {"a": [1], "b": [2]}, ""),
    "cp1252": ("Größe;b\n1,5;€\n".encode("cp1252"), {}, {"Größe": [1.5], "b": ["€"]}, "was read as cp1252"),
    "only a name": ("Größe,b\n1,2\n".encode("cp1252"), {}, {"Größe": [1], "b": [2]}, "was read as cp1252"),
    "latin-1": (b"a,b\n1,\x81\n", {}, {"a": [1], "b": ["\x81"]}, "was read as latin-1"),
    "UTF-8 with a mark": ("Größe,b\n1,ä\n".encode("utf-8-sig"), {}, {"Größe": [1], "b": ["ä"]}, ""),
    "UTF-16": ("Größe;b\n1,5;ä\n".encode("utf-16"), {}, {"Größe": [1.5], "b": ["ä"]}, "decimal commas"),
    "another encoding": ("a,b\n1,я\n".encode("koi8-r"), {"encoding": "koi8-r"}, {"a": [1], "b": ["я"]}, ""),
    "another delimiter": ("a b\n1 2\n", {"delimiter": "space"}, {"a": [1], "b": [2]}, ""),
    "a tab spelled": ("a,b\tc\n1\t2\n", {"delimiter": "\\t"}, {"a,b": [1], "c": [2]}, ""),
    # what stands before the header
    "comments": ("# made in 2020\n# by us, them\n\na,b\n1,2\n", {}, {"a": [1], "b": [2]}, "2 lines before the header"),
    "a comment with as many fields as the header": ("# us, them\na,b\n1,2\n", {}, {"a": [1], "b": [2]}, "'# us, them'"),
    "a header that is a comment": ("# by us\n#a,b\n1,2\n3,4\n", {}, {"a": [1, 3], "b": [2, 4]}, "a line before"),
    "a title": ("Sales of 2020\na;b;c\n1;2;x\n3;4;y\n", {}, {"a": [1, 3], "b": [2, 4], "c": ["x", "y"]}, "'Sales of"),
    "a title with a comma": (
        "Sales, 2020\n\na,b,c\n1,2,x\n3,4,y\n",
        {},
        {"a": [1, 3], "b": [2, 4], "c": ["x", "y"]},
        "a line before the header, 'Sales, 2020', was passed over",
    ),
    "decimal commas are no table of commas": (
        "id;size;price;c\nA;1,5;2,5;x\nB;2,5;3,5;y\nC;3,5;4,5;z\n",
        {},
        {"id": ["A", "B", "C"], "size": [1.5, 2.5, 3.5], "price": [2.5, 3.5, 4.5], "c": ["x", "y", "z"]},
        "decimal commas",
    ),
    "a title and another delimiter": (
        "Sales\n\na~b\n1~x\n3~y\n",
        {"delimiter": "~"},
        {"a": [1, 3], "b": ["x", "y"]},
        "'Sales'",
    ),
    "titles of two lines": ("Sales\nby town\n\na\tb\n1\tx\n3\ty\n", {}, {"a": [1, 3], "b": ["x", "y"]}, "2 lines"),
    "a hash inside": ("a,b\n1,#x\n#2,y\n", {}, {"a": ["1", "#2"], "b": ["#x", "y"]}, ""),
    # units
    "percent": ("a,b\n12 %,1\n5.5%,2\n", {}, {"a": [12, 5.5], "b": [1, 2]}, "the unit '%' was taken off"),
    "percent with commas": ("a;b\n12,5 %;1\n5 %;2\n", {}, {"a": [12.5, 5], "b": [1, 2]}, "the unit '%'"),
    "dollars": ('a,b\n"$1,234.50",x\n$5.00,y\n-$7,z\n', {}, {"a": [1234.5, 5, -7], "b": ["x", "y", "z"]}, "'$'"),
    "euros": ("a;b\n1.234,50 €;x\n5,00 €;y\n", {}, {"a": [1234.5, 5], "b": ["x", "y"]}, "'€'"),
    "codes": ("a,b\nEUR 12,1\nEUR 13,2\n", {}, {"a": [12, 13], "b": [1, 2]}, "the unit 'EUR'"),
    "a unit with gaps": ("a,b\n5%,1\n-,2\n,3\n", {}, {"a": [5, None, None], "b": [1, 2, 3]}, "count as missing"),
    "ranges stay text": ("a,b\n5%-10%,1\n10%-20%,2\n", {}, {"a": ["5%-10%", "10%-20%"], "b": [1, 2]}, ""),
    # dates
    "ISO dates": ("a,b\n2020-12-31,1\n,2\n", {}, {"a": ["2020-12-31 00:00:00", None], "b": [1, 2]}, ""),
    "points": (
        "a,b\n31.12.2020,1\n-,2\n1.2.2021 14:05,3\n",
        {},
        {"a": ["2020-12-31 00:00:00", None, "2021-02-01 14:05:00"], "b": [1, 2, 3]},
        "",
    ),
    "day first": (
        "a,b\n31/12/2020,1\n01/02/2021,2\n",
        {},
        {"a": ["2020-12-31 00:00:00", "2021-02-01 00:00:00"], "b": [1, 2]},
        "",
    ),
    "month first": (
        "a,b\n12/31/2020 3:04 PM,1\n01/02/2021 12:00 AM,2\n",
        {},
        {"a": ["2020-12-31 15:04:00", "2021-01-02 00:00:00"], "b": [1, 2]},
        "",
    ),
    "year first": (
        "a,b\n2020/12/31,1\n2021/1/2,2\n",
        {},
        {"a": ["2020-12-31 00:00:00", "2021-01-02 00:00:00"], "b": [1, 2]},
        "",
    ),
    "months in words": (
        'a,b\n5 May 2020,"Sept. 3, 2021"\n6-Jan-2021,"January 30, 2021"\n',
        {},
        {"a": ["2020-05-05 00:00:00", "2021-01-06 00:00:00"], "b": ["2021-09-03 00:00:00", "2021-01-30 00:00:00"]},
        "",
    ),
    "day or month": (
        "a,b\n01/02/2020,1\n03/04/2021,2\n",
        {},
        {"a": ["01/02/2020", "03/04/2021"], "b": [1, 2]},
        "'01/02/2020' may be day and month or month and day: a stayed text",
    ),
    "day and month": ("a,b\n15/1/2020,1\n1/15/2020,2\n", {}, {"a": ["15/1/2020", "1/15/2020"], "b": [1, 2]}, "stayed"),
    "a 30 February stays text": ("a,b\n30.02.2020,1\n", {}, {"a": ["30.02.2020"], "b": [1]}, ""),
    "versions stay text": ("a,b\n1.2.2020.1,1\n2.10.2020,2\n", {}, {"a": ["1.2.2020.1", "2.10.2020"], "b": [1, 2]}, ""),
    # what else people have
    "apostrophes as quotes": ("'a';'b'\n'1';'x;y'\n", {}, {"a": [1], "b": ["x;y"]}, ""),
    "UTF-16 without a mark": ("Größe;b\n1;x\n".encode("utf-16-le"), {}, {"Größe": [1], "b": ["x"]}, ""),
    "UTF-16 the other way": ("a\tb\n1\tx\n".encode("utf-16-be"), {}, {"a": [1], "b": ["x"]}, ""),
    "invisible characters": ("\u200ba,\u00a0b\n1,2\n", {}, {"a": [1], "b": [2]}, ""),
    "a mark in the middle of UTF-8": ("a,b\n1,\ufeffx\n", {}, {"a": [1], "b": ["\ufeffx"]}, ""),
    "a very long field": ("a,b\n" + "x" * 300_000 + ",1\ny,2\n", {}, {"a": ["x" * 300_000, "y"], "b": [1, 2]}, ""),
    "one column": ("a\n1\n2\n", {}, {"a": [1, 2]}, ""),
    "columns by spaces": ("a b\n1 2\n", {}, {"a b": ["1 2"]}, "only one column was found, 'a b'"),
    "yes and no": ("a,b\nyes,1\nno,2\n", {}, {"a": ["yes", "no"], "b": [1, 2]}, ""),
    "truth": ("a,b\nTRUE,1\nfalse,2\n", {}, {"a": [True, False], "b": [1, 2]}, ""),
    "infinite": ("a,b\ninf,1\n-Infinity,2\n", {}, {"a": [float("inf"), -float("inf")], "b": [1, 2]}, ""),
    "an empty column": ("a,b\n,1\n,2\n", {}, {"a": [None, None], "b": [1, 2]}, ""),
    "large integers": ("a,b\n12345678901234567890,1\n1,2\n", {}, {"a": [1.2345678901234567e19, 1], "b": [1, 2]}, ""),
    "newlines of all kinds": ("a,b\r\n1,2\n3,4\r5,6", {}, {"a": [1, 3, 5], "b": [2, 4, 6]}, ""),
    "missing values": ("a,b\n1,x\nNA,\n3,null\n", {}, {"a": [1, None, 3], "b": ["x", None, None]}, ""),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_table(tmp_path, name):
    content, asked, columns, note = RIGHT[name]
    found, notes = read(tmp_path, content, **asked)
    assert found == columns
    assert list(found) == list(columns)
    assert note in notes if note else not notes


WRONG = {
    "may be either": (
        'a,b\n"1,234",x\n"5,678",y\n',
        {},
        "'1,234', which may be 1234 or 1.234; say --decimal '.' for the",
    ),
    "both signs in a column": ("a;b\n1,5;1\n2.25;2\n", {}, "both as '2.25' and as '1,5'"),
    "too many": (
        'a,b\n1,2\n\n"x\ny",3\n1,2,3\n4\n',
        {},
        "line 6 has 3 fields where the header has 2; correct it and 1 more",
    ),
    "too few": ("a,b\n1,2\n1\n3,4\n", {}, "line 3 has 1 field where the header has 2"),
    "one name for three columns": ("a\n1,2,3\n4,5,6\n7,8,9\n", {}, "line 2 has 3 fields where the header has 1"),
    "a name too few": ("a,b\n1,2,3\n4,5,6\n", {}, "complete the header"),
    "after Excel's word": ("sep=;\na;b\n1;2\n1;2;3\n", {}, "line 4 has 3 fields"),
    "an open quote": ('a,b\n1,"x\n2,y\n', {}, "a quote opened in line 2 is never closed"),
    "a quote inside": ('a,b\n1,"x"y\n2\n', {}, "line 2 has a misplaced quote"),
    "not this encoding": (b"a,b\n1,\xe9\n", {"encoding": "utf-8"}, "is not utf-8; name another --encoding"),
    "nor this": (b"a,b\n1,\xe9\n", {"encoding": "ascii"}, "is not ascii; name another --encoding"),
    "no such encoding": ("a\n1\n", {"encoding": "utf9"}, "--encoding 'utf9' is unknown"),
    "no such sign": ("a\n1\n", {"decimal": ";"}, "--decimal must be '.' or ','"),
    "two characters": ("a\n1\n", {"delimiter": "::"}, "--delimiter must be one character"),
    "both per cent and plain": ("a,b\n5%,1\n0,2\n", {}, "both as '5%' and as '0'; write all of them with one unit"),
    "two currencies": ("a,b\n$5,1\n5 €,2\n", {}, "both as '$5' and as '5 €'"),
    "every line ends in a delimiter": (
        "a,b\n1,2,\n3,4,\n",
        {},
        "every line ends in a delimiter: end the header in one",
    ),
    "a long field and a bad line": ("a,b\n" + "x" * 300_000 + ",1\ny,2,3\n", {}, "line 3 has 3 fields"),
    "damaged UTF-8": ("a,b\nä,1\nü,2\nö,3\n".encode() + b"\xff,4\n", {}, "is UTF-8 with 1 damaged character"),
    "noughts": (b"a,b\n1\0,2\n", {}, "holds binary data"),
    "only comments": ("# a\n# b\n", {}, "holds no columns, only comments"),
    "an end-of-file mark": ("a,b\n1,2\n\x1a", {}, "line 3 has 1 field where the header has 2"),
    "a row of totals that is shorter": ("a,b,c\n1,2,3\n4,5,6\nTotal,11\n", {}, "line 4 has 2 fields"),
    "only spaces": ("  \n \n", {}, "holds no columns"),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_sentence(tmp_path, name):
    content, asked, words = WRONG[name]
    with pytest.raises(ValueError) as caught:
        read(tmp_path, content, **asked)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_column_of_mostly_decimal_commas_is_not_silently_text(tmp_path):
    found, notes = read(tmp_path, "a;b\n1,5;1\n2,25;2\nmany;3\n")
    assert found["a"] == ["1.5", "2.25", "many"]  # which the table's codec refuses, naming 'many'
    assert "decimal commas" in notes


def test_the_csv_modules_own_limit_is_put_back(tmp_path):
    before = 131_072
    with pytest.raises(ValueError, match="line 3"):
        read(tmp_path, "a,b\n" + "x" * 300_000 + ",1\ny,2,3\n")
    assert csv.field_size_limit() == before


def test_times_of_day_are_durations(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n10:30,1\n00:00:05,2\n")
    frame, _ = read_table(str(tmp_path / "t.csv"))
    assert frame["a"].dt.total_seconds().tolist() == [37800, 5]


def test_every_number_keeps_its_last_bit(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=2000) * 10.0 ** rng.integers(-300, 300, 2000), "b": rng.random(2000)})
    for separator, sign in ((",", "."), (";", ",")):
        frame.to_csv(tmp_path / "t.csv", sep=separator, decimal=sign, index=False)
        with pytest.warns(WellfitWarning) if sign == "," else warnings.catch_warnings():
            found, _ = read_table(str(tmp_path / "t.csv"))
        pd.testing.assert_frame_equal(found, frame, check_exact=True)


def test_a_bad_line_far_inside_and_a_quote_open_over_a_block(tmp_path):
    content = "a,b\n" + "1,2\n" * 200_000 + "1,2,3\n" + "1,2\n" * 1000
    with pytest.raises(ValueError, match="line 200002 has 3 fields where the header has 2"):
        read(tmp_path, content)
    with pytest.raises(ValueError, match="a quote opened in line 3 is never closed"):
        read(tmp_path, 'a,b\n1,x\n1,"' + "y,2\n" * 6_000_000)
