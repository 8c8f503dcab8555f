"""Cells: numbers, codes, dates and flags are read strictly, or refused with their address."""

from __future__ import annotations

import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, sampled_from, text

from sinks.sheets.cells import Shown, Trouble, Unreadable, read_cell, unit_factor


def read(cell, kind="number", *, unit=None, decimal_comma=False):
    return read_cell(cell, kind, unit=unit, decimal_comma=decimal_comma)


def refused(cell, kind="number", **options):
    with pytest.raises(Unreadable) as error:
        read(cell, kind, **options)
    return error.value.code


FULL_WIDTH = str.maketrans("0123456789.,-+eE", "０１２３４５６７８９．，－＋ｅＥ")


@given(floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_by_a_program_comes_back_exactly(number):
    assert read(repr(number)).content == number
    assert read(number).content == number


@given(floats(allow_nan=False, allow_infinity=False))
def test_full_width_digits_are_the_same_number_and_noted(number):
    reading = read(repr(number).translate(FULL_WIDTH))

    assert reading.content == number
    assert reading.notes == ("T08",)


@given(integers(1000, 10**12), integers(0, 99))
def test_thousands_separators_in_groups_of_three_are_noted(whole, cents):
    reading = read(f"{whole:,}.{cents:02d}")

    assert reading.content == float(f"{whole}.{cents:02d}")
    assert reading.notes == ("T27",)


@given(integers(1000, 10**9), floats(0, 1e6))
def test_a_decimal_comma_file_never_takes_a_comma_for_thousands(whole, number):
    assert refused(f"{whole:,}", decimal_comma=True) == "T09"
    assert read(repr(number), decimal_comma=True).content == number


@given(text())
def test_any_text_is_a_number_or_refused_with_a_code(written):
    try:
        reading = read(written)
    except Unreadable as fault:
        assert fault.code in {"T06", "T07", "T09", "T10", "T12", "T20"}
    else:
        assert reading.content is None or math.isfinite(reading.content)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("inf", "T06"), ("-Infinity", "T06"), ("1e400", "T06"), (math.inf, "T06"),
        (math.nan, "T06"), ("∞", "T06"), ("多", "T07"), ("约12", "T07"), ("1+2", "T07"),
        ("12-15", "T07"), ("=1+2", "T07"),
        ("1,23", "T09"), ("12,5", "T09"), ("1.234,5", "T09"), ("1 234", "T09"), ("1_000", "T09"),
        ("1,2345", "T09"), ("1'234", "T09"), ("1.2.3", "T09"), ("12.5亩", "T10"), ("12吨", "T10"),
        ("(5)", "T12"), ("—5", "T12"), (True, "T26"), (date(2024, 1, 2), "T13"),
        (datetime(2024, 1, 2), "T13"), (Trouble("T19", "=A1"), "T19"), ("#DIV/0!", "T20"),
        ("10²", "T10"), ("１０²", "T10"), ("٣", "T07"), ("३४", "T07"),
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(cell, code):
    assert refused(cell) == code


@pytest.mark.parametrize("mark", ["−", "–", "‐"])
def test_other_minus_signs_are_noted(mark):
    assert read(f"{mark}5") == (-5.0, ("T30",))


@pytest.mark.parametrize("mark", ["-", "—", "/", "无", "NA", "n/a", "NaN", "null", "None", "－"])
def test_marks_for_nothing_are_blank_and_not_zero(mark):
    assert read(mark) == (None, ("T37",))
    assert read(mark, "code") == (None, ("T37",))


def test_nothing_at_all_is_blank_without_a_note():
    for nothing in (None, "", "  ", "　"):
        for kind in ("number", "code", "text", "date", "flag"):
            assert read(nothing, kind) == (None, ())


@pytest.mark.parametrize(
    ("cell", "unit", "content"),
    [
        ("12.5万", None, 125_000.0), ("12.5 亩", "mu", 12.5), ("150亩", "ha", 10.0),
        ("1.5万亩", "ha", 1000.0),
        ("３５％", "pct", 35.0), ("5‰", "pct", 0.5), ("2 km²", "ha", 200.0), ("10㎡", "m2", 10.0),
        ("3万元", "yuan", 30_000.0), ("5公里", "km", 5.0), ("12 t", "t", 12.0),
        ("7 tC/ha", "tc_per_ha", 7.0),
    ],
)  # fmt: skip
def test_units_in_cells_are_converted_and_noted(cell, unit, content):
    reading = read(cell, unit=unit)

    assert reading.content == pytest.approx(content, rel=1e-12)
    assert "T28" in reading.notes


@given(sampled_from(["ha", "mu", "m2", "km2"]), sampled_from(["ha", "mu", "m2", "km2"]))
def test_units_of_area_convert_there_and_back(one, other):
    assert unit_factor(one, other) * unit_factor(other, one) == pytest.approx(1)


@pytest.mark.parametrize(
    ("word", "unit"), [("tCO2e", "tc"), ("元", "ha"), ("t", "tc"), ("石", "ha")]
)
def test_carbon_is_not_carbon_dioxide_and_money_no_area(word, unit):
    assert unit_factor(word, unit) is None


def test_a_percent_cell_is_read_as_it_is_shown():
    assert read(Shown(0.35, "0.0%"), unit="pct") == (35.0, ("T21",))
    assert read(Shown(0.35, "0%"), unit="ha") == (0.35, ())
    assert read(Shown(35, "0%"), unit="ha") == (35.0, ("T21",))


# ---- codes -------------------------------------------------------------------------------


@given(integers(0, 10**14))
def test_a_code_keeps_its_leading_zeros(number):
    code = f"{number:018d}"

    assert read(code, "code").content == code


def test_a_code_stored_as_a_number_is_noted_and_padded_as_shown():
    assert read(103, "code") == ("103", ("T14",))
    assert read(103.0, "code") == ("103", ("T14",))
    assert read(Shown(103, "0000"), "code") == ("0103", ("T14",))
    assert read("０１０１", "code") == ("0101", ("T08",))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (datetime(2024, 1, 2), "T13"), ("2024-01-02", "T13"), ("1月2日", "T13"), ("2-Jan", "T13"),
        ("3.20903E+17", "T15"), (3.20903e17, "T15"), (1.5, "T15"), (320903002001000000, "T15"),
        (True, "T26"), (Trouble("T20", "#REF!"), "T20"),
    ],
)  # fmt: skip
def test_a_code_that_excel_has_changed_is_refused(cell, code):
    assert refused(cell, "code") == code


