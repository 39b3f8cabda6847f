"""One contestant's run, in its own process: ``python -m bench.contend BENCHMARK CONTESTANT SETTING``."""

from __future__ import annotations

import json
import sys

from bench.harness import contend
from bench.jobs import BENCHMARKS
from bench.setting import Setting


def main() -> None:
    """Run and print what it took as one line of JSON."""
    name, contestant, said = sys.argv[1:]
    setting = Setting.loads(said)
    setting.hold_to_threads()
    print(json.dumps(contend(BENCHMARKS[name], contestant, setting)))


if __name__ == "__main__":
    main()
