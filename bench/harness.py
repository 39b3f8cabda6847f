"""Run contenders in turn, each in a process of its own, and keep medians and ratios.

A contender is ``MODULE.py NAME``: it does the work once and prints one line of JSON: seconds of the work (without the
start of the interpreter and imports), and what it made of the data, so that all can be seen to agree.
"""

from __future__ import annotations

import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def contend(work: Callable[[], Any]) -> None:
    """Do the work once and print what it took; called in the contender's process."""
    started = time.perf_counter()
    made = work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rss_mb": round(peak), "made": made}))


def run_once(script: str, contender: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a contender once."""
    command = [sys.executable, str(HERE / script), contender]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{script} {contender} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(
    name: str, script: str, contenders: list[str], *, baseline: str, rounds: int, check: bool = True
) -> dict[str, Any]:
    """Run all contenders ``rounds`` times in random order within each round; return medians and paired ratios."""
    order = random.Random(name)
    times: dict[str, list[float]] = {contender: [] for contender in contenders}
    peaks: dict[str, list[int]] = {contender: [] for contender in contenders}
    made: dict[str, Any] = {}
    for number in range(rounds + 1):
        turn = contenders[:]
        order.shuffle(turn)
        for contender in turn:
            told = run_once(script, contender)
            if number == 0:  # the first round warms the page cache and is not kept
                made[contender] = told["made"]
                continue
            times[contender].append(told["seconds"])
            peaks[contender].append(told["rss_mb"])
        print(f"  {name}: round {number} of {rounds}", file=sys.stderr, flush=True)
    if check and len({json.dumps(value) for value in made.values()}) != 1:
        raise RuntimeError(f"{name}: contenders disagree: {made}")
    rows = {
        contender: {
            "median_s": round(statistics.median(times[contender]), 4),
            "min_s": round(min(times[contender]), 4),
            "max_s": round(max(times[contender]), 4),
            "ratio": round(
                statistics.median(mine / base for mine, base in zip(times[contender], times[baseline], strict=True)), 3
            ),
            "rss_mb": round(statistics.median(peaks[contender])),
        }
        for contender in contenders
    }
    return {"name": name, "baseline": baseline, "rounds": rounds, "made": made[baseline], "rows": rows}


def machine() -> dict[str, Any]:
    """Describe the machine."""
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    memory = next(
        int(line.split()[1]) // 1024
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_mb": memory,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def save(result: dict[str, Any]) -> None:
    """Keep a result as JSON; ``measure.py`` makes the table of all."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{result['name']}.json"
    path.write_text(json.dumps({**result, "machine": machine()}, indent=2) + "\n")
