"""Run the scene once a line of standard input, each time in a process of its own that dies at a place.

A line is ``FAILPOINT<TAB>FOLDER<TAB>RECORDS<TAB>MODE``; the answer is the process's exit code. Everything is imported
before the first fork, and nothing runs in this process, so that it has one thread only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb  # noqa: F401
import pyarrow.parquet  # noqa: F401

from riverstage import _wiring  # noqa: F401
from tests.crash.scene import flow_of


def main() -> None:
    for line in sys.stdin:
        failpoint, folder, records, mode = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            os.environ["RIVERSTAGE_FAILPOINT"] = failpoint
            code = 1
            try:
                flow_of(int(records), mode=mode).run(folder=Path(folder), quiet=True)
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
