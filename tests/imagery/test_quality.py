"""Quality masks: by hand on a scene of 4 x 4, and refused where they do not belong."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.errors import InputRefused, Reaction
from sinks.imagery.quality import QualityScheme
from sinks.parameters.imagery import quality_scheme
from sinks.sources.images import Quality, read_image
from tests.imagery.pictures import codes_of, ramp, whole, write_image

SCL = np.uint8([[4, 5, 6, 7], [0, 1, 2, 3], [8, 9, 10, 11], [4, 8, 4, 3]])
S2_CLEAR = np.array([[1, 1, 1, 1], [0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0]], dtype=bool)


@pytest.fixture
def image(tmp_path):
    return write_image(tmp_path / "影像.tif", ramp(bands=2, rows=4, cols=4))


def read(image, quality, scheme, **more):
    return read_image(
        image, bands=["red", "nir"], scale=1e-4, quality=Quality(quality, scheme), **more
    )


def clear_of(result):
    values = whole(result)
    np.testing.assert_array_equal(np.isnan(values[0]), np.isnan(values[1]))
    return ~np.isnan(values[0])


def refused(image, quality, scheme):
    with pytest.raises(InputRefused) as refusal:
        read(image, quality, scheme)
    return refusal


def test_the_scene_classification_of_sentinel_2_leaves_out_cloud_shadow_and_snow(tmp_path, image):
    scl = write_image(tmp_path / "SCL.tif", SCL)

    masked = read(image, scl, quality_scheme("s2_scl"))

    np.testing.assert_array_equal(clear_of(masked), S2_CLEAR)
    plain = whole(read_image(image, bands=["red", "nir"], scale=1e-4))
    np.testing.assert_array_equal(whole(masked)[:, S2_CLEAR], plain[:, S2_CLEAR])


def test_the_bits_of_landsat_leave_out_cloud_shadow_snow_and_fill(tmp_path, image):
    fill, dilated, cirrus, cloud, shadow, snow, clear, water = (1 << bit for bit in range(8))
    low = 1 << 8 | 1 << 10 | 1 << 12 | 1 << 14  # confidence of cloud, shadow, snow and cirrus
    codes = [
        [fill, low | dilated, low | cirrus, low | cloud],
        [low | shadow, low | snow, low | clear, low | clear | water],
        [low | clear | cloud, low | water, low, low | clear | shadow],
        [clear, clear | water | 1 << 9, cirrus | cloud, fill],
    ]
    path = write_image(tmp_path / "QA_PIXEL.tif", np.uint16(codes), nodata=1)

    masked = read(image, path, quality_scheme("landsat_qa_pixel"))

    expected = [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0]]
    np.testing.assert_array_equal(clear_of(masked), np.array(expected, dtype=bool))


@pytest.mark.parametrize(
    ("scheme", "clear"),
    [
        ({"keep": frozenset({4})}, [4]),
        ({"drop": frozenset({4, 5, 6, 7, 0, 1})}, [2, 3, 8, 9, 10, 11]),
        ({"drop_bits": frozenset({0, 3})}, [0, 2, 4, 6]),
    ],
    ids=["keep", "drop", "bits"],
)
def test_a_scheme_may_be_stated(tmp_path, image, scheme, clear):
    path = write_image(tmp_path / "q.tif", SCL, nodata=None)

    masked = read(image, path, QualityScheme(name="own", **scheme))

    np.testing.assert_array_equal(clear_of(masked), np.isin(SCL, clear))


def test_a_coarser_mask_covers_all_the_pixels_below(tmp_path, image):
    path = write_image(tmp_path / "q.tif", np.uint8([[4, 9], [9, 5]]), pixel_m=20.0)

    masked = read(image, path, quality_scheme("s2_scl"))

    expected = np.kron([[1, 0], [0, 1]], np.ones((2, 2))).astype(bool)
    np.testing.assert_array_equal(clear_of(masked), expected)
    assert "B14" in [finding.code for finding in masked.findings]


def test_of_a_finer_mask_all_must_be_clear(tmp_path, image):
    fine = np.full((8, 8), 4, dtype=np.uint8)
    fine[0, 0] = 9
    fine[7, 7] = 0
    path = write_image(tmp_path / "q.tif", fine, pixel_m=5.0)

    expected = np.ones((4, 4), dtype=bool)
    expected[0, 0] = expected[3, 3] = False
    np.testing.assert_array_equal(clear_of(read(image, path, quality_scheme("s2_scl"))), expected)


def test_where_the_mask_does_not_reach_nothing_is_clear(tmp_path, image):
    path = write_image(tmp_path / "q.tif", np.full((4, 4), 4, dtype=np.uint8), shift=(20, 0))

    expected = np.zeros((4, 4), dtype=bool)
    expected[:, 2:] = True
    np.testing.assert_array_equal(clear_of(read(image, path, quality_scheme("s2_scl"))), expected)


def test_a_date_wholly_under_cloud_is_noted_not_refused(tmp_path, image):
    path = write_image(tmp_path / "q.tif", np.full((4, 4), 9, dtype=np.uint8))

    (note,) = [f for f in read(image, path, quality_scheme("s2_scl")).findings if f.code == "B20"]

    assert note.reaction == Reaction.NOTE
    assert note.facts["px"] == 16


def test_an_unknown_scheme_is_refused_with_the_nearest():
    with pytest.raises(InputRefused) as refusal:
        quality_scheme("s2_slc")

    assert codes_of(refusal) == ["B16"]
    assert refusal.value.findings[0].facts["near"] == "s2_scl"


@pytest.mark.parametrize(
    "lists",
    [
        {},
        {"keep": frozenset()},
        {"keep": frozenset({1}), "drop": frozenset({2})},
        {"drop_bits": frozenset({64})},
    ],
)
def test_a_scheme_says_one_thing(lists):
    with pytest.raises(InputRefused) as refusal:
        QualityScheme(name="own", **lists)
    assert codes_of(refusal) == ["B16"]


@pytest.mark.parametrize("options", [{"shift": (3, 0)}, {"crs": "EPSG:8857"}, {"shift": (900, 0)}])
def test_a_mask_that_is_not_on_the_grid_is_refused(tmp_path, image, options):
    path = write_image(tmp_path / "q.tif", SCL, **options)

    assert codes_of(refused(image, path, quality_scheme("s2_scl"))) == ["B17"]


@pytest.mark.parametrize(
    "codes",
    [np.uint8([[4, 77]]), np.float32([[4, 5]]), np.uint8([[[4, 5]], [[4, 5]]])],
    ids=["codes that the scheme does not define", "fractions", "several bands"],
)
def test_a_file_that_holds_no_codes_of_the_scheme_is_refused(tmp_path, image, codes):
    path = write_image(tmp_path / "q.tif", codes)

    assert codes_of(refused(image, path, quality_scheme("s2_scl"))) == ["B18"]


def test_a_mask_that_is_not_there_is_refused(tmp_path, image):
    refusal = refused(image, tmp_path / "没有.tif", quality_scheme("s2_scl"))

    assert codes_of(refusal) == ["C09"]
