"""Findings and errors: every message can be said in both languages, whatever the facts."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from sinks.errors import (
    Finding,
    InputRefused,
    Reaction,
    located,
    messages,
    printable,
    refuse_if_stopped,
    said_once,
)

SOURCES = sorted(Path("sinks").rglob("*.py"))


def test_every_message_has_both_languages_a_reaction_and_a_remedy():
    for code, entry in messages().items():
        assert entry["reaction"] in set(Reaction), code
        for key in ("zh", "en", "found_zh", "found_en", "remedy_zh", "remedy_en"):
            assert entry.get(key, "").strip(), f"{code} has no {key}"


def test_both_languages_of_a_message_use_the_same_facts():
    def blanks(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for code, entry in messages().items():
        for part in ("", "found_", "remedy_"):
            zh, en = entry[f"{part}zh"], entry[f"{part}en"]
            assert blanks(zh) == blanks(en), f"{code} {part}"


def test_every_code_that_is_raised_has_a_message():
    raised = {
        match
        for path in SOURCES
        for match in re.findall(
            r"""(?:because\(\s*|code=|_finding\(\s*)["']([A-Z]\d\d)["']""",
            path.read_text("utf-8"),
        )
    }

    assert raised
    assert raised <= set(messages())


def test_every_message_is_raised_somewhere():
    text = "\n".join(
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )

    unused = [code for code in messages() if not re.search(rf"\b{code}\b", text)]

    assert unused == []


def test_a_refusal_names_code_file_place_finding_and_remedy():
    finding = Finding(code="R01", file="土地覆盖.tif", place="[land_cover]", facts={"bounds": 1})

    text = "\n".join(finding.lines("zh"))

    for part in ("SNK-R01", "土地覆盖.tif", "[land_cover]", "CRS = 无", "EPSG:"):
        assert part in text


def test_an_error_learns_where_it_happened_but_keeps_what_it_knew():
    with pytest.raises(InputRefused) as refused, located(file="outer.tif", place="band 1"):
        raise InputRefused.because("R01", file="inner.tif", bounds=1)

    finding = refused.value.findings[0]
    assert (finding.file, finding.place) == ("inner.tif", "band 1")


def test_notes_pass_and_refusals_stop():
    asked = Finding(code="R01", facts={"bounds": 1})
    noted = Finding(code="R01", facts={"bounds": 1}, reaction_override=Reaction.NOTE)

    assert refuse_if_stopped([noted]) == (noted,)
    with pytest.raises(InputRefused) as refused:
        refuse_if_stopped([noted, asked])
    assert refused.value.findings == (asked,)


@pytest.mark.parametrize("forged", ["a\nSNK-X99 ok", "a\x1b[2K", "a\u202eb", "a\x00"])
def test_a_value_from_a_file_cannot_forge_a_line(forged):
    shown = printable(forged)

    assert all(character.isprintable() for character in shown)


def test_a_code_without_a_message_is_our_mistake():
    with pytest.raises(LookupError, match="Q99"):
        Finding(code="Q99")


def test_findings_alike_but_for_the_file_are_said_once_with_their_files():
    files = ["a.tif", "b.tif", "c.tif", "d.tif", "a.tif"]
    alike = [Finding(code="X03", file=file) for file in files]
    other = Finding(code="X03", file="a.tif", place="row 1")

    few, apart = said_once([*alike[:2], other])
    many = said_once(alike)

    assert few.file == "a.tif, b.tif"
    assert apart == other
    assert [one.file for one in many] == ["a.tif, b.tif, c.tif, … (4)"]
    assert said_once([Finding(code="X03")]) == (Finding(code="X03"),)