# ---- text, dates, flags ------------------------------------------------------------------


def test_text_stays_as_it_is_even_if_it_is_called_na():
    assert read(" NA ", "text").content == "NA"
    assert read("None", "text").content == "None"
    assert read(12.0, "text").content == "12"
    assert read(date(2025, 6, 30), "text").content == "2025-06-30"
    assert refused(True, "text") == "T26"


@pytest.mark.parametrize(
    "cell", ["2025-06-30", "2025/6/30", "2025年6月30日", "2025.6.30", "20250630", "２０２５-06-30",
             datetime(2025, 6, 30), date(2025, 6, 30), 20250630]
)  # fmt: skip
def test_dates_are_read_in_the_ways_people_write_them(cell):
    assert read(cell, "date").content == date(2025, 6, 30)


@pytest.mark.parametrize("cell", ["30/6/2025", "2025-13-01", "6月30日", 45838, "昨天"])
def test_a_date_that_is_not_clear_is_refused(cell):
    assert refused(cell, "date") == "T39"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("是", True),
        ("否", False),
        ("TRUE", True),
        (True, True),
        (0, False),
        (1.0, True),
        ("√", True),
    ],
)
def test_flags_are_yes_or_no(cell, said):
    assert read(cell, "flag").content is said


def test_a_flag_that_is_neither_is_refused():
    assert refused("也许", "flag") == "T39"
    assert refused(2, "flag") == "T39"
    assert refused(True, "date") == "T26"
