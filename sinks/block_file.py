"""One finished block as a file, written whole or not at all, and checked whenever it is read.

A file is a magic word, the length and SHA-256 of a header, the header (JSON: key, window, and
of each array its name, type, shape, length and SHA-256), and the arrays, each compressed with
zstd on its own, so that codes are read without the layers beside them.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import zstandard
from numpy.typing import NDArray

from sinks.errors import EnvironmentFault
from sinks.grid import Window

_MAGIC = b"SNKBLK1\n"
_HEAD = struct.Struct("<I32s")  # length of the header, and its hash
_FAULTS = (OSError, ValueError, KeyError, TypeError, struct.error, zstandard.ZstdError)


class DamagedBlock(Exception):
    """A block is not there, or not as it was written."""


def write_block(
    path: Path, arrays: Mapping[str, NDArray[Any]], *, key: str, window: Window
) -> None:
    """Write arrays beside ``path``, flush them to the disk and move them in.

    Raises
    ------
    EnvironmentFault
        ``U06`` if the file cannot be written.
    """
    parts, packed = [], []
    for name, array in arrays.items():
        content = zstandard.ZstdCompressor(level=1).compress(np.ascontiguousarray(array).data)
        packed.append(content)
        parts.append(
            {
                "name": name,
                "dtype": array.dtype.str,
                "shape": list(array.shape),
                "bytes": len(content),
                "sha256": sha256(content).hexdigest(),
            }
        )
    header = json.dumps({"key": key, "window": list(window), "arrays": parts}).encode()
    head = _HEAD.pack(len(header), sha256(header).digest())
    write_whole(path, b"".join([_MAGIC, head, header, *packed]))


def read_block(
    path: Path, *, key: str, window: Window, names: tuple[str, ...] | None = None
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a block by name, all of them or those of ``names``.

    Raises
    ------
    DamagedBlock
        If the file is missing, was cut short or changed, belongs to another key or window, or
        lacks one of ``names``.
    """
    try:
        with path.open("rb") as file:
            parts = _header(file, key, window)
            found = {}
            for part in parts:
                if names is None or part["name"] in names:
                    found[part["name"]] = _array(file.read(part["bytes"]), part)
                else:
                    file.seek(part["bytes"], os.SEEK_CUR)
        return {name: found[name] for name in names or found}
    except _FAULTS as error:
        raise DamagedBlock(f"{path.name}: {error}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whenever the machine stops.

    Raises
    ------
    EnvironmentFault
        ``U06`` if it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    with writing(path):
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell in which place the disk failed: ``U06``."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFault.because("U06", file=path, why=str(error)) from error


def _header(file: BinaryIO, key: str, window: Window) -> list[dict[str, Any]]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("not a block")
    length, digest = _HEAD.unpack(file.read(_HEAD.size))
    text = file.read(length)
    if sha256(text).digest() != digest:
        raise ValueError("the header has changed")
    header = json.loads(text)
    if header["key"] != key or header["window"] != list(window):
        raise ValueError("a block of another computation")
    parts: list[dict[str, Any]] = header["arrays"]
    return parts


def _array(content: bytes, part: Mapping[str, Any]) -> NDArray[Any]:
    if len(content) != part["bytes"] or sha256(content).hexdigest() != part["sha256"]:
        raise ValueError(f"{part['name']} has changed")
    raw = zstandard.ZstdDecompressor().decompress(content)
    array: NDArray[Any] = np.frombuffer(raw, part["dtype"]).reshape(part["shape"])
    return array
