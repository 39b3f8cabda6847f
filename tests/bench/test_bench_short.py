"""The benchmarks in short: everybody's rows on tiny data are the same; nothing is timed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench import check, data, harness
from bench.benchmark import Benchmark
from bench.jobs import BENCHMARKS
from bench.setting import Setting

ROWS = 4_000
SLOW_TO_START = {"pyspark local"}

PAIRS = [(each, name) for each in BENCHMARKS.values() for name in each.contestants]


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """Return a setting with tiny inputs."""
    setting = Setting(rows=ROWS, data=tmp_path_factory.mktemp("data"))
    data.make(setting, tuple(dict.fromkeys(name for each in BENCHMARKS.values() for name in each.needs)))
    return setting


def _model(benchmark: Benchmark) -> str:
    """Return a contestant that is always there: the baseline by hand, else Riverstage."""
    return next(name for name in (*benchmark.baseline, "riverstage") if name not in benchmark.apart)


def _made(benchmark: Benchmark, name: str, inputs: Setting, folder: Path) -> dict[str, check.Figures]:
    harness.contend(benchmark, name, inputs.for_contestant(out=folder), warm=False)
    return check.figures(benchmark, folder)


@pytest.mark.parametrize(("benchmark", "name"), PAIRS, ids=[f"{each.name}-{name}" for each, name in PAIRS])
def test_contestant_makes_the_rows_of_the_others(
    benchmark: Benchmark, name: str, inputs: Setting, tmp_path: Path
) -> None:
    why = harness.missing(benchmark, name)
    if why is not None:
        pytest.skip(why)
    if name in SLOW_TO_START:
        pytest.skip("Spark takes too long to start for a test; `make bench` runs it")
    if not benchmark.outputs:
        taken = harness.contend(benchmark, name, inputs.for_contestant(out=tmp_path), warm=False)
        assert set(taken) == {"seconds", "cpu_s", "peak_mb"}
        return
    model = _model(benchmark)
    made = {model: _made(benchmark, model, inputs, tmp_path / "model")}
    made[name] = _made(benchmark, name, inputs, tmp_path / "other")
    check.compare(benchmark, made)
    assert all(found["rows"] > 0 for found in made[name].values())


@pytest.mark.parametrize("benchmark", BENCHMARKS.values(), ids=BENCHMARKS)
def test_names_in_a_benchmark_are_those_of_its_contestants(benchmark: Benchmark) -> None:
    known = set(benchmark.contestants)
    said = {*benchmark.baseline, *benchmark.apart, *benchmark.requires}
    for target in benchmark.targets:
        said |= {target.subject, *target.against}
    assert said - known == set()
    assert all(math.isfinite(target.limit) for target in benchmark.targets)


@pytest.mark.parametrize("grouped", [True, False], ids=["groups", "rows"])
def test_shapes_of_the_second_pass_do_take_one(grouped: bool, inputs: Setting, tmp_path: Path) -> None:
    from bench.flows import filter_behind_join

    flow = filter_behind_join(inputs.for_contestant(out=tmp_path), "tier = 3", grouped=grouped)
    assert flow.explain()["ledger"]["second_passes"] == ["joined"]


def test_ledger_is_off_where_a_line_says_so(inputs: Setting, tmp_path: Path) -> None:
    from bench.flows import nothing_counted, whole

    flow = whole(inputs.for_contestant(out=tmp_path))
    with nothing_counted():
        told = flow.explain()["ledger"]
    assert (told["observed"], told["known"]) == ([], {})
    assert flow.explain()["ledger"]["observed"] != []
