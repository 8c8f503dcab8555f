"""Files that were damaged anywhere: looked at without harm, and never silently shorter."""

from __future__ import annotations

import struct
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.pixels.geotiff import gdal_log
from sinks.pixels.tiff import read_header
from sinks.sources.rasters import examine_raster
from tests.sources.tiffs import SCENE, found, tag_place, write_tif

CODES = np.random.default_rng(6).integers(0, 4, (96, 120), dtype=np.uint8)
KINDS = {
    "plain": {},
    "deflate tiles": {"compress": "deflate", "tiled": True, "blockxsize": 32, "blockysize": 32},
    "lzw strips": {"compress": "lzw", "blockysize": 8},
    "zstd big": {"compress": "zstd", "bigtiff": "yes"},
    "big-endian": {"endianness": "big", "compress": "deflate"},
}
LENIENT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    return {k: write_tif(folder / f"{k}.tif", CODES, **o).read_bytes() for k, o in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_says_what_gdal_says(sound, kind, tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(sound[kind])

    header = read_header(path)

    with rasterio.open(path) as file:
        assert (header.height, header.width, header.bands) == (*file.shape, file.count)
        assert header.block_shape == file.block_shapes[0]
        assert float(header.nodata_text) == file.nodata
    assert header.claimed_bytes <= header.file_bytes == len(sound[kind])
    assert (header.pages, header.masks, header.sparse, header.overview) == (1, 0, 0, False)


@given(kind=st.sampled_from(sorted(KINDS)), share=st.floats(0, 1, exclude_max=True))
@LENIENT
def test_a_cut_file_is_always_refused(sound, tmp_path, kind, share):
    path = tmp_path / "a.tif"
    path.write_bytes(sound[kind][: int(share * len(sound[kind]))])

    assert examine_raster(path, crosswalk=SCENE).refused


@given(
    kind=st.sampled_from(sorted(KINDS)),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6
    ),
    in_tags=st.booleans(),
)
@LENIENT
def test_changed_bytes_never_raise(sound, tmp_path, kind, changes, in_tags):
    raw = bytearray(sound[kind])
    reach = 600 if in_tags else len(raw)
    for where, byte in changes:
        raw[int(where * reach)] = byte
    path = tmp_path / "a.tif"
    path.write_bytes(raw)

    facts = examine_raster(path, crosswalk=SCENE)

    for finding in facts.findings:
        assert finding.lines("zh")
        assert finding.as_json()
    if not facts.refused:
        assert facts.counts.total == facts.header.pixels


@given(
    raw=st.binary(max_size=400),
    magic=st.sampled_from([b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"]),
)
@LENIENT
def test_rubbish_behind_the_right_magic_is_refused(tmp_path, raw, magic):
    path = tmp_path / "a.tif"
    path.write_bytes(magic + raw)

    with pytest.raises(InputRefused):
        read_header(path)


def test_pages_that_lead_in_a_circle_end(tmp_path):
    path = write_tif(tmp_path / "a.tif", CODES)
    raw = bytearray(path.read_bytes())
    (directory,) = struct.unpack_from("<I", raw, 4)
    (count,) = struct.unpack_from("<H", raw, directory)
    struct.pack_into("<I", raw, directory + 2 + 12 * count, directory)
    path.write_bytes(raw)

    assert read_header(path).pages == 1


def test_a_table_that_claims_gigabytes_is_not_read(tmp_path):
    path = write_tif(tmp_path / "a.tif", CODES)
    raw = bytearray(path.read_bytes())
    (directory,) = struct.unpack_from("<I", raw, 4)
    (count,) = struct.unpack_from("<H", raw, directory)
    for i in range(count):
        struct.pack_into("<I", raw, directory + 2 + 12 * i + 4, 4_000_000_000)
    path.write_bytes(raw)

    with pytest.raises(InputRefused):
        read_header(path)


def test_what_gdal_only_mutters_is_noted_and_not_printed(tmp_path, capfd):
    path = write_tif(tmp_path / "a.tif", CODES)
    raw = bytearray(path.read_bytes())
    a, b = sorted((tag_place(bytes(raw), 258), tag_place(bytes(raw), 259)))
    raw[a : a + 12], raw[b : b + 12] = bytes(raw[b : b + 12]), bytes(raw[a : a + 12])
    path.write_bytes(raw)

    facts = examine_raster(path, crosswalk=SCENE)

    assert not facts.refused
    assert "not sorted" in found(facts, "X18").found()
    assert capfd.readouterr() == ("", "")


def test_a_line_of_the_log_that_is_no_text_is_noted_too(capfd):
    before = sys.excepthook, sys.unraisablehook
    error = UnicodeDecodeError("utf-8", b"\xa9", 0, 1, "invalid start byte")

    with gdal_log("a.tif") as log:
        sys.excepthook(UnicodeDecodeError, error, None)
        sys.unraisablehook(SimpleNamespace(exc_value=error))

    assert [f.code for f in log] == ["X18"]
    assert (sys.excepthook, sys.unraisablehook) == before
    assert capfd.readouterr() == ("", "")
