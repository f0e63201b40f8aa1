"""One safe file: a safetensors container, a JSON document in it, and a digest of every byte.

No pickle. The digest is a SHA-256 of the whole file with its own characters taken as zeros, and is checked before
anything else is believed: safetensors alone lets most flipped bits pass. A file appears under its name complete or
not at all: it is written beside it, synced, and renamed.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as parse
from safetensors.numpy import save as serialise

from wellfit.core.errors import ModelFileError
from wellfit.core.whole_file import written_whole

FORMAT = 1
KEY = "wellfit"
DIGEST_KEY = "sha256"
ZEROS = "0" * 64
LONGEST_HEADER = 100 * 2**20


def write(path: str | os.PathLike[str], document: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write a JSON-able document and named arrays to ``path``, replacing what is there only when all is written."""
    place = Path(path)
    head = json.dumps({"format": FORMAT, "document": document}, allow_nan=False)
    plain = {name: np.ascontiguousarray(array).reshape(np.shape(array)) for name, array in arrays.items()}
    content = serialise(plain, metadata={KEY: head, DIGEST_KEY: ZEROS})
    at = _digest_at(content)
    digest = hashlib.sha256(content).hexdigest().encode()
    _replace(place, content[:at] + digest + content[at + 64 :])


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The document and the arrays of a file that ``write`` made; ``ModelFileError`` for anything else."""
    place = Path(path)
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no model file {str(place)!r}.") from None
    except OSError as error:
        raise ModelFileError(f"the model file {str(place)!r} cannot be read: {error.strerror}.") from None
    return decode(content, str(place))


def decode(content: bytes, name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The document and the arrays in the bytes of a model file; ``name`` is for error messages."""
    head = verified(content, name)
    if not (isinstance(head, dict) and isinstance(head.get("format"), int) and isinstance(head.get("document"), dict)):
        raise ModelFileError(f"{name!r} holds no model that wellfit wrote; use another copy.")
    if head["format"] > FORMAT:
        raise ModelFileError(
            f"{name!r} has format {head['format']}, this wellfit reads up to {FORMAT}; upgrade wellfit to load it."
        )
    return head["document"], parse(content)


def verified(content: bytes, name: str) -> dict[str, Any]:
    """The JSON head of a model file, after the digest of the whole file was found right."""
    _refuse_foreign(content, name)
    damaged = ModelFileError(f"{name!r} is damaged or cut short (its checksum does not match); use another copy.")
    try:
        at = _digest_at(content)
        found = content[at : at + 64]
        expected = hashlib.sha256(content[:at] + ZEROS.encode() + content[at + 64 :]).hexdigest().encode()
        if found != expected:
            raise damaged
        length = int.from_bytes(content[:8], "little")
        return json.loads(json.loads(content[8 : 8 + length])["__metadata__"][KEY])
    except (ValueError, KeyError, TypeError, IndexError, SafetensorError):
        raise damaged from None


def _refuse_foreign(content: bytes, name: str) -> None:
    if not content:
        raise ModelFileError(f"{name!r} is empty; it is not a wellfit model file.")
    # The marks come first: a file of ours begins with the length of its header, whose first byte may be any.
    if content[8:9] == b"{" and f'"{DIGEST_KEY}"'.encode() in content and f'"{KEY}"'.encode() in content:
        return
    if content[:1] == b"\x80" or content[:2] in (b"PK", b"\x1f\x8b") or content[:6] == b"\x93NUMPY":
        raise ModelFileError(
            f"{name!r} is a pickle or an archive, not a wellfit model file; such files are never opened."
        )
    raise ModelFileError(f"{name!r} is not a wellfit model file, or its head is damaged.")


def _digest_at(content: bytes) -> int:
    """Where the 64 characters of the digest begin, inside the header."""
    length = int.from_bytes(content[:8], "little")
    if not 0 < length <= min(LONGEST_HEADER, len(content) - 8):
        raise ValueError("no header")
    mark = f'"{DIGEST_KEY}":"'.encode()
    at = content.index(mark, 8, 8 + length) + len(mark)
    if at + 64 > 8 + length:
        raise ValueError("no digest")
    return at


def _replace(place: Path, content: bytes) -> None:
    try:
        with written_whole(place) as file:
            file.write(content)
    except OSError as error:
        raise OSError(
            f"the model could not be saved to {str(place)!r}: {error.strerror or error}; nothing that was there was "
            "changed, choose another place or make room."
        ) from None
