"""Which file holds which bands: one file with several, or a file for each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sinks.errors import InputRefused
from sinks.imagery.roles import SKIP, checked_roles

Paths = Path | str | Mapping[str, Path | str]
Bands = Sequence[str] | Mapping[str, str] | None


class BandFile(NamedTuple):
    """A file with the roles of its bands in order; ``skip`` is a band that is not wanted."""

    path: Path
    roles: tuple[str, ...]


def band_files(paths: Paths, bands: Bands) -> tuple[BandFile, ...]:
    """Say which files hold the bands of an image.

    Three forms are understood: a file and the sequence of its roles; a mapping of roles to
    single-band files; a folder and a mapping of roles to file name patterns.

    Raises
    ------
    InputRefused
        ``B06`` for any other form, ``B02`` and ``B03`` for roles, ``B05`` if a pattern does
        not match exactly one file.
    """
    if isinstance(paths, Mapping):
        return _files_by_role(paths, bands)
    place = Path(paths)
    if isinstance(bands, Mapping):
        return _files_by_role(_matching(place, bands), None)
    if isinstance(bands, str) or not bands or place.is_dir():
        raise InputRefused.because("B06", file=place, place="bands", what=_shown(bands))
    roles = checked_roles(bands)
    if set(roles) == {SKIP}:
        raise InputRefused.because("B06", file=place, place="bands", what=_shown(bands))
    return (BandFile(place, roles),)


def _shown(bands: Bands) -> str:
    return f"bands = {bands if isinstance(bands, str) else ', '.join(bands or ()) or '—'}"


def _files_by_role(paths: Mapping[str, Path | str], bands: Bands) -> tuple[BandFile, ...]:
    if not paths or bands:
        raise InputRefused.because(
            "B06", place="bands", what=f"{len(paths)} files, bands = {_shown(bands)}"
        )
    checked_roles(list(paths))
    if SKIP in paths:
        raise InputRefused.because("B06", place=SKIP, what=f"{SKIP} = {paths[SKIP]}")
    files = [Path(path) for path in paths.values()]
    if twice := sorted({str(file) for file in files if files.count(file) > 1}):
        raise InputRefused.because("B03", file=twice[0], place=", ".join(paths), what=twice)
    return tuple(BandFile(file, (role,)) for file, role in zip(files, paths, strict=True))


def _matching(folder: Path, patterns: Mapping[str, str]) -> dict[str, Path | str]:
    if not folder.is_dir():
        raise InputRefused.because("B06", file=folder, place="bands", what=f"{folder} ≠ folder")
    return {role: _one_match(folder, role, pattern) for role, pattern in patterns.items()}


def _one_match(folder: Path, role: str, pattern: str) -> Path:
    inside = pattern and not Path(pattern).is_absolute() and ".." not in Path(pattern).parts
    found = sorted(folder.glob(pattern)) if inside else []
    if len(found) != 1:
        raise InputRefused.because(
            "B05", file=folder, place=role, role=role, pattern=pattern, count=len(found),
            names=[path.name for path in found[:5]],
        )  # fmt: skip
    return found[0]
