"""The model file: every byte counts, and a file is there whole or not at all."""

import errno
import io
import os
import pickle
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save as save_foreign

from wellfit.core.errors import ModelFileError
from wellfit.files import store

DOCUMENT = {"estimator": "Some", "sha256": '"sha256":"' + "0" * 64, "list": [1, 2.5, None, "ü"]}
ARRAYS = {
    "params/0/kernel": np.array([[1.5, -2.0], [3.0, 0.1]], np.float32),
    "params/0/bias": np.array([1e300, np.nan]),
    "a number": np.array(7.0),
    "empty": np.zeros((0, 3), np.float32),
    "flags": np.array([True, False]),
    "transposed": np.arange(6, dtype=np.int32).reshape(2, 3).T,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.wellfit"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a small file."""
    place = tmp_path_factory.mktemp("small") / "small.wellfit"
    store.write(place, {"a": 1}, {"w": np.array([0.5, -1.0], np.float32)})
    return place.read_bytes()


def test_a_file_goes_there_and_back_to_the_bit(path):
    store.write(path, DOCUMENT, ARRAYS)
    document, arrays = store.read(path)
    assert document == DOCUMENT
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.tobytes()


def test_arrays_of_the_other_byte_order_keep_their_values(path):
    store.write(path, {}, {"w": np.array([1.5, -2.0], ">f8")})
    assert store.read(path)[1]["w"].tolist() == [1.5, -2.0]


def test_every_flipped_bit_is_refused(content):
    store.decode(content, "small")
    for place in range(len(content)):
        for bit in range(8):
            bad = bytearray(content)
            bad[place] ^= 1 << bit
            with pytest.raises(ModelFileError, match="small"):
                store.decode(bytes(bad), "small")


def test_every_truncation_and_every_longer_file_is_refused(content):
    for length in range(len(content)):
        with pytest.raises(ModelFileError, match="small"):
            store.decode(content[:length], "small")
    for tail in (b"\0", b" ", content):
        with pytest.raises(ModelFileError, match="small"):
            store.decode(content + tail, "small")


def zipped():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("wellfit", '"sha256" "wellfit"')
    return memory.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; it is not a wellfit model file"),
        (pickle.dumps({"wellfit": "sha256"}), "pickle or an archive.*never opened"),
        (zipped(), "pickle or an archive.*never opened"),
        (save_foreign({"w": np.ones(3)}), "not a wellfit model file"),
        (save_foreign({"w": np.ones(3)}, metadata={"wellfit": "1", "sha256": "2"}), "damaged|not a wellfit"),
        (save_foreign({"w": np.ones(3)}, metadata={"wellfit": "{}", "sha256": "0" * 64}), "damaged"),
        (b"target,a\n1,2\n", "not a wellfit model file"),
        (b"\xff" * 8 + b'"wellfit" "sha256"', "damaged"),
        (b"\0" * 8 + b'"wellfit" "sha256"', "damaged"),
    ],
)
def test_what_is_not_a_model_file_is_refused(path, content, words):
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=words) as caught:
        store.read(path)
    assert "\n" not in str(caught.value)


def test_a_later_format_asks_for_an_upgrade(path, monkeypatch):
    monkeypatch.setattr(store, "FORMAT", 2)
    store.write(path, {}, {})
    monkeypatch.undo()
    with pytest.raises(ModelFileError, match="has format 2, this wellfit reads up to 1; upgrade"):
        store.read(path)


@pytest.mark.parametrize("head", ["[]", "{}", '{"format": "1", "document": {}}', "3"])
def test_a_forged_head_is_refused(path, monkeypatch, head):
    monkeypatch.setattr(store.json, "dumps", lambda *_, **__: head)
    store.write(path, {}, {})
    monkeypatch.undo()
    with pytest.raises(ModelFileError):
        store.read(path)


def test_a_folder_and_nothing_are_told_apart(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be read: Is a directory"):
        store.read(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no model file"):
        store.read(tmp_path / "nowhere.wellfit")


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["fsync", "fdopen", "chmod", "replace"])
@pytest.mark.parametrize("old", [True, False])
def test_a_full_disk_leaves_what_was_there_and_no_rest(path, monkeypatch, step, old):
    if old:
        store.write(path, {"version": "old"}, {})
    before = sorted(os.listdir(path.parent))
    monkeypatch.setattr(store.os, step, full)
    with pytest.raises(
        OSError, match=r"could not be saved .*No space left on device; nothing that was there was changed"
    ):
        store.write(path, {"version": "new"}, {})
    monkeypatch.undo()
    assert sorted(os.listdir(path.parent)) == before
    if old:
        assert store.read(path)[0] == {"version": "old"}


def test_an_interrupt_leaves_no_rest(path, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.write(path, {}, {})
    assert not os.listdir(path.parent)


@pytest.mark.parametrize("place", ["missing/model.wellfit", "folder"])
def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, place):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="could not be saved to"):
        store.write(tmp_path / place, {}, {})
    assert os.listdir(tmp_path) == ["folder"]


def test_the_file_has_the_rights_of_any_new_file(path):
    store.write(path, {}, {})
    other = path.parent / "other"
    other.touch()
    assert path.stat().st_mode == other.stat().st_mode


LOOP = """
import sys, numpy as np
from wellfit.files import store
for turn in range(10**9):
    store.write(sys.argv[1], {"turn": turn % 10}, {"w": np.full(200_000, turn % 10, np.float32)})
    print("saved", flush=True)
"""


def test_a_killed_process_leaves_a_whole_file(path):
    process = subprocess.Popen([sys.executable, "-c", LOOP, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        for _ in range(10):  # while it is being replaced, every reading is whole
            document, arrays = store.read(path)
            assert (arrays["w"] == document["turn"]).all()
        time.sleep(0.0137)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    document, arrays = store.read(path)
    assert (arrays["w"] == document["turn"]).all()


def test_a_header_of_any_length_is_read(tmp_path):
    """The file's first byte is the low byte of that length: 0x80, P and 0x1f also begin pickles and archives."""
    firsts = set()
    for more in range(0, 2200, 8):
        store.write(tmp_path / "m", {"padding": "x" * more}, {"a": np.zeros(1)})
        firsts.add((tmp_path / "m").read_bytes()[0])
        assert store.read(tmp_path / "m")[0]["padding"] == "x" * more
    assert {0x80, ord("P")} <= firsts
