"""What is shown while a run is at work: the bar's line, when there is one, and what an error lets go of."""

from __future__ import annotations

import errno
import io
import os
import re
import sys
import weakref
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage import BatchFlow
from riverstage.errors import RunFailed
from riverstage.plan.events import Event, LogLine, Observed, Progress
from riverstage.runs._bar import Bar, Known, bar_line, known_of
from riverstage.runs._terminal import can_colour, flush, wide, width
from riverstage.runs.console import Console, let_go
from riverstage.runs.runtime import Runtime


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    return made


def generated(records: int = 1000) -> Runtime:
    flow = BatchFlow("sales")
    source = flow.add_stage("Row Generator", "Make")
    source.configuration.records = records
    link = source.connect_output_to(flow.add_stage("Peek", "Look")).set_name("rows")
    link.create_schema().add_field("INTEGER", "id")
    return Runtime(flow.document, flow.name)


@given(
    done=st.none() | st.floats(0, 1),
    seconds=st.floats(0, 1e6),
    rows=st.none() | st.integers(0, 10**13),
    columns=st.integers(12, 200),
    name=st.text(max_size=40),
)
def test_a_bar_fits_whatever_it_says(
    done: float | None, seconds: float, rows: int | None, columns: int, name: str
) -> None:
    assert wide(bar_line(name, done, seconds, Known(rows=rows), columns)) <= columns


def test_the_bar_fills_up() -> None:
    lines = [bar_line("sales", part / 10, 1, Known(), 60) for part in range(11)]
    filled = [line.count("━") for line in lines]
    assert filled == sorted(filled)
    assert (filled[0], lines[-1].count("╺")) == (0, 0)


def test_bytes_are_said_where_rows_are_not_known() -> None:
    line = bar_line("sales", 0.5, 10, Known(size=3_000_000_000), 120)
    assert re.search(r"   50 %   1\.50 GB of 3\.00 GB   150 MB/s   0:10 left$", line)


def test_a_bar_does_not_go_back(screen: Screen) -> None:
    bar = Bar("sales", Known(), screen)
    bar.show(0.5, 1)
    bar.show(0.4, 2)
    assert screen.getvalue().count("50 %") == 2
    bar.clear()
    bar.clear()
    assert screen.getvalue().endswith("\r\x1b[2K")


def test_a_short_run_shows_no_bar(screen: Screen) -> None:
    clock = Clock()
    with redirect_stderr(screen), Console(generated(), clock=clock) as console:
        clock.now = 0.9
        console.listen(Progress(0.5, 1, 1))
    assert screen.getvalue() == ""


def test_a_long_run_shows_one_and_clears_it(screen: Screen) -> None:
    clock = Clock()
    with redirect_stderr(screen), Console(generated(records=4_000_000), clock=clock) as console:
        clock.now = 2.0
        console.listen(Progress(0.5, 1, 2))
        assert "   25 %   1.00 M of 4.00 M rows   500 k rows/s   0:06 left" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[2K")


def test_a_step_that_cannot_be_measured(screen: Screen) -> None:
    clock = Clock()
    with redirect_stderr(screen), Console(generated(), clock=clock) as console:
        clock.now = 65
        console.listen(Progress(None, 1, 1))
    assert "sales  at work for 1:05" in screen.getvalue()


def test_rows_of_a_peek_take_the_place_of_the_bar(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with redirect_stderr(screen), Console(generated(), clock=clock) as console:
        clock.now = 2
        console.listen(Progress(0.5, 1, 1))
        console.listen(LogLine("info", "Look", "Look,0: id:1"))
        assert screen.getvalue().endswith("\r\x1b[2K")
        assert console.has_written
    assert capsys.readouterr().out == "Look,0: id:1\n"


def test_quiet_is_quiet(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with redirect_stderr(screen), Console(generated(), quiet=True, clock=clock) as console:
        clock.now = 2
        console.listen(Progress(0.5, 1, 1))
        console.listen(LogLine("info", "Look", "Look,0: id:1"))
    assert screen.getvalue() + capsys.readouterr().out == ""


def test_json_keeps_the_bar_and_drops_the_rows(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with redirect_stderr(screen), Console(generated(), shows_rows=False, clock=clock) as console:
        clock.now = 2
        console.listen(LogLine("info", "Look", "Look,0: id:1"))
        console.listen(Progress(0.5, 1, 1))
    assert "50 %" in screen.getvalue()
    assert capsys.readouterr().out == ""


class Refusing(Screen):
    """A terminal that is gone, or an output without room."""

    def write(self, text: str) -> int:
        del text
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("event", [LogLine("info", "Look", "Look,0: id:1"), Progress(0.5, 1, 1)])
def test_what_cannot_be_shown_does_not_end_the_run(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    clock = Clock()
    with (
        redirect_stdout(Refusing()),
        redirect_stderr(Refusing()),
        Console(generated(), clock=clock) as console,
    ):
        clock.now = 2
        for _ in range(2):
            console.listen(event)
        console.listen(Observed("rows", 5, "seen"))
    assert console.refused is not None
    assert (console.refused.errno, console.refused.__traceback__) == (errno.ENOSPC, None)


def test_a_program_without_standard_streams_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    clock = Clock()
    with Console(generated(), clock=clock) as console:
        clock.now = 2
        console.listen(LogLine("info", "Look", "Look,0: id:1"))
        console.listen(Progress(0.5, 1, 1))
    assert console.refused is None
    assert generated(3).run(listener=console.listen).counts == {"rows": 3}
    assert (width(None), can_colour(None)) == (None, False)
    flush()


def test_what_is_known_beforehand(tmp_path: Path) -> None:
    assert known_of(generated(records=7), {}) == Known(rows=7, size=None)
    (tmp_path / "in.csv").write_text("1\n2\n")
    flow = BatchFlow("reading")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = ["in.csv"]
    link = source.connect_output_to(flow.add_stage("Peek", "Look")).set_name("rows")
    link.create_schema().add_field("INTEGER", "id")
    reading = Runtime(flow.document, flow.name, folder=tmp_path)
    assert known_of(reading, {}) == Known(rows=None, size=4)
    assert known_of(reading, {"rows": 2}) == Known(rows=2, size=4)


def test_counts_that_were_seen_are_kept(screen: Screen) -> None:
    console = Console(generated(), clock=Clock())
    console.listen(Observed("rows", 5, "seen"))
    assert screen.getvalue() == ""


class Held:
    """Something that must not live as long as an error."""


def test_an_error_lets_go_of_what_its_frames_hold() -> None:
    refs = []

    def inner() -> None:
        held = Held()
        refs.append(weakref.ref(held))
        message = "inner"
        raise ValueError(message)

    def outer() -> None:
        held = Held()
        refs.append(weakref.ref(held))
        try:
            inner()
        except ValueError as error:
            message = "outer"
            raise RunFailed(message) from error

    with pytest.raises(RunFailed) as caught:
        outer()
    assert [ref() is not None for ref in refs] == [True, True]
    let_go(caught.value)
    assert [ref() for ref in refs] == [None, None]
