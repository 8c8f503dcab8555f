"""CSV tables: encodings, delimiters, headers, totals; every refusal names its cell."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import lists, text

from sinks.errors import InputRefused, Reaction
from sinks.sources.tables import Column, read_table

COLUMNS = {
    "zone": Column("code", names=("编码", "区划代码")),
    "area_ha": Column("number", unit="ha", low=0, names=("面积",)),
}
ROWS = "编码,面积\n0101,10.5\n0102,20\n"


@pytest.fixture
def table(tmp_path):
    def write(content, name="面积 表.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def codes(findings):
    return [finding.code for finding in findings]


def refused(path, columns=COLUMNS, **options):
    with pytest.raises(InputRefused) as error:
        read_table(path, columns=columns, **options)
    assert all(f.file == str(path) for f in error.value.findings)
    return error.value.findings[0]


def test_codes_stay_text_and_numbers_become_floats(table):
    read = read_table(table(ROWS), columns=COLUMNS)

    assert read.frame["zone"].to_list() == ["0101", "0102"]
    assert read.frame["area_ha"].dtype == np.float64
    assert read.frame.index.to_list() == [2, 3]  # rows as Excel numbers them
    assert read.findings == ()
    assert read.encoding == "UTF-8"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_usual_ways_of_saving_a_table_are_all_read(table, codec, newline, mark):
    lines = ["区划代码,名称,面积", "0101,大纵湖镇盐都区,10.5", '0102,"学富镇\n（一）",20']
    content = newline.join(lines).replace(",", mark)

    read = read_table(table(content.encode(codec)), columns=COLUMNS)

    assert read.frame["area_ha"].to_list() == [10.5, 20.0]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"", "T22", None),
        ("编码,面积\n0101,1\n0102\n", "T22", "A3"),
        ("编码,面积\n0101,1,5\n", "T22", "A2"),
        ('编码,面积\n0101,"1\n0102,2\n', "T22", "A2"),
        ('编码,面积\n0101,"1\n0102,2"\n0103,3\n', "T22", "A2"),
        ('编码,面积\n"0101"x,1\n', "T22", "A2"),
        (b"\xb1\xe0\xc2\xeb,area\n01\x0001,1\n", "T22", "A2"),
        ("编码,面积\n", "T38", None),
        ("名称,大小\n甲,1\n", "T17", None),
        ("编码,区划代码,面积\n1,1,2\n", "T03", "B1"),
        ("编码,面积（斤）\n1,2\n", "T11", "B1"),
        ("编码,面积\n1,\n", "T05", "B2"),
        ("编码,面积\n1,-\n", "T05", "B2"),
        ("编码,面积\n1,inf\n", "T06", "B2"),
        ("编码,面积\n1,多\n", "T07", "B2"),
        ('编码,面积\n1,"12,5"\n', "T09", "B2"),
        ("编码,面积\n1,5吨\n", "T10", "B2"),
        ("编码,面积\n1,(5)\n", "T12", "B2"),
        ("编码,面积\n1,-5\n", "T04", "B2"),
        ("编码,面积\n2024-01-02,5\n", "T13", "A2"),
        ("编码,面积\n3.2E+17,5\n", "T15", "A2"),
        ("编码,面积\n1,#REF!\n", "T20", "B2"),
        ("编码,面积\n1,5\n2,6\n合计,12.5\n", "T34", "B4"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused_with_its_place(table, content, code, place):
    finding = refused(table(content))

    assert (finding.code, finding.place) == (code, place)
    assert finding.reaction is Reaction.REFUSE
    assert all(finding.lines(language) for language in ("zh", "en"))


def test_all_faults_of_a_table_are_told_at_once_and_counted(table):
    with pytest.raises(InputRefused) as error:
        read_table(table("编码,面积\n1,多\n2,少\n3,\n2024-01-02,5\n"), columns=COLUMNS)

    findings = {finding.code: finding for finding in error.value.findings}
    assert set(findings) == {"T05", "T07", "T13"}
    assert findings["T07"].facts["count"] == 2
    assert findings["T07"].facts["cells"] == ["B2", "B3"]


def test_a_key_that_repeats_is_refused_with_its_rows(table):
    content = "编码,面积\n1,5\n2,6\n1,7\n"

    finding = refused(table(content), key=("zone",))

    assert (finding.code, finding.place) == ("T02", "A4")
    assert finding.facts["rows"] == ["2", "4"]
    assert len(read_table(table(content), columns=COLUMNS).frame) == 3


@pytest.mark.parametrize(
    ("content", "code", "areas"),
    [
        ("编码,面积\n1,１２.５\n", "T08", [12.5]),
        ('编码,面积\n1,"1,234.5"\n', "T27", [1234.5]),
        ("编码,面积\n1,150亩\n", "T28", [10.0]),
        ("编码,面积（亩）\n1,150\n", "T29", [10.0]),
        ("编码,面积（万亩）\n1,1.5\n", "T29", [1000.0]),
        ("编码,面积\n1,−0\n", "T30", [0.0]),
        ("盐都区湿地面积\n单位：公顷\n编码,面积\n1,5\n", "T32", [5.0]),
        ("编码,面积\n1,5\n\n注：数据截至2025年,\n", "T32", [5.0]),
        ("编码,面积\n1,5\n2,6\n合计,11\n", "T33", [5.0, 6.0]),
        ("编码,面积\n320903002001002000,5\n", "T40", [5.0]),
    ],
)
def test_what_is_read_with_a_note(table, content, code, areas):
    read = read_table(table(content), columns=COLUMNS)

    assert read.frame["area_ha"].to_list() == pytest.approx(areas)
    assert codes(read.findings) == [code]
    assert all(finding.lines(language) for finding in read.findings for language in ("zh", "en"))


def test_a_heading_says_the_unit_and_a_cell_may_say_its_own(table):
    read = read_table(table("编码,面积（亩）\n1,150\n2,20公顷\n"), columns=COLUMNS)

    assert read.frame["area_ha"].to_list() == pytest.approx([10.0, 20.0])
    assert codes(read.findings) == ["T29", "T28"]


def test_a_year_in_the_heading_is_no_unit(table):
    read = read_table(table("编码,面积（2020年）\n1,150\n"), columns=COLUMNS)

    assert read.frame["area_ha"].to_list() == [150.0]


def test_optional_columns_may_be_blank_or_missing(table):
    columns = {
        **COLUMNS,
        "name": Column(required=False),
        "share": Column("number", required=False),
        "since": Column("date", required=False),
        "open": Column("flag", required=False),
    }
    read = read_table(table("编码,面积,name,share\n1,5,,\n2,6,甲,-\n"), columns=columns)

    assert read.frame["name"].isna().to_list() == [True, False]
    assert read.frame["share"].isna().all()
    assert read.frame["since"].isna().all()
    assert read.frame["open"].isna().all()
    assert codes(read.findings) == ["T37"]


def test_subtotals_and_totals_are_checked_and_dropped(table):
    content = "编码,面积\n1,1.26\n2,2.27\n小计,3.5\n3,4\n小计,4\n合计,7.5\n"

    read = read_table(table(content), columns=COLUMNS)

    assert read.frame["zone"].to_list() == ["1", "2", "3"]
    assert codes(read.findings) == ["T33", "T33", "T33"]


def test_rates_do_not_add_up(table):
    columns = {**COLUMNS, "cover_pct": Column("number", unit="pct")}

    read = read_table(
        table("编码,面积,cover_pct\n1,5,30%\n2,6,40%\n合计,11,35%\n"), columns=columns
    )

    assert read.frame["cover_pct"].to_list() == [30.0, 40.0]
    assert [f.facts["column"] for f in read.findings if f.code == "T33"] == ["area_ha"]


def test_an_unclear_encoding_is_asked_for_and_the_answer_is_taken(table):
    path = table("zone,area_ha,注\n1,5,安徽\n".encode("gbk").replace("注".encode("gbk"), b"x"))

    assert refused(path).code in ("V17", "V19")
    assert len(read_table(path, columns=COLUMNS, encoding="gbk").frame) == 1
    assert refused(path, encoding="utf-8").code == "V41"


def test_headings_decide_the_encoding_of_a_short_table(table):
    read = read_table(table("编码,面积\n1,5\n".encode("gbk")), columns=COLUMNS)

    assert read.frame["area_ha"].to_list() == [5.0]
    assert (read.encoding, read.findings) == ("GB18030", ())


def test_rows_in_two_encodings_are_refused_with_their_numbers(table):
    lines = ["编码,名称,面积", "1,大纵湖镇,5", "2,学富镇,6", "3,楼王镇,7"]
    raw = [line.encode("gbk") for line in lines]
    raw[2] = lines[2].encode()

    finding = refused(table(b"\n".join(raw)))

    assert (finding.code, finding.facts["rows"]) == ("V20", ["3"])


def test_the_missing_columns_and_the_headings_found_are_named(table):
    finding = refused(table("名称,面积\n甲,1\n"))

    assert "编码" in finding.found("zh")
    assert "名称" in finding.found("zh")


NAME = text("盐都区大纵湖abc ,;\"'\t\n", max_size=8)


@given(lists(NAME, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_table_written_by_a_program_comes_back_or_is_refused(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    file = io.StringIO()
    rows = [[f"c{i}", name, i] for i, name in enumerate(names)]
    csv.writer(file).writerows([["编码", "name", "面积"], *rows])
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    columns = {**COLUMNS, "name": Column(required=False)}

    try:
        read = read_table(path, columns=columns)
    except InputRefused as error:
        assert codes(error.findings) == ["T22"]  # a cell that looks like swallowed rows
    else:
        assert read.frame["zone"].to_list() == [f"c{i}" for i in range(len(names))]
        assert read.frame["name"].fillna("").to_list() == [
            "" if not name.strip("\u00a0\ufeff\u3000 \t\r\n") else name.strip() for name in names
        ]
