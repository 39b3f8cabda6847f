"""How the command looks: on a wide and a narrow terminal, in colour and without, in ASCII, in a pipe."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from riverstage import BatchFlow

from .running import COMMAND, copying, generated, process, run, terminal

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LONG = 3_000_000_000


def _bar(sent: str) -> str:
    """Return the last state of the bar that a terminal was sent."""
    drawn = [line for line in _COLOUR.sub("", sent).split("\r\x1b[2K") if "%" in line]
    assert drawn, sent
    return drawn[-1].partition("^C")[0]


def test_a_long_run_shows_a_bar_with_rows_and_rate(tmp_path: Path) -> None:
    generated("long", _LONG, tmp_path, target="out.csv")
    code, sent = terminal(
        tmp_path, "run", "flow.json", columns=100, until=lambda sent: "M rows/s" in sent, then=b"\x03"
    )
    assert code == 130
    assert re.match(
        r"long  ━*╺+ +\d+ %   [\d.]+ [kMG] of 3\.00 G rows   [\d.]+ [kM] rows/s(   [\d:]+ left)?$", _bar(sent)
    )
    assert all(len(line) <= 97 for line in _COLOUR.sub("", sent).split("\r\x1b[2K"))
    assert sent.rstrip().endswith("No target was changed.")


def test_a_narrow_terminal_has_a_short_bar(tmp_path: Path) -> None:
    generated("a flow with a very long name", _LONG, tmp_path, target="out.csv")
    code, sent = terminal(tmp_path, "run", "flow.json", columns=34, until=lambda sent: "%" in sent, then=b"\x03")
    assert code == 130
    assert len(_bar(sent)) <= 31


def test_a_bar_in_ascii_without_colours(tmp_path: Path) -> None:
    generated("long", _LONG, tmp_path, target="out.csv")
    code, sent = terminal(
        tmp_path,
        "run",
        "flow.json",
        until=lambda sent: "%" in sent,
        then=b"\x03",
        NO_COLOR="1",
        PYTHONUTF8="0",
        PYTHONIOENCODING="ascii",
    )
    assert code == 130
    assert sent.isascii()
    assert _COLOUR.search(sent) is None
    assert re.match(r"long  =*-+ ", _bar(sent))


def test_a_dumb_terminal_gets_no_bar_and_no_colour(tmp_path: Path) -> None:
    generated("long", 15_000_000, tmp_path, target="out.csv")
    code, sent = terminal(tmp_path, "run", "flow.json", TERM="dumb")
    assert code == 0
    assert "\x1b" not in sent
    assert "%" not in sent


def test_the_bar_does_not_disturb_what_is_piped(tmp_path: Path) -> None:
    generated("long", 15_000_000, tmp_path, target="out.csv")
    with (tmp_path / "said").open("wb") as said:
        code, sent = terminal(tmp_path, "run", "flow.json", "--json", output=said.fileno())
    assert code == 0
    assert (tmp_path / "said").read_text().startswith('{\n  "run_id"')
    assert _COLOUR.sub("", sent).split("\r\x1b[2K")[-1] == ""


def test_a_pipe_gets_silence(tmp_path: Path) -> None:
    generated("long", 15_000_000, tmp_path, target="out.csv")
    done = process(tmp_path, "run", "flow.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "%" not in done.stdout


def test_signs_have_colours_on_a_terminal(shop: Path) -> None:
    code, sent = terminal(shop, "check", "shop/flows/hello.json")
    assert (code, sent) == (0, "\x1b[32;1m✓\x1b[0m hello: no problems found\r\n")
    code, sent = terminal(shop, "check", "shop/flows/hello.json", NO_COLOR="1")
    assert (code, sent) == (0, "✓ hello: no problems found\r\n")


def test_the_summary_is_aligned(shop: Path) -> None:
    lines = run(shop, "run", "shop/flows/hello.json").stdout.splitlines()
    links = lines[-3:]
    assert [line.index(" rows") for line in links] == [links[0].index(" rows")] * 3
    assert [line.index(" → ") for line in links] == [16, 20, 23]
    assert lines[-5].startswith("✓ hello completed in ")


@pytest.mark.parametrize("columns", [100, 60, 30])
def test_the_summary_fits_the_terminal(shop: Path, columns: int) -> None:
    _, sent = terminal(shop, "run", "shop/flows/hello.json", "-p", "least=1000", columns=columns)
    lines = re.split(r"\r\n|\r\x1b\[2K", _COLOUR.sub("", sent))
    assert [line for line in lines if len(line) > columns] == []
    assert any(line.startswith("  sorted") and line.endswith("0 rows") for line in lines)


def test_a_preview_leaves_columns_out_that_have_no_room(shop: Path) -> None:
    _, sent = terminal(shop, "preview", "shop/flows/hello.json", "large", "-n", "1", columns=17)
    assert sent.split("\r\n") == [
        "   id  customer",
        "int32  string",
        "─────  ────────",
        "    1  ADA",
        "… and 1 more column: amount",
        "",
    ]


def test_a_terminal_without_the_characters_gets_ascii(shop: Path) -> None:
    done = process(shop, "run", "shop/flows/hello.json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "ok hello completed" in done.stdout
    assert "orders  Orders -> Large ones " in done.stdout
    listed = process(shop, "stages", PYTHONIOENCODING="ascii").stdout
    assert "  * Peek " in listed


def test_data_in_other_characters_are_escaped(tmp_path: Path) -> None:
    generated("names", 2, tmp_path)
    done = process(tmp_path, "run", "flow.json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "Look,0: id:2 customer:Zo\\xeb" in done.stdout


def test_data_cannot_steer_the_terminal(tmp_path: Path) -> None:
    copying(tmp_path, 'id,name\n1,"\x1b[2J\nboo"\n')
    done = run(tmp_path, "preview", "flow.json", "Link_1")
    assert "\x1b" not in done.stdout
    assert "    1  \\x1b[2J\\nboo" in done.stdout


def test_whoever_reads_may_leave(tmp_path: Path) -> None:
    """The reader of a pipe goes; the run is done all the same, and its code says how it went."""
    generated("short", 50_000, tmp_path, shown=50_000)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "run", "flow.json"], cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_behind_the_output_is_told(shop: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "stages"], cwd=shop, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "✗ error RS-8008: The output could not be written: No space left on device.\n"


def _without(folder: Path, closed: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process that was started without some of the standard streams."""
    shell = f'exec "$@" {closed}'
    return subprocess.run(
        ["/bin/sh", "-c", shell, "sh", *COMMAND, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    "arguments", [["run", "flow.json"], ["run", "flow.json", "-q"], ["run", "flow.json", "--json"]]
)
def test_a_run_does_without_standard_streams(tmp_path: Path, closed: str, arguments: list[str]) -> None:
    _written_and_shown(tmp_path)
    done = _without(tmp_path, closed, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out.csv").read_text().splitlines() == ["1", "2", "3"]
    shown = done.stdout if ">&-" not in closed.replace("2>&-", "") else None
    assert shown is None or ("completed" in shown.lower()) == (arguments[-1] != "-q")


@pytest.mark.parametrize("arguments", [["check", "flow.json"], ["preview", "flow.json", "rows"], ["stages"], ["-h"]])
def test_a_closed_output_is_no_error(tmp_path: Path, arguments: list[str]) -> None:
    _written_and_shown(tmp_path)
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        done = _without(tmp_path, closed, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert _without(tmp_path, "2>&-", "run", "none.json").returncode == 2


def _written_and_shown(folder: Path, records: int = 3) -> None:
    """Save a flow that writes rows to ``out.csv`` and shows all of them."""
    flow = BatchFlow("both")
    source, copy, peek, target = (flow.add_stage(kind) for kind in ("Row Generator", "Copy", "Peek", "Sequential file"))
    source.configuration.records = records
    peek.configuration.all = True
    target.configuration.file = ["out.csv"]
    schema = source.connect_output_to(copy, name="rows").create_schema()
    schema.add_field("INTEGER", "id", cycle_initial_value=1, cycle_increment=1)
    copy.connect_output_to(peek)
    copy.connect_output_to(target)
    flow.save(folder / "flow.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("records", [3, 20_000])
def test_rows_that_cannot_be_shown_do_not_end_the_run(tmp_path: Path, records: int) -> None:
    """Few rows fail when the output is flushed, many while the run is at work."""
    _written_and_shown(tmp_path, records)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "run", "flow.json"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 0
    assert done.stderr == (
        "✗ error RS-8008: The output could not be written: No space left on device.\n"
        f"  The run completed all the same: {records:,} rows written to out.csv.\n"
    )
    assert len((tmp_path / "out.csv").read_text().splitlines()) == records


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("option", ["--json", "--warnings-ok"])
def test_a_run_whose_output_cannot_be_written_has_completed_all_the_same(tmp_path: Path, option: str) -> None:
    generated("short", 5, tmp_path, target="out.csv")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "run", "flow.json", option],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 0
    assert done.stderr == (
        "✗ error RS-8008: The output could not be written: No space left on device.\n"
        "  The run completed all the same: 5 rows written to out.csv.\n"
    )
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_an_error_that_cannot_be_shown_keeps_its_code(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "run", "none.json", "--json"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "✗ error RS-8008: The output could not be written: No space left on device.\n"
