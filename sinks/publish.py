"""Publish a result folder whole or not at all.

A run writes into a folder beside the target. When everything is written and flushed,
``run.json`` with the hash of every file is written last, and the folder takes the place of
the old one by rename. A run that is killed leaves the old result as it was; the next run
clears what it left behind. Only one run at a time may publish to a target.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sinks.errors import EnvironmentFault, InputRefused
from sinks.files import file_hash

MANIFEST = "run.json"


@contextmanager
def workspace(target: Path, *, need_bytes: int = 0) -> Iterator[Path]:
    """Yield an empty folder beside ``target``, locked against other runs.

    Raises
    ------
    EnvironmentFault
        ``X01`` if the disk has less than ``need_bytes`` free, ``X04`` if another run
        publishes to ``target``, ``X05`` if the place cannot be written.
    InputRefused
        ``C12`` if ``target`` exists and is not a result of ours.
    """
    target = target.resolve()
    if target.exists() and not _is_ours(target):
        raise InputRefused.because("C12", file=target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault.because("X05", file=target, why=str(error)) from error
    try:
        with _locked(target.parent / f".{target.name}.lock", target):
            recover(target)
            free = shutil.disk_usage(target.parent).free
            if free < need_bytes:
                raise EnvironmentFault.because("X01", file=target, need=need_bytes, free=free)
            folder = target.parent / f".{target.name}.new"
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except PermissionError as error:
        raise EnvironmentFault.because("X05", file=target, why=str(error)) from error


def publish(folder: Path, target: Path, record: Mapping[str, object]) -> None:
    """Put ``folder`` in the place of ``target``, with ``record`` and all hashes as run.json.

    Files that someone else put into the old result are carried over.
    """
    target = target.resolve()
    outputs = {
        path.relative_to(folder).as_posix(): {"sha256": file_hash(path), "bytes": _flush(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps({**record, "outputs": outputs}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    _flush(folder / MANIFEST)
    _flush_folder(folder)
    old = _old(target)
    if target.exists():
        _carry_over(target, folder)
        target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    _flush_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def published(target: Path) -> dict[str, object] | None:
    """Return the record of the result at ``target`` if every file is as it was written."""
    try:
        record: dict[str, object] = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        outputs = record["outputs"]
    except (OSError, ValueError, KeyError):
        return None
    intact = isinstance(outputs, dict) and all(
        (target / name).is_file() and file_hash(target / name) == facts["sha256"]
        for name, facts in outputs.items()
    )
    return record if intact else None


def recover(target: Path) -> None:
    """Clear what a killed run left beside ``target``, and put the old result back."""
    old = _old(target)
    if old.exists() and not target.exists():
        old.rename(target)
    for left in (old, target.parent / f".{target.name}.new"):
        if left.exists():
            shutil.rmtree(left)


def _is_ours(target: Path) -> bool:
    if not target.is_dir():
        return False
    if not any(target.iterdir()):
        return True
    try:
        return "sinks" in json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def _carry_over(target: Path, folder: Path) -> None:
    if not any(target.iterdir()):
        return  # a folder that somebody made to be written to
    known = set(json.loads((target / MANIFEST).read_text(encoding="utf-8"))["outputs"])
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_file() and name not in known and name != MANIFEST:
            goal = folder / name
            if not goal.exists():
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, goal)


def _old(target: Path) -> Path:
    return target.parent / f".{target.name}.old"


def _flush(path: Path) -> int:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return path.stat().st_size


def _flush_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # Windows has no handle to flush a folder through
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(lock: Path, target: Path) -> Iterator[None]:
    with lock.open("a+", encoding="utf-8") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "?"
            raise EnvironmentFault.because("X04", file=target, holder=holder) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
