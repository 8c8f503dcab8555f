"""Publishing: whole or not at all, one run at a time, and nobody else's files are touched."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sinks.errors import EnvironmentFault, InputRefused
from sinks.publish import MANIFEST, publish, published, workspace

ROOT = Path(__file__).resolve().parents[2]


def write_result(target: Path, content: str) -> None:
    with workspace(target) as folder:
        (folder / "表").mkdir()
        (folder / "表" / "面积.csv").write_text(content, encoding="utf-8")
        publish(folder, target, {"sinks": "0", "key": content})


def test_a_result_appears_with_the_hash_of_every_file(tmp_path):
    target = tmp_path / "成果 一"

    write_result(target, "1")

    record = published(target)
    assert record is not None
    assert record["key"] == "1"
    assert set(record["outputs"]) == {"表/面积.csv"}
    assert sorted(p.name for p in tmp_path.iterdir()) == [".成果 一.lock", "成果 一"]


def test_a_changed_byte_is_noticed(tmp_path):
    write_result(tmp_path / "r", "1")
    (tmp_path / "r" / "表" / "面积.csv").write_text("2", encoding="utf-8")

    assert published(tmp_path / "r") is None


def test_a_run_that_fails_leaves_the_old_result_as_it_was(tmp_path):
    target = tmp_path / "r"
    write_result(target, "1")

    with pytest.raises(RuntimeError), workspace(target) as folder:
        (folder / "half.csv").write_text("x", encoding="utf-8")
        raise RuntimeError

    assert published(target)["key"] == "1"
    assert not (tmp_path / ".r.new").exists()


def test_an_empty_folder_that_someone_made_is_written_to(tmp_path):
    (tmp_path / "成果").mkdir()

    write_result(tmp_path / "成果", "1")

    assert published(tmp_path / "成果")["key"] == "1"


def test_files_that_someone_put_beside_a_result_stay(tmp_path):
    target = tmp_path / "r"
    write_result(target, "1")
    (target / "批注.docx").write_text("mine", encoding="utf-8")

    write_result(target, "2")

    assert (target / "批注.docx").read_text("utf-8") == "mine"
    assert published(target)["key"] == "2"


def test_a_folder_that_is_not_ours_is_refused(tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "论文.docx").write_text("mine", encoding="utf-8")

    with pytest.raises(InputRefused) as refused:
        write_result(tmp_path / "r", "1")

    assert refused.value.findings[0].code == "C12"
    assert (tmp_path / "r" / "论文.docx").exists()


def test_a_second_run_on_the_same_target_is_refused(tmp_path):
    with (
        workspace(tmp_path / "r"),
        pytest.raises(EnvironmentFault) as refused,
        workspace(tmp_path / "r"),
    ):
        pass

    assert refused.value.findings[0].code == "X04"


def test_a_disk_too_full_is_said_before_anything_is_written(tmp_path):
    with pytest.raises(EnvironmentFault) as refused, workspace(tmp_path / "r", need_bytes=10**18):
        pass

    assert refused.value.findings[0].code == "X01"


def test_a_target_that_cannot_be_written_is_said_so(tmp_path, monkeypatch):
    def denied(*_args, **_settings):
        raise PermissionError("成果.xlsx")

    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(EnvironmentFault) as refused, workspace(tmp_path / "a" / "r"):
        pass

    assert refused.value.findings[0].code == "X05"


KILLED = """
import sys
from pathlib import Path
from sinks.publish import publish, workspace
target = Path(sys.argv[1])
for turn in range(10_000):
    with workspace(target) as folder:
        for name in "abc":
            (folder / name).write_text(str(turn) * 1000)
        publish(folder, target, {"sinks": "0", "turn": turn})
        print(turn, flush=True)
"""


@pytest.mark.parametrize("after_s", [0.0, 0.003, 0.007, 0.013, 0.021, 0.034])
def test_a_run_that_is_killed_leaves_a_whole_result(tmp_path, after_s):
    target = tmp_path / "r"
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(target)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert run.stdout is not None
    run.stdout.readline()
    time.sleep(after_s)
    run.kill()
    run.wait()
    run.stdout.close()

    write_result(tmp_path / "other", "1")  # an unrelated target is free
    with workspace(target):
        pass  # the next run recovers

    record = published(target)
    assert record is not None
    turns = {(target / name).read_text()[: len(str(record["turn"]))] for name in "abc"}
    assert turns == {str(record["turn"])}


def test_the_manifest_is_the_last_word(tmp_path):
    write_result(tmp_path / "r", "1")
    (tmp_path / "r" / MANIFEST).write_text(json.dumps({"sinks": "0"}), encoding="utf-8")

    assert published(tmp_path / "r") is None
