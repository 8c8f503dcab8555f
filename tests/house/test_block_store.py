"""Blocks on disk: a killed run goes on where it was, and nothing damaged is ever used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.block_store import BlockStore, key_of, run_blocks
from sinks.errors import EnvironmentFault
from sinks.grid import Window
from sinks.inference.prediction import BlockResult
from sinks.landcover.cover import LandCover
from tests.scenes import SCENE_LEGEND, scene_grid

SHAPE = 1300, 1700  # 3 x 4 blocks
ROOT = Path(__file__).resolve().parents[2]


def make(window):
    """Codes 1-3 and two layers that follow from the place of a pixel alone."""
    rows = np.arange(window.row, window.row + window.height)[:, np.newaxis]
    cols = np.arange(window.col, window.col + window.width)[np.newaxis, :]
    codes = ((rows * 7 + cols * 3) // 11 % 3 + 1).astype(np.uint8)
    place = (rows * 10_000.0 + cols).astype(np.float32)
    layers = {"place": place[np.newaxis], "both": np.stack([place, -place])}
    return BlockResult(window=window, codes=codes, layers=layers)


def store_in(folder, key="a"):
    return BlockStore(folder=folder, key=key, grid=scene_grid(SHAPE))


def hashes(folder):
    return {p.name: sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("*.block"))}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    store = store_in(tmp_path_factory.mktemp("finished"))
    run_blocks(make, store)
    return store


WINDOWS = st.builds(
    lambda r, c, h, w: Window(r, c, min(h, SHAPE[0] - r), min(w, SHAPE[1] - c)),
    st.integers(0, SHAPE[0] - 1),
    st.integers(0, SHAPE[1] - 1),
    st.integers(1, 1300),
    st.integers(1, 1700),
)


@given(WINDOWS)
def test_a_window_is_read_across_the_borders_of_blocks(finished, window):
    expected = make(window)

    np.testing.assert_array_equal(finished.codes().read(window), expected.codes)
    both = finished.layer("both", ("plus", "minus")).read(window)
    np.testing.assert_array_equal(both, expected.layers["both"])


def test_the_codes_of_a_finished_run_are_a_land_cover(tmp_path):
    store = store_in(tmp_path)

    done = run_blocks(make, store, threads=2)

    cover = LandCover(blocks=store.codes(), legend=SCENE_LEGEND, year=2024, pixels=done.pixels)
    whole = make(Window(0, 0, *SHAPE)).codes
    assert done.pixels == {code: int((whole == code).sum()) for code in (1, 2, 3)}
    assert [c.key for c in cover.classes()] == ["forest", "grass", "water"]
    assert (done.computed, done.kept) == (12, 0)


def test_progress_counts_every_block_and_begins_with_those_of_an_earlier_run(tmp_path):
    store, told = store_in(tmp_path), []
    run_blocks(make, store)
    for window in store.windows()[3:]:
        store.path(window).unlink()

    run_blocks(make, store, progress=lambda done, total: told.append((done, total)))

    assert told == [(done, 12) for done in range(3, 13)]


def test_blocks_are_the_same_bytes_on_any_number_of_threads(tmp_path, finished):
    for threads in (1, 2, 3):
        run_blocks(make, store_in(tmp_path / str(threads)), threads=threads)
        assert hashes(tmp_path / str(threads)) == hashes(finished.folder)


SLOW_RUN = """
import sys, time
from pathlib import Path
from tests.house.test_block_store import make, run_blocks, store_in

def slowly(window):
    time.sleep(0.1)
    return make(window)

run_blocks(slowly, store_in(Path(sys.argv[1])), threads=2)
"""


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path, finished):
    child = subprocess.Popen([sys.executable, "-c", SLOW_RUN, str(tmp_path)], cwd=ROOT)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("*.block"))) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    (tmp_path / "r0000000_c0000000.block.part").write_bytes(b"what the kill cut short")
    survived = set(hashes(tmp_path))
    computed = []

    def counted(window):
        computed.append(window)
        return make(window)

    done = run_blocks(counted, store_in(tmp_path))

    store = store_in(tmp_path)
    assert 4 <= len(survived) < 12
    assert {store.path(window).name for window in computed} == set(hashes(tmp_path)) - survived
    assert (done.computed, done.kept) == (12 - len(survived), len(survived))
    assert hashes(tmp_path) == hashes(finished.folder)
    assert list(tmp_path.glob("*.part")) == []


def cut(raw):
    return raw[: len(raw) // 2]


def flip_in_the_header(raw):
    return raw[:60] + bytes([raw[60] ^ 1]) + raw[61:]


def flip_in_a_layer(raw):
    return raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:]


@pytest.mark.parametrize("damage", [cut, flip_in_the_header, flip_in_a_layer, lambda raw: b""])
def test_a_damaged_block_is_computed_again_and_noted(tmp_path, finished, damage):
    store = store_in(tmp_path)
    run_blocks(make, store)
    path = store.path(store.windows()[5])
    path.write_bytes(damage(path.read_bytes()))

    done = run_blocks(make, store)

    assert (done.computed, done.kept) == (1, 11)
    (note,) = done.findings
    assert note.code == "U03"
    assert path.name in note.found()
    assert hashes(tmp_path) == hashes(finished.folder)


def test_a_block_in_the_place_of_another_is_not_used(tmp_path):
    store = store_in(tmp_path)
    run_blocks(make, store)
    first, second = (store.path(window) for window in store.windows()[:2])
    second.write_bytes(first.read_bytes())

    assert run_blocks(make, store).computed == 1


def test_another_key_empties_the_store_of_its_own_files_only(tmp_path):
    run_blocks(make, store_in(tmp_path))
    (tmp_path / "notes.docx").write_text("a clerk put this here")

    done = run_blocks(make, store_in(tmp_path, key="b"))

    assert done.kept == 0
    assert [f.code for f in done.findings] == ["U04"]
    assert (tmp_path / "notes.docx").exists()


def test_a_key_depends_on_every_fact():
    facts = {"image": "1f", "model": "2a", "layers": ["entropy"]}

    assert key_of(facts) != key_of({**facts, "layers": ["probability"]})
    assert key_of(facts) == key_of(dict(reversed(facts.items())))


def test_a_block_that_is_damaged_after_the_run_is_refused_when_it_is_read(tmp_path):
    store = store_in(tmp_path)
    run_blocks(make, store)
    path = store.path(store.windows()[0])
    path.write_bytes(flip_in_a_layer(path.read_bytes()))

    assert (
        store.codes().read(Window(0, 0, 2, 2)).tolist() == make(Window(0, 0, 2, 2)).codes.tolist()
    )
    with pytest.raises(EnvironmentFault, match="U05"):
        store.layer("both", ("plus", "minus")).read(Window(0, 0, 2, 2))


def test_a_disk_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "store").write_text("a file where the folder should be")

    with pytest.raises(EnvironmentFault, match="U06") as refused:
        run_blocks(make, store_in(tmp_path / "store"))

    assert "store" in refused.value.findings[0].file


def test_a_finished_store_can_be_cleared(tmp_path):
    store = store_in(tmp_path)
    run_blocks(make, store)

    store.clear()

    assert list(tmp_path.iterdir()) == []
