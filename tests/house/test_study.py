"""Study files: what they may say, and how each slip is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from sinks.errors import InputRefused
from sinks.study import Study

STUDY = """
sinks_study = 1

[study]
id = "shiyan"
name_zh = "试验区"
name_en = "Test district"

[district]
path = "边界.gpkg"
name_zh = "试验区"
name_en = "Test district"

[[land_cover]]
path = "土地覆盖_2020.tif"
year = 2020
scheme = "house"

[[land_cover]]
path = "土地覆盖_2025.tif"
year = 2025
scheme = "house"
synthetic = true

[[zones]]
path = "乡镇.gpkg"
kind = "town"
id_field = "代码"

[[targets]]
indicator = "wetland_protection"
kind = "reach"
value_pct = 50
year = 2030
document = "方案"
"""


def codes(text: str, *, file: Path = Path("研究.toml")) -> list[tuple[str, str | None]]:
    with pytest.raises(InputRefused) as refused:
        Study.parse(text, file=file)
    return [(finding.code, finding.place) for finding in refused.value.findings]


def test_paths_count_from_the_study_file_wherever_the_program_runs(tmp_path):
    study = Study.parse(STUDY, file=tmp_path / "研究.toml")

    assert study.land_cover[0].path == tmp_path / "土地覆盖_2020.tif"
    assert study.synthetic == ("land_cover.2025",)


@pytest.mark.parametrize(
    "key", ["sinks_study", "path", "year", "scheme", "kind", "id_field", "value_pct", "name_zh"]
)
def test_every_key_with_a_letter_too_many_is_refused(key):
    broken = STUDY.replace(f"\n{key} =", f"\n{key}x =", 1)

    assert broken != STUDY
    assert {code for code, _ in codes(broken)} <= {"C01", "C06", "C15"}


def test_an_unknown_key_is_answered_with_the_nearest_known_one():
    with pytest.raises(InputRefused) as refused:
        Study.parse(STUDY.replace("scheme =", "schema =", 1), file=Path("a.toml"))

    facts = [f.facts for f in refused.value.findings if f.code == "C01"]
    assert facts == [{"key": "schema", "near": "scheme"}]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value_pct = 50", "value_pct = 500"),
        ("value_pct = 50", "value_pct = 50\nvalue_ha = 3"),
        ("year = 2025", "year = 2020"),
        ("year = 2020", 'year = "later"'),
        ('kind = "town"', 'kind = "city"'),
    ],
)
def test_a_value_out_of_range_or_against_another_is_refused(old, new):
    assert {code for code, _ in codes(STUDY.replace(old, new, 1))} == {"C06"}


def test_what_is_no_toml_is_refused_with_its_line():
    assert codes(STUDY + "\n[study]\n") == [("C02", None)]


def test_another_version_of_the_study_file_is_refused():
    assert codes(STUDY.replace("sinks_study = 1", "sinks_study = 2")) == [("C15", None)]


def test_a_study_file_that_is_missing_too_large_or_gbk_is_refused(tmp_path):
    gbk, large = tmp_path / "gbk.toml", tmp_path / "large.toml"
    gbk.write_bytes(STUDY.encode("gbk"))
    large.write_bytes(b"#" * 1_000_001)

    found = []
    for path in (gbk, large, tmp_path / "none.toml"):
        with pytest.raises(InputRefused) as refused:
            Study.read(path)
        found.append(refused.value.findings[0].code)

    assert found == ["C16", "C04", "C09"]


def test_a_byte_order_mark_from_notepad_is_welcome(tmp_path):
    path = tmp_path / "研究 一.toml"
    path.write_bytes(b"\xef\xbb\xbf" + STUDY.encode())

    assert Study.read(path).study.name_zh == "试验区"
