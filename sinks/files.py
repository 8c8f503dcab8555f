"""Files as bytes: their hashes, and the companions that belong to them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

_CHUNK = 1 << 20


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, read once in chunks."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def companions(path: Path) -> list[Path]:
    """Return the files that make up an input: a shapefile has its parts beside it."""
    if path.suffix.lower() != ".shp":
        return [path]
    parts = (".shp", ".shx", ".dbf", ".prj", ".cpg")
    return sorted(
        p for p in path.parent.glob("*") if p.stem == path.stem and p.suffix.lower() in parts
    )


def files_hash(path: Path) -> str:
    """Return one SHA-256 for an input, whatever number of files it is made of."""
    files = companions(path)
    if files == [path]:
        return file_hash(path)
    return sha256("".join(file_hash(file) for file in files).encode()).hexdigest()
