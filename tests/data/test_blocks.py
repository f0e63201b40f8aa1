"""Blocks: what is done a chunk at a time, and in threads, is what is done at once."""

import numpy as np
import pytest

from tests.helpers.kernels import instructions
from wellfit.data import blocks
from wellfit.data.blocks import Columns, as_floats, by_rows, extremes, side_by_side, slices
from wellfit.native import library

SHAPES = ((1, 1), (1, 5), (300, 1), (513, 1), (511, 2), (700, 20), (90, 100), (40, 300), (5, 0))


@pytest.fixture(params=[0, *library.INSTRUCTIONS], ids=["numpy", *library.INSTRUCTIONS.values()])
def every_way(request, monkeypatch):
    """By numpy, and by the kernel for each kind of processor."""
    if request.param == 0:
        monkeypatch.setattr(library, "available", lambda: False)
        yield
        return
    with instructions(request.param):
        yield


@pytest.mark.usefixtures("every_way")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("chunk", [1 << 16, 50])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", SHAPES)
def test_extremes_are_the_least_and_the_largest_of_each_column(monkeypatch, shape, order, chunk, dtype):
    X = np.array(np.random.default_rng(0).normal(size=shape), dtype, order=order)
    X[shape[0] // 2 :: 7, : shape[1] // 2] = np.nan
    X[-1:, shape[1] // 2 :] = 9.0  # where rows side by side leave some over
    X[: shape[0] // 3, -1:] = -np.inf
    monkeypatch.setattr(blocks, "CHUNK", chunk)
    monkeypatch.setattr(blocks, "LONG", 3 * chunk)
    monkeypatch.setattr(blocks, "WORTH_THREADS", 0)
    low, high = extremes(X)
    np.testing.assert_array_equal(low, np.minimum.reduce(X, axis=0))
    np.testing.assert_array_equal(high, np.maximum.reduce(X, axis=0))
    assert low.shape == high.shape == shape[1:]


@pytest.mark.parametrize("rows", [1, 16, 17, 100])
def test_slices_come_back_in_their_order_and_the_first_error_is_raised(monkeypatch, rows):
    monkeypatch.setattr(blocks, "CHUNK", 1)
    parts = list(slices(rows, 1))
    assert list(side_by_side(lambda part: part.start, parts, blocks.WORTH_THREADS)) == list(range(rows))

    def refuse(part: slice) -> int:
        raise ValueError(f"row {part.start}")

    with pytest.raises(ValueError, match="row 0"):
        side_by_side(refuse, parts, blocks.WORTH_THREADS)


def test_floats_stay_as_they_are_and_the_rest_becomes_float64():
    for dtype in (np.float32, np.float64):
        X = np.ones((2, 2), dtype)
        assert as_floats(X) is X
    assert as_floats(np.array([[1, 2]])).dtype == np.float64
    assert as_floats(np.array([[1, None]], dtype=object)).dtype == np.float64


@pytest.mark.parametrize("rows", [1, 40, 41])
def test_what_is_done_by_rows_is_what_is_done_at_once(monkeypatch, rows):
    z = np.random.default_rng(0).normal(size=(2, rows, 3))

    def work(z: np.ndarray) -> np.ndarray:
        seen.append(z.shape[1])
        return np.exp(z).sum(axis=0)

    seen = []
    monkeypatch.setattr(blocks, "CHUNK", 6 * 8 * blocks.SPARE)
    monkeypatch.setattr(blocks, "WORTH_THREADS", 0)
    assert np.array_equal(by_rows(work, z), np.exp(z).sum(axis=0))
    assert sum(seen) == rows
    assert max(seen) <= 8 * blocks.SPARE


@pytest.mark.parametrize("chunk", [7, 1 << 16])
def test_columns_side_by_side_are_a_table(monkeypatch, chunk):
    monkeypatch.setattr(blocks, "CHUNK", chunk)
    monkeypatch.setattr(blocks, "WORTH_THREADS", 0)
    X = np.random.default_rng(0).normal(size=(513, 3))
    X[4, 1] = np.nan
    columns = Columns(list(X.T), 513)
    assert (columns.shape, columns.size, len(columns), columns.dtype) == ((513, 3), 1539, 513, np.float64)
    assert np.array_equal(columns.table(), X, equal_nan=True)
    for rows in (slice(3, 9), np.array([5, 1])):
        assert np.array_equal(columns[rows], X[rows], equal_nan=True)
    for ends, wanted in zip(extremes(columns), extremes(X), strict=True):
        np.testing.assert_array_equal(ends, wanted)
    assert Columns([X[:, 0].astype(np.float32)], 513).table().dtype == np.float32
    assert Columns([X[:, 0], X[:, 1].astype(np.float32)], 513).table().dtype == np.float64


def test_no_columns_are_a_table_without_any():
    none = Columns([], 5)
    assert none.table().shape == (5, 0)
    assert none[1:3].shape == (2, 0)
    assert [len(ends) for ends in extremes(none)] == [0, 0]
