"""Measure everything, or what is named: ``python -m bench [NAME…] [--rounds N] [--small | --rows N]``.

Results of full size go to ``bench/results``, others beside the data. Ends with 1 where a benchmark failed; the others
are measured all the same.
"""

from __future__ import annotations

import argparse
import sys
import time

from bench import check, crossings, harness, report
from bench.jobs import BENCHMARKS
from bench.setting import FULL, SMALL, Setting


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*BENCHMARKS, "crossings"]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all without")
    parser.add_argument("--rounds", type=int, default=15, help="rounds that are kept (15)")
    parser.add_argument("--rows", type=int, default=FULL, help=f"rows of the large table ({FULL:,})")
    parser.add_argument("--small", action="store_true", help=f"the same as --rows {SMALL}")
    parser.add_argument("--threads", type=int, default=2, help="threads for everybody (2)")
    parser.add_argument("--memory", type=int, default=8000, help="MB for engines that have a limit (8000)")
    parser.add_argument("--without", default="", metavar="A;B", help="contestants to leave out, between semicolons")
    parser.add_argument("--table", action="store_true", help="measure nothing, only write the table anew")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in names]
    if unknown or given.rounds < 1:
        parser.error(f"no such benchmark: {', '.join(unknown)}" if unknown else "at least one round")
    given.rows = SMALL if given.small else given.rows
    given.names = given.names or names
    return given


def main() -> int:
    """Measure what is named; return the exit code."""
    given = _arguments()
    setting = Setting(rows=given.rows, threads=given.threads, memory_mb=given.memory)
    folder = harness.results_folder(setting, FULL)
    failed = []
    for name in [] if given.table else given.names:
        started = time.perf_counter()
        try:
            if name == "crossings":
                result = crossings.compare()
            else:
                without = [each.strip() for each in given.without.split(";")]
                result = harness.measure(BENCHMARKS[name], setting, rounds=given.rounds, without=without)
        except (harness.Failed, check.Disagreement) as error:
            print(f"FAILED {name}: {error}", file=sys.stderr, flush=True)
            failed.append(name)
            continue
        finally:
            harness.clean(setting)
        report.save(result, folder)
        report.write_table(folder)
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    print(report.write_table(folder))
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
