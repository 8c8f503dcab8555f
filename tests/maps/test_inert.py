from __future__ import annotations

import json
import re
from html import unescape

import pytest
from branca.element import Template
from hypothesis import given
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.maps.inert import Words, html_text, json_text, names_of, words
from tests.maps.payloads import PAYLOADS


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_comes_back_from_json_as_it_was(text: str) -> None:
    assert json.loads(json_text({text: [text]})) == {text: [text]}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_json_holds_nothing_that_html_javascript_or_jinja_would_act_on(payload: str) -> None:
    text = json_text([payload])
    assert not re.search("[<>&`$\u2028\u2029\u202e]|{{|{%|{#", text)
    assert Template(text).render() == text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_html_text_survives_two_templates(payload: str) -> None:
    once = html_text(payload)
    assert Template(Template(once).render()).render() == once
    assert unescape(once) == payload
    assert not re.search("[^\\w &#;\\x00-\\x1f]|_", once)


def test_a_pair_of_words_becomes_an_object_at_any_depth() -> None:
    assert json.loads(json_text([{"name": Words("湖", "lake")}])) == [
        {"name": {"zh": "湖", "en": "lake"}}
    ]


def test_numbers_that_are_not_finite_are_refused_by_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text([float("nan")])


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InputRefused) as refusal:
        json_text({"name": "a\ud83db"})
    assert refusal.value.findings[0].code == "M04"


def test_a_missing_name_is_never_shown_as_none_or_nan() -> None:
    assert names_of(None, "Lake") == ("Lake", "Lake")
    assert names_of("湖", float("nan")) == ("湖", "湖")
    assert names_of(None, float("nan")) == ("—", "—")
    assert words("x") == Words("x", "x")
