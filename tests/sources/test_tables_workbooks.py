"""Excel workbooks: what a sheet can hide, and what an archive can do."""

from __future__ import annotations

import time
import zipfile
from datetime import datetime

import openpyxl
import pytest

from sinks.errors import InputRefused, Reaction
from sinks.sheets import workbooks
from sinks.sources.tables import Column, read_table
from tests.sources.test_tables_rows import COLUMNS, codes

HEADER = ["编码", "面积"]


@pytest.fixture
def xlsx(tmp_path):
    def write(rows, *, change=lambda book, sheet: None, name="碳密度 表.xlsx"):
        book = openpyxl.Workbook()
        book.active.title = "面积"
        for row in rows:
            book.active.append(row)
        change(book, book.active)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


def rewritten(path, member, change):
    """Change one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[member] = change(parts.get(member, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def refused(path, **options):
    with pytest.raises(InputRefused) as error:
        read_table(path, columns=COLUMNS, **options)
    finding = error.value.findings[0]
    assert finding.file == str(path)
    assert all(finding.lines(language) for language in ("zh", "en"))
    return finding


def test_a_workbook_is_read_with_sheet_and_rows(xlsx):
    read = read_table(xlsx([HEADER, ["0101", 10.5], ["0102", 20]]), columns=COLUMNS)

    assert read.frame["zone"].to_list() == ["0101", "0102"]
    assert read.frame["area_ha"].to_list() == [10.5, 20.0]
    assert (read.sheet, read.findings) == ("面积", ())


@pytest.mark.parametrize(
    ("row", "code", "place"),
    [
        ([datetime(2024, 1, 2), 5], "T13", "面积!A2"),
        (["1", datetime(2024, 1, 2)], "T13", "面积!B2"),
        (["1", "=1+2"], "T19", "面积!B2"),
        (["1", True], "T26", "面积!B2"),
        ([True, 5], "T26", "面积!A2"),
        (["1", None], "T05", "面积!B2"),
        ([3.20903e17, 5], "T15", "面积!A2"),
        (["1", "多"], "T07", "面积!B2"),
        (["1", -5], "T04", "面积!B2"),
    ],
)
def test_a_cell_that_cannot_be_trusted_is_refused_with_sheet_and_address(xlsx, row, code, place):
    finding = refused(xlsx([HEADER, row]))

    assert (finding.code, finding.place) == (code, place)


def test_an_error_cell_is_refused(xlsx):
    def change(_, sheet):
        sheet["B2"] = "#DIV/0!"
        sheet["B2"].data_type = "e"

    finding = refused(xlsx([HEADER, ["1", 0]], change=change))

    assert (finding.code, finding.place) == ("T20", "面积!B2")


def test_a_stored_result_of_a_formula_is_used(xlsx):
    path = rewritten(
        xlsx([HEADER, ["1", "=1+2"]]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v></v>", b"<v>3</v>").replace(b"<v />", b"<v>3</v>"),
    )

    assert read_table(path, columns=COLUMNS).frame["area_ha"].to_list() == [3.0]


def test_codes_stored_as_numbers_get_the_zeros_that_are_shown(xlsx):
    def change(_, sheet):
        sheet["A2"].number_format = "0000"

    read = read_table(xlsx([HEADER, [101, 5], [102, 6]], change=change), columns=COLUMNS)

    assert read.frame["zone"].to_list() == ["0101", "102"]
    assert codes(read.findings) == ["T14"]


def test_numbers_stored_as_text_and_percents_are_noted(xlsx):
    def change(_, sheet):
        sheet["C2"].number_format = "0.0%"

    path = xlsx([[*HEADER, "share_pct"], ["1", "5", 0.35]], change=change)
    columns = {**COLUMNS, "share_pct": Column("number", unit="pct")}

    read = read_table(path, columns=columns)

    assert read.frame["share_pct"].to_list() == [35.0]
    assert codes(read.findings) == ["T36", "T21"]


def test_merged_data_is_refused_or_filled_where_the_caller_says_so(xlsx):
    path = xlsx(
        [HEADER, ["1", 5], [None, 6], ["2", 7]],
        change=lambda _, sheet: sheet.merge_cells("A2:A3"),
    )

    finding = refused(path)
    read = read_table(path, columns=COLUMNS, merged="fill")

    assert (finding.code, finding.place) == ("T16", "面积!A2")
    assert read.frame["zone"].to_list() == ["1", "1", "2"]
    assert codes(read.findings) == ["T31"]


def test_a_merged_header_is_refused_even_then(xlsx):
    path = xlsx(
        [HEADER, [None, None], ["1", 5]], change=lambda _, sheet: sheet.merge_cells("B1:B2")
    )

    assert refused(path, merged="fill").code == "T16"


def test_merged_titles_and_totals_do_no_harm(xlsx):
    def change(_, sheet):
        sheet.merge_cells("A1:B1")
        sheet.merge_cells("A6:C6")

    rows = [["盐都区面积表"], HEADER, ["1", 5], ["2", 6], ["合计", 11], ["注：示例"]]

    read = read_table(xlsx(rows, change=change), columns=COLUMNS)

    assert read.frame["area_ha"].to_list() == [5.0, 6.0]
    assert set(codes(read.findings)) == {"T32", "T33"}


def test_one_of_several_sheets_has_to_be_named(xlsx):
    def change(book, _):
        book.create_sheet("2025年").append(HEADER)
        book["2025年"].append(["1", 7])
        book.create_sheet("空")

    path = xlsx([HEADER, ["1", 5]], change=change)

    finding = refused(path)

    assert finding.code == "T18"
    assert finding.reaction is Reaction.ASK
    assert finding.facts["sheets"] == ["面积", "2025年"]
    assert read_table(path, columns=COLUMNS, sheet="2025年").frame["area_ha"].to_list() == [7.0]
    assert refused(path, sheet="没有").code == "T18"


def test_hidden_sheets_and_rows_are_noted(xlsx):
    def change(book, sheet):
        book.create_sheet("旧").append(HEADER)
        book["旧"].sheet_state = "hidden"
        sheet.row_dimensions[3].hidden = True

    read = read_table(xlsx([HEADER, ["1", 5], ["2", 6]], change=change), columns=COLUMNS)

    assert read.frame["area_ha"].to_list() == [5.0, 6.0]
    assert codes(read.findings) == ["T35", "T35"]


@pytest.mark.parametrize("cell", ["A1048576", "B5000"])
def test_a_stray_cell_far_below_is_refused_in_seconds(xlsx, cell):
    def change(_, sheet):
        sheet[cell] = 1

    start = time.monotonic()
    finding = refused(xlsx([HEADER, ["1", 5]], change=change))

    assert finding.code == "T23"
    assert time.monotonic() - start < 20


def test_a_stray_cell_far_to_the_right_does_no_harm(xlsx):
    def change(_, sheet):
        sheet["XFD2"] = "x"

    assert len(read_table(xlsx([HEADER, ["1", 5]], change=change), columns=COLUMNS).frame) == 1


def test_more_cells_than_allowed_are_refused(xlsx, monkeypatch):
    monkeypatch.setattr(workbooks, "_MOST_CELLS", 10)

    assert refused(xlsx([HEADER, *(["1", 5] for _ in range(6))])).code == "T23"


def test_an_archive_that_unpacks_to_too_much_is_refused(xlsx, monkeypatch):
    monkeypatch.setattr(workbooks, "_UNPACKED", 100_000)
    path = rewritten(xlsx([HEADER, ["1", 5]]), "xl/media/bomb.bin", lambda _: bytes(200_000))

    assert refused(path).code == "T23"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
def test_declarations_that_xml_bombs_need_are_refused(xlsx, codec):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'.encode(codec)
    path = rewritten(xlsx([HEADER, ["1", 5]]), "xl/worksheets/sheet1.xml", lambda xml: bomb + xml)

    assert refused(path).code == "T25"


@pytest.mark.parametrize(
    "member", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"]
)
@pytest.mark.parametrize("content", [b"", b"<broken", b"<a/>"])
def test_a_broken_workbook_is_refused(xlsx, member, content):
    path = rewritten(xlsx([HEADER, ["1", 5]]), member, lambda _: content)

    with pytest.raises(InputRefused) as error:
        read_table(path, columns=COLUMNS)
    assert error.value.findings[0].code in ("T17", "T18", "T24")


@pytest.mark.parametrize("cut", [10, 500, -30])
def test_a_workbook_cut_short_is_refused(xlsx, cut):
    path = xlsx([HEADER, ["1", 5]])
    path.write_bytes(path.read_bytes()[:cut])

    assert refused(path).code == "T24"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="xls or password"),
        pytest.param(b"<html><table><tr><td>1</td></tr></table></html>", id="a page called xls"),
        pytest.param(b'<?xml version="1.0"?><Workbook/>', id="an XML workbook"),
        pytest.param(b"%PDF-1.7", id="a PDF"),
    ],
)
def test_other_files_are_refused_as_tables(tmp_path, content):
    path = tmp_path / "表.xlsx"
    path.write_bytes(content)

    assert refused(path).code == "T24"


def test_a_locked_part_is_refused(xlsx):
    path = xlsx([HEADER, ["1", 5]])
    raw = bytearray(path.read_bytes())
    place = raw.find(b"PK\x01\x02")
    raw[place + 8] |= 1  # says that the part is encrypted
    path.write_bytes(raw)

    assert refused(path).code == "T24"
