"""Encodings: decided by bytes, or asked for; never silently wrong."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, integers, lists, sampled_from, text

from sinks.errors import Reaction
from sinks.gate.characters import usual
from sinks.gate.encodings import Cell, decide, decode

TOWNS = ["大纵湖镇", "楼王镇", "学富镇", "尚庄镇", "秦南镇", "龙冈镇", "郭猛镇", "大冈镇"]
TAIPEI = ["臺北市", "高雄縣", "嘉義縣", "雲林縣", "澎湖縣"]
COMMON = sorted(c for c in usual("gb18030")[0] if "\u4e00" <= c <= "\u9fff")
HAN = sorted({*COMMON, *usual("gb18030")[1]})


def cells(texts, codec):
    return [Cell(each.encode(codec), row=i) for i, each in enumerate(texts)]


def codes(decision):
    return [finding.code for finding in decision.findings]


@pytest.mark.parametrize("codec", ["gbk", "gb2312", "gb18030", "utf-8"])
def test_the_towns_of_yandu_are_read_in_either_encoding(codec):
    decision = decide(cells(TOWNS, codec))

    assert decision.codec == ("utf-8" if codec == "utf-8" else "gb18030")
    assert decision.findings == ()
    assert [cell.raw.decode(decision.codec) for cell in cells(TOWNS, codec)] == TOWNS


def test_level_one_of_gb_2312_has_3755_characters():
    assert len(COMMON) == 3755


def test_plain_ascii_decides_nothing_and_asks_nothing():
    assert decide([Cell(b"Yandu"), Cell(b"")]).codec == "utf-8"


@given(lists(text(sampled_from(COMMON), min_size=2, max_size=6), min_size=2, max_size=12))
@settings(max_examples=100)
def test_everyday_chinese_in_gbk_is_decided_right_or_asked(texts):
    decision = decide(cells(texts, "gbk"))

    assert decision.codec in ("gb18030", None)
    assert (decision.codec is None) == bool(decision.findings)


@given(lists(text(sampled_from(HAN), min_size=1, max_size=6), min_size=1, max_size=12))
@settings(max_examples=100)
def test_chinese_in_utf_8_is_decided_right_or_asked(texts):
    assert decide(cells(texts, "utf-8")).codec in ("utf-8", None)


@given(integers(0, 2**32))
@settings(max_examples=100)
def test_ten_names_leave_no_doubt(seed):
    draw = random.Random(seed)
    names = ["".join(draw.choices(COMMON, k=3)) for _ in range(10)]

    assert decide(cells(names, "gbk")).codec == "gb18030"
    assert decide(cells(names, "utf-8")).codec == "utf-8"


@composite
def big5_names(draw):
    common = sorted(c for c in usual("cp950")[0] if "\u4e00" <= c <= "\u9fff")
    return draw(lists(text(sampled_from(common), min_size=2, max_size=4), min_size=3, max_size=8))


@given(big5_names())
@settings(max_examples=60)
def test_big5_is_never_taken_for_gbk(names):
    assert decide(cells(names, "cp950")).codec is None


def test_big5_and_shift_jis_are_asked_for_with_samples():
    for texts, codec, name in (
        (TAIPEI, "big5", "Big5"),
        (["霞ヶ浦", "琵琶湖"], "cp932", "Shift-JIS"),
    ):
        decision = decide(cells(texts, codec))

        assert codes(decision) == ["V19"]
        assert decision.samples[name][0] == texts[0]
        assert any(texts[0] in sample for sample in decision.findings[0].facts["samples"])


def test_what_two_readings_make_sense_of_is_asked_for():
    decision = decide([Cell("安徽".encode("gbk"))])  # common characters in Big5 as well

    assert decision.codec is None
    assert codes(decision) == ["V17"]
    assert decision.findings[0].reaction is Reaction.ASK
    assert {"GB18030", "Big5"} <= set(decision.samples)


def test_an_accented_word_in_utf_8_is_not_taken_for_chinese():
    decision = decide([Cell("Café".encode())])  # in GBK it reads Caf茅

    assert decision.codec is None
    assert codes(decision)[0] in ("V17", "V19")


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "88591", "big5", "no such thing"])
def test_a_wrong_declaration_is_noted_and_content_decides(declared):
    decision = decide(cells(TOWNS, "gbk"), declared=declared)

    assert decision.codec == "gb18030"
    assert codes(decision) == ["V18"]
    assert decision.findings[0].reaction is Reaction.NOTE


@pytest.mark.parametrize("declared", ["GBK", "936", "GB2312", "cp936"])
def test_a_right_declaration_needs_no_note(declared):
    assert decide(cells(TOWNS, "gbk"), declared=declared).findings == ()


def test_a_declaration_settles_what_content_leaves_open():
    two = [Cell("安徽".encode("gbk"))]

    assert decide(two, declared="GBK").codec == "gb18030"
    assert decide(cells(TAIPEI, "big5"), declared="Big5").codec == "cp950"
    assert decide([Cell("São".encode("latin1"))], declared="ISO-8859-1").codec == "iso8859-1"


def test_the_study_decides_where_the_bytes_allow_it():
    assert decide([Cell("安徽".encode("gbk"))], stated="gbk").codec == "gb18030"
    assert decide(cells(TAIPEI, "big5"), stated="big5").codec == "cp950"
    assert decide([Cell(b"plain")], stated="gbk").codec == "gb18030"


@pytest.mark.parametrize(
    ("texts", "codec", "stated"),
    [
        pytest.param(TOWNS, "gbk", "utf-8", id="bytes that are not UTF-8"),
        pytest.param(TOWNS, "utf-8", "gbk", id="bytes that are UTF-8 for certain"),
        pytest.param(TOWNS, "gbk", "gbq", id="a name that is no encoding"),
        pytest.param(["plain"], "ascii", "gbq", id="no encoding, and nothing to decode"),
    ],
)
def test_a_statement_that_the_bytes_contradict_is_refused(texts, codec, stated):
    decision = decide(cells(texts, codec), stated=stated)

    assert decision.codec is None
    assert codes(decision) == ["V41"]


def test_rows_in_another_encoding_are_listed():
    mixed = cells(TOWNS, "gbk")
    mixed[3] = Cell(TOWNS[3].encode(), row=3)

    decision = decide(mixed)

    assert codes(decision) == ["V20"]
    assert decision.findings[0].facts["rows"] == ["3"]


def test_a_row_that_no_encoding_reads_is_listed():
    decision = decide([*cells(TOWNS, "gbk"), Cell(b"\xff\xfe\xff", row=8)])

    assert codes(decision) == ["V20"]
    assert decision.findings[0].facts["rows"] == ["8"]


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_half_a_character_at_the_end_of_a_full_field_is_left_out(codec):
    raw = "大纵湖国家湿地公园".encode(codec)[:11]
    decision = decide([*cells(TOWNS, codec), Cell(raw, cut=True, row=9)])

    text_read, half = decode(Cell(raw, cut=True), decision.codec)

    assert decision.findings == ()
    assert half
    assert "大纵湖国家湿地公园".startswith(text_read)
    with pytest.raises(UnicodeDecodeError):
        decode(Cell(raw), decision.codec)
