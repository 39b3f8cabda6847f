"""Run contestants in turn and keep medians, ratios, processor seconds and memory.

Every run is a process of its own. It imports what it needs, starts its engine, does its work once on small data, so
that all is loaded and compiled, and then does it with the clock running: from the opening of the engine's session to
the last name made durable on disk. Within a round contestants come in random order; the first round warms the page
cache and is where all outputs are compared; it is not kept.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import check, data
from bench.benchmark import Benchmark, Target
from bench.process import cpu_seconds, peak_mb
from bench.setting import ROOT, WARM, Setting

__all__ = ["Failed", "clean", "contend", "judged", "measure", "missing", "results_folder", "run_once"]

_TIME_LIMIT = 1800


class Failed(Exception):
    """A contestant did not do its work."""


def missing(benchmark: Benchmark, contestant: str) -> str | None:
    """Return why a contestant cannot take part here, or None."""
    package = benchmark.requires.get(contestant)
    if package is not None and find_spec(package) is None:
        return f"the package {package} is not installed"
    if package == "pyspark" and shutil.which("java") is None:
        return "there is no Java"
    return None


def slug(text: str) -> str:
    """Return a name for a folder."""
    return "".join(letter if letter.isalnum() else "_" for letter in text)


def contend(benchmark: Benchmark, contestant: str, setting: Setting, *, warm: bool = True) -> dict[str, float]:
    """Do a contestant's work once in this process; return what it took.

    Args:
        benchmark: The benchmark.
        contestant: The contestant.
        setting: What it may use.
        warm: Whether it does the same on small data before.
    """
    ready = benchmark.contestants[contestant]
    setting.spill.mkdir(parents=True, exist_ok=True)
    if warm:
        small = setting.for_contestant(rows=min(setting.rows, WARM), out=setting.out / "warm")
        small.out.mkdir(parents=True, exist_ok=True)
        ready(small)()
    work = ready(setting)
    used, started = cpu_seconds(), time.perf_counter()
    said = work()
    seconds, cpu = time.perf_counter() - started, cpu_seconds() - used
    return {"seconds": seconds if said is None else said, "cpu_s": cpu, "peak_mb": peak_mb()}


def run_once(benchmark: Benchmark, contestant: str, setting: Setting) -> dict[str, float]:
    """Run a contestant in a process of its own."""
    if setting.out.exists():
        shutil.rmtree(setting.out)
    setting.out.mkdir(parents=True)
    # What others left unwritten must not burden this one.
    os.sync()
    command = [sys.executable, "-m", "bench.contend", benchmark.name, contestant, setting.dumps()]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **setting.environment()},
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIME_LIMIT,
        )
    except subprocess.TimeoutExpired as error:
        message = f"'{contestant}' took more than {_TIME_LIMIT} s"
        raise Failed(message) from error
    if done.returncode:
        message = f"'{contestant}' ended with {done.returncode}:\n{done.stderr[-3000:]}"
        raise Failed(message)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


class _Race:
    """The rounds of one benchmark."""

    def __init__(self, benchmark: Benchmark, setting: Setting, contestants: Sequence[str]) -> None:
        self.benchmark = benchmark
        self.contestants = list(contestants)
        self.left_out: dict[str, str] = {}
        self.made: dict[str, dict[str, Any]] = {}
        self.samples: dict[str, list[dict[str, float]]] = {name: [] for name in contestants}
        self._order = random.Random(benchmark.name)
        self._settings = {
            name: setting.for_contestant(out=setting.out / benchmark.name / slug(name)) for name in contestants
        }

    def round(self, number: int) -> None:
        """Let everybody run once."""
        turn = self.contestants[:]
        self._order.shuffle(turn)
        told: dict[str, dict[str, float]] = {}
        for name in turn:
            try:
                told[name] = run_once(self.benchmark, name, self._settings[name])
            except Failed as error:
                self._leave_out(name, error)
                continue
            self._look_at(name, number)
        check.compare(self.benchmark, self.made)
        if number:
            for name in self.contestants:
                self.samples[name].append(told[name])

    def _leave_out(self, name: str, error: Failed) -> None:
        """Go on without one that failed, unless the benchmark is about it."""
        if name == "riverstage" or name in self.benchmark.baseline or not self.benchmark.baseline:
            raise error
        print(f"  {self.benchmark.name}: left out: {error}", file=sys.stderr, flush=True)
        self.left_out[name] = str(error).strip().splitlines()[-1]
        self.contestants.remove(name)
        self.made.pop(name, None)

    def _look_at(self, name: str, number: int) -> None:
        folder = self._settings[name].out
        if number == 0:
            self.made[name] = check.figures(self.benchmark, folder)
        elif check.row_counts(self.benchmark, folder) != [found["rows"] for found in self.made[name].values()]:
            message = f"{self.benchmark.name}: '{name}' did not make as many rows in round {number} as before"
            raise check.Disagreement(message)
        shutil.rmtree(folder)


def measure(benchmark: Benchmark, setting: Setting, *, rounds: int, without: Sequence[str] = ()) -> dict[str, Any]:
    """Run all contestants ``rounds`` times and once before; return the result.

    Raises:
        Failed: Riverstage, or what it is measured by, failed.
        Disagreement: Contestants made different rows.
    """
    if benchmark.memory_mb is not None:
        setting = replace(setting, memory_mb=benchmark.memory_mb)
    data.make(setting, benchmark.needs)
    data.make(setting.for_contestant(rows=min(setting.rows, WARM)), benchmark.needs)
    absent = {name: missing(benchmark, name) for name in benchmark.contestants}
    race = _Race(benchmark, setting, [name for name, why in absent.items() if why is None and name not in without])
    for number in range(rounds + 1):
        started = time.perf_counter()
        race.round(number)
        took = time.perf_counter() - started
        print(f"  {benchmark.name}: round {number} of {rounds}, {took:.0f} s", file=sys.stderr, flush=True)
    left_out = {name: why for name, why in absent.items() if why} | race.left_out
    left_out |= {name: "left out on the command line" for name in benchmark.contestants if name in without}
    return _result(race, setting, rounds, left_out)


def _result(race: _Race, setting: Setting, rounds: int, left_out: Mapping[str, str]) -> dict[str, Any]:
    benchmark = race.benchmark
    samples = {name: race.samples[name] for name in race.contestants}
    base = _best(samples, benchmark.baseline)
    return {
        "name": benchmark.name,
        "title": benchmark.title,
        "rounds": rounds,
        "rows": setting.rows,
        "threads": setting.threads,
        "memory_mb": setting.memory_mb,
        "baseline": base,
        "made": next(iter(race.made.values())) if benchmark.outputs else {},
        "contestants": {name: _figures(samples, name, base) for name in samples},
        "left_out": dict(left_out),
        "targets": [judged(samples, target) for target in benchmark.targets if target.subject in samples],
        "ledger": _ledger(samples),
        "notes": list(benchmark.notes),
    }


def _seconds(samples: Mapping[str, list[dict[str, float]]], name: str, figure: str = "seconds") -> list[float]:
    return [sample[figure] for sample in samples[name]]


def _median(samples: Mapping[str, list[dict[str, float]]], name: str, figure: str = "seconds") -> float:
    return statistics.median(_seconds(samples, name, figure))


def _best(samples: Mapping[str, list[dict[str, float]]], names: Sequence[str]) -> str | None:
    """Return the one with the lowest median."""
    return min((name for name in names if name in samples), key=lambda name: _median(samples, name), default=None)


def _paired(samples: Mapping[str, list[dict[str, float]]], name: str, base: str, figure: str = "seconds") -> float:
    """Return the median of the ratios of runs of the same round."""
    pairs = zip(_seconds(samples, name, figure), _seconds(samples, base, figure), strict=True)
    return statistics.median(mine / other for mine, other in pairs)


def _figures(samples: Mapping[str, list[dict[str, float]]], name: str, base: str | None) -> dict[str, Any]:
    taken = _seconds(samples, name)
    found: dict[str, Any] = {
        "median_s": round(_median(samples, name), 4),
        "min_s": round(min(taken), 4),
        "max_s": round(max(taken), 4),
        "cpu_s": round(_median(samples, name, "cpu_s"), 3),
        "peak_mb": round(max(_seconds(samples, name, "peak_mb"))),
    }
    if base is not None:
        found["ratio_of_medians"] = round(_median(samples, name) / _median(samples, base), 3)
        found["paired_ratio"] = round(_paired(samples, name, base), 3)
    return found


def judged(samples: Mapping[str, list[dict[str, float]]], target: Target) -> dict[str, Any]:
    """Return a target with what was reached."""
    if target.figure == "ratio":
        best = _best(samples, target.against)
        if best is None:
            return {"text": target.text, "limit": target.limit, "reached": None, "met": None}
        reached = _paired(samples, target.subject, best)
    elif target.figure == "peak_mb":
        reached = max(_seconds(samples, target.subject, "peak_mb"))
    else:
        reached = _median(samples, target.subject)
    told = {"text": target.text, "subject": target.subject, "limit": target.limit, "reached": round(reached, 4)}
    if target.figure == "ratio":
        told["against"] = best
    return {**told, "met": reached <= target.limit}


def _ledger(samples: Mapping[str, list[dict[str, float]]]) -> dict[str, float]:
    """Return what the ledger costs: on against off, in wall time and in processor seconds."""
    off = "riverstage, ledger off"
    if off not in samples or "riverstage" not in samples:
        return {}
    return {
        "wall": round(_paired(samples, "riverstage", off), 3),
        "cpu": round(_median(samples, "riverstage", "cpu_s") / max(_median(samples, off, "cpu_s"), 0.01), 3),
    }


def clean(setting: Setting) -> None:
    """Remove all outputs; the inputs stay for the next time."""
    shutil.rmtree(setting.out, ignore_errors=True)


def results_folder(setting: Setting, full: int) -> Path:
    """Return where results are kept: runs at full size to be committed, others beside the data."""
    return ROOT / "bench" / "results" if setting.rows == full else setting.data / str(setting.rows) / "results"
