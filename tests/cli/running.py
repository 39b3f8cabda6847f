"""Run the command: in this process where that is enough, else as a process of its own, on a pipe or a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

from riverstage import BatchFlow
from riverstage.cli import main

COMMAND = [sys.executable, "-c", "from riverstage.cli import main; main()"]
_LONGEST = 60.0


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, in a folder; whatever happens, no traceback may be shown."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: object = None
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environment),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(list(arguments))
        except SystemExit as left:
            code = left.code
    assert isinstance(code, int)
    said, complained = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    assert "Traceback" not in said + complained, complained
    return subprocess.CompletedProcess(arguments, code, said, complained)


def process(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own, on pipes; nothing of the libraries below may be shown."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST,
        env={**os.environ, "PYTHONWARNINGS": "default", **environment},
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    assert "nanobind" not in done.stderr, done.stderr
    return done


def terminal(
    folder: Path,
    *arguments: str,
    columns: int = 80,
    until: Callable[[str], bool] | None = None,
    then: bytes = b"",
    output: int | None = None,
    **environment: str,
) -> tuple[int, str]:
    """Run the command on a terminal of so many columns; return its exit code and all that the terminal was sent.

    Args:
        folder: Where it runs.
        arguments: The command line.
        columns: How wide the terminal is.
        until: Says of what was sent whether the keys ``then`` are to be typed now.
        then: What is typed.
        output: A descriptor for standard output; the terminal by default.
        environment: Variables to set; the terminal is an ``xterm``.
    """
    above, below = pty.openpty()
    fcntl.ioctl(below, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    started = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        stdin=below,
        stdout=below if output is None else output,
        stderr=below,
        env={**kept, "TERM": "xterm", "PYTHONUTF8": "1", **environment},
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(below)
    sent = b""
    deadline = time.monotonic() + _LONGEST
    while time.monotonic() < deadline:
        ready, _, _ = select.select([above], [], [], 0.1)
        if ready:
            try:
                piece = os.read(above, 65_536)
            except OSError:
                break
            if not piece:
                break
            sent += piece
        if until is not None and until(sent.decode("utf-8", "replace")):
            os.write(above, then)
            until = None
    code = started.wait(timeout=_LONGEST)
    os.close(above)
    return code, sent.decode("utf-8", "replace")


def _take_terminal() -> None:
    """Make the terminal on standard input the one whose keys reach this process as signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def generated(
    name: str, records: int, folder: Path, *, target: str | None = None, file: str = "flow.json", shown: int = 10
) -> Path:
    """Save a flow that makes rows and shows them, or writes them to a file."""
    flow = BatchFlow(name)
    source = flow.add_stage("Row Generator", "Make")
    source.configuration.records = records
    if target is None:
        last = flow.add_stage("Peek", "Look")
        last.configuration.nrecs = shown
    else:
        last = flow.add_stage("Sequential file", "Write")
        last.configuration.file = [target]
    schema = source.connect_output_to(last).set_name("rows").create_schema()
    schema.add_field("INTEGER", "id", cycle_initial_value=1, cycle_increment=1)
    schema.add_field("VARCHAR", "customer", length=10, cycle_values=["Ada", "Zoë"])
    flow.save(folder / file)
    return folder / file


def copying(folder: Path, text: str, *, reject: bool = False, fields: Sequence[tuple[str, str]] = ()) -> Path:
    """Save a flow that reads ``in.csv`` and writes ``out.csv``."""
    (folder / "in.csv").write_text(text)
    flow = BatchFlow("copying")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = ["in.csv"]
    source.configuration.first_line_is_column_names = True
    target = flow.add_stage("Sequential file", "Write")
    target.configuration.file = ["out.csv"]
    target.configuration.first_line_is_column_names = True
    schema = source.connect_output_to(target).create_schema()
    for kind, name in fields or [("INTEGER", "id"), ("VARCHAR", "name")]:
        schema.add_field(kind, name)
    if reject:
        source.connect_output_to(flow.add_stage("Peek", "Bad")).reject()
    flow.save(folder / "flow.json")
    return folder / "flow.json"
