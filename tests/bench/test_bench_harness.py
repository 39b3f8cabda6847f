"""The harness of the benchmarks: it sees other rows, commits what is written, counts children, and makes the table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bench import check, commit, crossings, harness, process, report
from bench.benchmark import Benchmark, Output, Target
from bench.jobs import BENCHMARKS
from bench.setting import Setting


def _writer(sql: str):
    def ready(setting: Setting):
        def work() -> None:
            with commit.committed(setting.target("out.parquet")) as part:
                duckdb.connect().execute(f"COPY ({sql}) TO '{part}' (FORMAT parquet)")

        return work

    return ready


def _race(one: str, other: str, **given: object) -> Benchmark:
    output = Output("out.parquet", numbers=("a",), texts=("b",), together=("a", "b"), order=("a", "-b"))
    return Benchmark("race", "A race.", {"one": _writer(one), "other": _writer(other)}, outputs=(output,), **given)


def _compare(benchmark: Benchmark, folder: Path) -> None:
    made = {}
    for name in benchmark.contestants:
        setting = Setting(out=folder / name)
        harness.contend(benchmark, name, setting, warm=False)
        made[name] = check.figures(benchmark, setting.out)
    check.compare(benchmark, made)


ROWS = "SELECT * FROM (VALUES (1, 'b'), (1, 'a'), (2, 'c')) t(a, b)"


def test_same_rows_with_other_types_agree(tmp_path: Path) -> None:
    _compare(_race(ROWS, "SELECT * FROM (VALUES (1::BIGINT, 'b'), (1, 'a'), (2, 'c')) t(a, b)"), tmp_path)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("SELECT * FROM (VALUES (1, 'b'), (1, 'a')) t(a, b)", "rows of out.parquet is 2, not 3"),
        ("SELECT * FROM (VALUES (1, 'b'), (1, 'a'), (3, 'c')) t(a, b)", "sum of a"),
        ("SELECT * FROM (VALUES (1, 'c'), (1, 'b'), (2, 'a')) t(a, b)", "rows as they are"),
        ("SELECT * FROM (VALUES (1, 'b'), (1, 'a'), (2, 'd')) t(a, b)", "texts of b"),
        ("SELECT * FROM (VALUES (1, 'b'), (1, 'a'), (2, NULL)) t(a, b)", "nulls in b"),
        ("SELECT * FROM (VALUES (1, 'a'), (1, 'b'), (2, 'c')) t(a, b)", "is not sorted by a, -b"),
        ("SELECT * FROM (VALUES (2, 'c'), (1, 'b'), (1, 'a')) t(a, b)", "is not sorted by a, -b"),
    ],
)
def test_other_rows_are_a_loud_error(other: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(check.Disagreement, match=said):
        _compare(_race(ROWS, other), tmp_path)


def test_contestant_that_is_apart_must_have_as_many_rows(tmp_path: Path) -> None:
    _compare(_race(ROWS, "SELECT a + 1 AS a, b FROM (" + ROWS + ")", apart=frozenset({"other"})), tmp_path / "same")
    with pytest.raises(check.Disagreement, match="rows of"):
        _compare(_race(ROWS, "SELECT 1 AS a, 'b' AS b", apart=frozenset({"other"})), tmp_path / "fewer")


def test_missing_output_is_a_loud_error(tmp_path: Path) -> None:
    with pytest.raises(check.Disagreement, match=r"there is no out\.parquet"):
        check.figures(_race(ROWS, ROWS), tmp_path)


def test_commit_replaces_files_and_folders(tmp_path: Path) -> None:
    for content in ("old", "new"):
        with commit.all_committed(tmp_path / "a.txt", tmp_path / "b") as (file, folder):
            file.write_text(content)
            folder.mkdir()
            (folder / "part").write_text(content)
    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "b" / "part").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b"]


def test_nothing_is_committed_where_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), commit.committed(tmp_path / "a.txt") as part:
        part.write_text("half")
        _ = 1 / 0
    assert not (tmp_path / "a.txt").exists()


def test_processor_time_of_a_child_counts(tmp_path: Path) -> None:
    before = process.cpu_seconds()
    # A tick is 10 ms: the child works for a good many of them.
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    subprocess.run([sys.executable, "-c", busy], check=True, cwd=tmp_path)
    assert process.cpu_seconds() - before >= 0.15
    assert process.peak_mb() > 1


def test_run_in_a_process_of_its_own_and_its_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "WARM", 1_000)
    setting = Setting(rows=2_000, data=tmp_path, out=tmp_path / "out")
    without = [name for name in BENCHMARKS["whole"].contestants if name not in ("riverstage", "duckdb sql")]
    result = harness.measure(BENCHMARKS["whole"], setting, rounds=1, without=without)
    assert set(result["contestants"]) == {"riverstage", "duckdb sql"}
    assert result["baseline"] == "duckdb sql"
    assert result["contestants"]["duckdb sql"]["paired_ratio"] == 1
    assert set(result["left_out"]) == set(without)
    report.save(result, tmp_path / "results")
    text = report.write_table(tmp_path / "results")
    assert "| duckdb sql |" in text
    assert "| whole | at most 1.10 of hand-written DuckDB SQL" in text
    about = json.loads((tmp_path / "results" / "whole.json").read_text())["machine"]
    assert set(about) == {"processor", "cores", "memory_gb", "system", "versions"}


def test_failing_contestant_is_left_out_and_failing_baseline_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_once(benchmark: Benchmark, name: str, setting: Setting) -> dict[str, float]:
        if name == broken:
            raise harness.Failed(f"'{name}' ended with 1")
        return harness.contend(benchmark, name, setting, warm=False)

    monkeypatch.setattr(harness, "run_once", run_once)
    setting = Setting(rows=1, data=tmp_path, out=tmp_path / "out")
    benchmark = _race(ROWS, ROWS, baseline=("one",))
    broken = "other"
    result = harness.measure(benchmark, setting, rounds=2)
    assert result["left_out"] == {"other": "'other' ended with 1"}
    assert list(result["contestants"]) == ["one"]
    broken = "one"
    with pytest.raises(harness.Failed):
        harness.measure(benchmark, setting, rounds=1)


def test_target_against_several_is_judged_by_the_best_of_them() -> None:
    taken = {"riverstage": 1.0, "slow": 4.0, "fast": 2.0}
    samples = {name: [{"seconds": each, "cpu_s": each, "peak_mb": 100.0}] * 3 for name, each in taken.items()}
    target = Target("half of the best", "riverstage", 0.5, ("slow", "fast", "absent"))
    judged = harness.judged(samples, target)
    assert judged == {
        "text": "half of the best",
        "subject": "riverstage",
        "limit": 0.5,
        "reached": 0.5,
        "against": "fast",
        "met": True,
    }
    assert harness.judged(samples, Target("", "slow", 99, figure="peak_mb"))["met"] is False
    assert harness.judged(samples, Target("", "riverstage", 1, ("absent",)))["met"] is None


def test_crossings_are_those_of_the_layout() -> None:
    ours = crossings.our_crossings([(["a", "b", "c"], [("a", "b"), ("b", "c")]), crossings.random_dag(30, 1)])
    assert ours[0] == 0
    assert crossings.random_dag(30, 1) == crossings.random_dag(30, 1)
