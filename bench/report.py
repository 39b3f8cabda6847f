"""Keep results, and make the one table of all."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.jobs import BENCHMARKS

__all__ = ["machine", "save", "table", "write_table"]

_PACKAGES = ("riverstage", "duckdb", "sqlglot", "pyarrow", "numba", "polars", "pandas", "pyspark", "datafusion")


def _line_of(path: str, start: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(start)), "")


def _java() -> str:
    if shutil.which("java") is None:
        return ""
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    return said.split('"')[1] if said.count('"') >= 2 else ""


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "java": _java()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    commit = os.environ.get("RIVERSTAGE_BENCH_COMMIT")
    if commit and "riverstage" in found:
        found["riverstage"] += f" ({commit})"
    return {name: said for name, said in found.items() if said}


def machine() -> dict[str, Any]:
    """Describe the machine; its name and paths are nobody's business."""
    memory = _line_of("/proc/meminfo", "MemTotal").split()
    return {
        "processor": _line_of("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[0]) / 1024 / 1024) if memory else None,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "versions": _versions(),
    }


def save(result: dict[str, Any], folder: Path) -> None:
    """Keep a result as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**result, "machine": machine()}, indent=2, ensure_ascii=False)
    (folder / f"{result['name']}.json").write_text(text + "\n", encoding="utf-8")


def write_table(folder: Path) -> str:
    """Write and return the table of all results of a folder."""
    there = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    order = [*BENCHMARKS, "crossings"]
    results = [there[name] for name in order if name in there]
    text = table(results)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(text, encoding="utf-8")
    return text


def table(results: list[dict[str, Any]]) -> str:
    """Return all results as Markdown."""
    lines = ["# Measured", "", *_how(results), *_targets(results), *_ledger(results)]
    for result in results:
        lines += [*_one(result), ""]
    return "\n".join(lines).rstrip() + "\n"


def _how(results: list[dict[str, Any]]) -> Iterator[str]:
    yield (
        "Written by `make bench`; `bench/README.md` says how it is measured. In short: every run is a process of its "
        "own that has done the same on small data before; contestants come in random order within each round; all use "
        "the same threads, all write Parquet with Snappy in row groups of 122,880 rows, make it durable and rename "
        "it; the rows they made were compared. The *paired ratio* is the median of the ratios of runs of the same "
        "round. Processor seconds and resident memory are those of the process and all it started; memory is the "
        "highest of all rounds."
    )
    yield ""
    machines = {json.dumps(result["machine"], sort_keys=True): result for result in results}
    for result in machines.values():
        about = result["machine"]
        names = [each["name"] for each in results if each["machine"] == about]
        versions = ", ".join(f"{name} {said}" for name, said in about["versions"].items())
        of = "" if len(machines) == 1 else f" (of {', '.join(names)})"
        yield (
            f"Machine{of}: {about['cores']} cores of {about['processor']}, {about['memory_gb']} GB, "
            f"{about['system']}; {versions}."
        )
        yield ""


def _targets(results: list[dict[str, Any]]) -> Iterator[str]:
    yield from ("## Targets", "", "| benchmark | target | reached | met | rounds |", "|---|---|---:|---|---:|")
    for result in results:
        for target in result.get("targets", ()):
            met = {True: "yes", False: "**no**", None: "not measured"}[target["met"]]
            subject = f"{target['subject']}: " if target.get("subject", "riverstage") != "riverstage" else ""
            against = f" (best: {target['against']})" if target.get("against") else ""
            text = f"{subject}{target['text']}{against}"
            yield f"| {result['name']} | {text} | {_figure(target['reached'])} | {met} | {result.get('rounds', 1)} |"
    yield ""


def _ledger(results: list[dict[str, Any]]) -> Iterator[str]:
    found = [result for result in results if result.get("ledger")]
    if not found:
        return
    yield from ("## What the row ledger costs", "", "On against off; off counts nothing.", "")
    yield from ("| benchmark | wall time | processor time |", "|---|---:|---:|")
    for result in found:
        yield f"| {result['name']} | {result['ledger']['wall']} | {result['ledger']['cpu']} |"
    yield ""


def _one(result: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {result['name']}", "", result["title"], "")
    if "figures" in result:
        yield from ("| what | figure |", "|---|---:|")
        yield from (f"| {what} | {value} |" for what, value in result["figures"].items())
        return
    base = result["baseline"]
    rounds = "1 round" if result["rounds"] == 1 else f"{result['rounds']} rounds"
    yield (
        f"{rounds}; {result['rows']:,} rows in the large table; {result['threads']} threads; memory limit "
        f"{result['memory_mb']:,} MB for engines that have one{f'; ratios to {base}' if base else ''}."
    )
    yield ""
    ratios = " ratio of medians | paired ratio |" if base else ""
    yield f"| contestant | median s | min | max | cpu s | peak MB |{ratios}"
    yield "|---|---:|---:|---:|---:|---:|" + ("---:|---:|" if base else "")
    for name, row in result["contestants"].items():
        cells = [row["median_s"], row["min_s"], row["max_s"], row["cpu_s"], row["peak_mb"]]
        cells += [row["ratio_of_medians"], row["paired_ratio"]] if base else []
        yield f"| {name} | " + " | ".join(_figure(cell) for cell in cells) + " |"
    for name, why in result["left_out"].items():
        yield f"\nLeft out: {name}: {why}."
    for note in result["notes"]:
        yield f"\n{note}"


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3f}" if value >= 1 else f"{value:.4f}"
