"""How a run, a check and an explanation show themselves."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from riverstage import BatchFlow
from riverstage.errors import Diagnostic, Place
from riverstage.runs._terminal import cut, fitted, pad, visible, wide
from riverstage.runs.compiled import explain_text
from riverstage.runs.findings import Findings
from riverstage.runs.present import duration, result_html, result_text
from riverstage.runs.result import LinkResult, Links, LogEntry, RunResult, TargetResult

_NOW = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)


def result(status: Any = "Completed", **given: Any) -> RunResult:
    links = given.pop(
        "links",
        [
            LinkResult("orders", "Read", "Check", "primary", 1_234_567),
            LinkResult("kept", "Check", "Write", "primary", 1_234_566),
            LinkResult("bad", "Check", "Aside", "reject", 1),
        ],
    )
    return RunResult(
        run_id="r1",
        flow=given.pop("flow", "sales"),
        engine="duckdb",
        status=status,
        started=_NOW,
        seconds=given.pop("seconds", 2.5),
        links=Links({link.name: link for link in links}),
        **given,
    )


def test_a_run_in_text() -> None:
    targets = (TargetResult("Write", 1_234_566, "out.csv", True), TargetResult("Aside", 1, "bad.csv", True))
    assert result_text(result(targets=targets)).splitlines() == [
        "✓ sales completed in 2.5 s (engine duckdb, run r1)",
        "",
        "  orders  Read → Check   1,234,567 rows",
        "  kept    Check → Write  1,234,566 rows",
        "  bad     Check → Aside          1 row   reject",
        "",
        "  1,234,566 rows written to out.csv",
        "          1 row  written to bad.csv",
    ]


def test_targets_are_said_so_that_they_can_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    far = tmp_path.parent / "far.csv"
    paths = {"out.csv": tmp_path / "in" / "out.csv", "../far.csv": tmp_path / "in" / ".." / ".." / "far.csv", "db": ""}
    targets = tuple(TargetResult("Write", 2, where, True, str(path)) for where, path in paths.items())
    assert [target.shown for target in targets] == [str(Path("in", "out.csv")), str(far), "db"]
    assert f"  2 rows written to {far}" in result_text(result(targets=targets))


def test_warnings_stand_last_and_not_all_of_them() -> None:
    log = tuple(LogEntry(_NOW, "warning", "Check", f"warning {number}") for number in range(20))
    lines = result_text(result("CompletedWithWarnings", log=log)).splitlines()
    assert lines[0].startswith("! sales completed with warnings in 2.5 s")
    assert lines[-13:-11] == ["  ! Check: warning 0", "  ! Check: warning 1"]
    assert lines[-1] == "  … and 8 more warnings in the log"


def test_a_failed_run_says_what_and_what_next_and_no_counts() -> None:
    error = {"code": "RS-6110", "message": "No room.", "place": {}, "state": "No target was changed.", "mend": "Add."}
    assert result_text(result("Failed", error=error)).splitlines() == [
        "✗ sales failed after 2.5 s (engine duckdb, run r1)",
        "",
        "  No room. [RS-6110]",
        "  No target was changed.",
        "  → Add.",
    ]


def test_many_links_are_not_all_shown() -> None:
    links = [LinkResult(f"l{number}", "A", "B", "primary", None) for number in range(50)]
    lines = result_text(result(links=links)).splitlines()
    assert lines[2] == "  l0   A → B  ? rows"
    assert lines[-1] == "  … and 10 more links"


@pytest.mark.parametrize("columns", [200, 60, 40, 30])
def test_a_summary_is_as_wide_as_its_terminal(columns: int) -> None:
    links = [
        LinkResult("a link with a long name", "東京", "大阪", "primary", 12),
        LinkResult("b", "A", "B", "reject", 1),
    ]
    assert [line for line in result_text(result(links=links), columns).splitlines() if wide(line) > columns] == []


def test_names_cannot_steer_a_terminal() -> None:
    text = result_text(result(flow="a\x1b[2Jb", links=[LinkResult("l\n", "\x07", "B", "primary", 1)]))
    assert "\x1b" not in text
    assert "  l\\n  \\x07 → B  1 row" in text


def test_a_run_in_a_notebook_shows_the_flow_with_its_counts(tmp_path: Path) -> None:
    flow = BatchFlow("<sales>")
    source = flow.add_stage("Row Generator", "Make & show")
    source.configuration.records = 1234
    link = source.connect_output_to(flow.add_stage("Peek", "Look")).set_name("rows")
    link.create_schema().add_field("INTEGER", "id")
    page = flow.run(folder=tmp_path, quiet=True)._repr_html_()
    assert "<sales>" not in page
    assert "&lt;sales&gt;" in page
    tree = ElementTree.fromstring(page)
    picture = tree.find("{http://www.w3.org/2000/svg}svg")
    assert picture is not None
    assert "1,234" in "".join(picture.itertext())
    assert [cell.text for cell in tree.iter("td")] == ["rows", "Make & show → Look", "1,234", "primary"]


def test_a_failed_run_in_a_notebook() -> None:
    error = {"code": "RS-6110", "message": "<b>", "place": {}, "state": "", "mend": ""}
    page = result_html(result("Failed", error=error))
    assert "&lt;b&gt; [RS-6110]" in page
    assert "<table" not in page


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 ms"), (0.9996, "1.0 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"), (3600, "1 h 0 min")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_findings_in_text_and_in_a_notebook() -> None:
    found = Findings(
        "sales",
        [
            Diagnostic("RS-4003", "error", "It has no <keys>.", Place(flow="sales", stage="Sort"), "Give it one."),
            Diagnostic("RS-4100", "warning", "Odd.", Place(flow="sales")),
        ],
    )
    assert repr(found).splitlines() == [
        "✗ sales: 1 error, 1 warning",
        "  ✗ RS-4003  stage 'Sort': It has no <keys>.",
        "    → Give it one.",
        "  ! RS-4100  Odd.",
    ]
    assert "&lt;keys&gt;" in found._repr_html_()
    assert repr(Findings("sales", [])) == "✓ sales: no problems found"


def explained(sql: str) -> str:
    plan = {
        "flow": "f",
        "engine": "duckdb",
        "rounds": [[sql]],
        "kernels": [],
        "shortcuts": [],
        "read_plain": [],
        "python_functions": [],
        "order": {"kept": [], "none": []},
        "ledger": {"known": {}, "observed": [], "unknown": []},
    }
    return explain_text(plan, 60)


def test_sql_is_broken_between_words_only() -> None:
    sql = "SELECT 'a  text with  blanks that must stay as it is', \"a  name\" FROM t WHERE " + " AND ".join(
        f"column_{number} = '{number}  '" for number in range(20)
    )
    shown = explained(sql)
    body = shown[shown.index("round 1\n") + 8 : shown.index("\n\nrow counts")]
    assert "'a  text with  blanks that must stay as it is'" in body
    assert re.sub(r"\n +", " ", body).strip() == f"{sql};"
    assert "\n  FROM t\n  WHERE\n    column_0 = '0  '\n    AND column_1" in body
    assert len(body.splitlines()) > 5


def test_sql_with_a_text_over_several_lines_stays_as_it_is() -> None:
    one, three = "'one\n" + "two  " * 40 + "'", "'three" + " x" * 60 + "'"
    shown = explained(f"SELECT {one}, {three}")
    assert f"{one},\n" in shown
    assert f"{three};" in shown


def test_columns_of_a_terminal() -> None:
    assert [wide(text) for text in ("abc", "東京", "é", "e\u0301", "")] == [3, 4, 1, 1, 0]
    assert (cut("東京都", 5), cut("abc", 3), cut("abcd", 3)) == ("東京…", "abc", "ab…")
    assert (pad("東京", 6), pad("1", 3, right=True)) == ("東京  ", "  1")
    assert visible("a\u202eb\x9b") == "a\\u202eb\\x9b"
    assert fitted("✗ ■ →", "ascii") == "x # ->"
    assert fitted("✓", None) == "✓"
