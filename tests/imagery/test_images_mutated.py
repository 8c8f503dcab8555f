"""Image files with bytes changed or cut off: refused in words, or read; never a crash."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.sources.images import read_image
from tests.imagery.pictures import SIX, whole, write_image


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    numbers = np.random.default_rng(4).integers(200, 4000, (6, 40, 40), dtype=np.int16)
    return write_image(
        tmp_path_factory.mktemp("sound") / "a.tif", numbers, compress="lzw", tiled=True,
        blockxsize=16, blockysize=16, scales=(1e-4,) * 6,
    )  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6
    ),
    in_header=st.booleans(),
    kept=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_any_bytes_are_read_or_refused_in_words(tmp_path, sound, changes, in_header, kept):
    raw = bytearray(sound.read_bytes())
    reach = 600 if in_header else len(raw)
    for place, value in changes:
        raw[int(place * reach)] = value
    path = tmp_path / "变.tif"
    path.write_bytes(raw[: int(len(raw) * kept)])

    try:
        values = whole(read_image(path, bands=SIX))
    except InputRefused as refusal:
        assert refusal.lines("zh")
        assert all(finding.file for finding in refusal.findings)
    else:
        assert values.shape[0] == 6
        assert not np.isinf(values).any()
