"""Measure everything, or what is named: ``python bench/measure.py [NAME…] [--rounds N]``; writes the table."""

from __future__ import annotations

import argparse
import json
import shutil
import sys

import data
from crossings import compare
from harness import RESULTS, measure, run_once, save

# Name: script, contenders, baseline, what the targets are, and what must exist first.
LINES = {
    "demo": ("demo.py", ["riverstage", "riverstage, ledger basic", "duckdb sql", "polars", "pandas"], "duckdb sql", "riverstage ≤ 1.10", []),
    "whole": ("whole.py", ["riverstage", "riverstage, ledger basic", "duckdb sql", "polars streaming", "pandas", "pyspark local"], "duckdb sql", "riverstage ≤ 1.10", [data.orders, data.customers]),
    "copying": ("copying.py", ["riverstage", "duckdb sql", "polars streaming", "datafusion"], "duckdb sql", "riverstage ≤ the best", [data.csv]),
    "sorting": ("sorting.py", ["riverstage", "duckdb sql", "polars streaming", "datafusion"], "duckdb sql", "riverstage ahead of all", [data.orders]),
    "sinks": ("sinks.py", ["riverstage", "riverstage, ledger basic", "duckdb sql, one statement", "duckdb sql, a statement a target"], "duckdb sql, one statement", "riverstage ≤ 1.10 of the best", [data.orders, data.customers]),
    "state": ("state.py", ["riverstage", "plain pass", "window functions"], "plain pass", "riverstage ≤ 2.5", [data.state]),
    "memory": ("memory.py", ["riverstage", "duckdb sql"], "duckdb sql", "riverstage ≤ 700 MB", [data.orders, data.customers]),
}  # fmt: skip
SLOW = {"pandas": 3, "pyspark local": 3}


def product(rounds: int) -> None:
    """Measure what the product itself costs."""
    from product import LINES as OWN

    rows = {}
    for name, (_, target) in OWN.items():
        seconds = sorted(run_once("product.py", name)["made"] for _ in range(max(1, rounds // 5)))
        rows[name] = {"median_s": round(seconds[len(seconds) // 2], 4), "target_s": target}
        print(f"  {name}: {rows[name]['median_s']} s (target {target})", file=sys.stderr)
    save({"name": "product", "rounds": rounds, "rows": rows})


def table() -> str:
    """Return all results as Markdown."""
    lines = [
        "# Measured",
        "",
        "Medians of runs in turn, each in a process of its own; the ratio is the median of paired ratios.",
        "",
    ]
    files = sorted(RESULTS.glob("*.json"))
    if files:
        about = json.loads(files[0].read_text())["machine"]
        lines += [
            f"{about['cores']} cores of {about['cpu']}, {about['memory_mb'] // 1024} GB, {about['system']}, Python {about['python']}.",
            "",
        ]
    for path in files:
        result = json.loads(path.read_text())
        lines += [f"## {result['name']}", ""]
        if result["name"] == "product":
            lines += ["| what | seconds | target |", "|---|---:|---:|"]
            lines += [f"| {name} | {row['median_s']} | {row['target_s']} |" for name, row in result["rows"].items()]
        elif "baseline" in result:
            lines += [
                f"{result['rounds']} rounds; target: {LINES[result['name']][3]}.",
                "",
                "| contender | median s | min | max | ratio | peak MB |",
                "|---|---:|---:|---:|---:|---:|",
            ]
            lines += [
                f"| {name} | {row['median_s']} | {row['min_s']} | {row['max_s']} | {row['ratio']} | {row['rss_mb']} |"
                for name, row in result["rows"].items()
            ]
        else:
            lines += ["| what | figure |", "|---|---:|"] + [
                f"| {name} | {value} |" for name, value in result["rows"].items()
            ]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Measure what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--without", default="", help="contenders to leave out, comma separated")
    given = parser.parse_args()
    left_out = set(filter(None, given.without.split(",")))
    if not shutil.which("java"):
        print("Java is not here: Spark is left out.", file=sys.stderr)
        left_out.add("pyspark local")
    for name in given.names or ["product", "layout", *LINES]:
        if name == "product":
            product(given.rounds)
            continue
        if name == "layout":
            save({"name": "layout", "rows": compare()})
            continue
        script, contenders, baseline, _, needs = LINES[name]
        for make in needs:
            make()
        save(
            measure(
                name,
                script,
                [item for item in contenders if item not in left_out],
                baseline=baseline,
                rounds=given.rounds,
            )
        )
    (RESULTS / "README.md").write_text(table())
    print(table())


if __name__ == "__main__":
    main()
