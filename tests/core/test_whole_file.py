"""A file appears complete or not at all."""

import os

import pytest

from wellfit.core.whole_file import written_whole


def test_it_replaces_only_when_all_is_written(tmp_path):
    place = tmp_path / "a"
    place.write_bytes(b"old")
    with written_whole(place) as file:
        file.write(b"new")
        assert place.read_bytes() == b"old"
    assert place.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("trouble", [OSError, KeyboardInterrupt])
def test_trouble_leaves_what_was_there(tmp_path, trouble):
    place = tmp_path / "a"
    place.write_bytes(b"old")

    def fail():
        with written_whole(place) as file:
            file.write(b"new")
            raise trouble

    with pytest.raises(trouble):
        fail()
    assert place.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_permissions_are_a_new_files_or_those_given(tmp_path):
    plain, secret, usual = (tmp_path / name for name in ("plain", "secret", "usual"))
    usual.touch()
    with written_whole(plain), written_whole(secret, 0o600):
        pass
    assert [path.stat().st_mode & 0o777 for path in (plain, secret)] == [usual.stat().st_mode & 0o777, 0o600]
