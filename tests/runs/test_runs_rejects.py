"""Why rows were rejected or dropped: by stage, by link, by reason, with their numbers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from riverstage import BatchFlow
from riverstage.flow import Stage
from riverstage.runs._reasons import spelled
from riverstage.runs.present import result_html, result_text
from riverstage.runs.result import RejectResult, RunResult

_BAD = "1,a\nx,b\n2\n3,c\n4,d,e\ny,z\n"


def numbers(flow: BatchFlow, target: Stage, name: str, records: int) -> None:
    source = flow.add_stage("Row Generator", name)
    source.configuration.records = records
    schema = source.connect_output_to(target).set_name(name).create_schema()
    schema.add_field("INTEGER", "id", cycle_initial_value=1, cycle_increment=1)


def aside(stage: Stage, flow: BatchFlow, label: str = "Aside") -> None:
    """Send a stage's rows on, and its rejects aside."""
    stage.connect_output_to(flow.add_stage("Peek", "On")).set_name("on")
    stage.connect_output_to(flow.add_stage("Peek", label)).set_name("bad").reject()


def reading(folder: Path, *, rejects: bool) -> RunResult:
    (folder / "in.csv").write_text(_BAD)
    flow = BatchFlow("reading")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = ["in.csv"]
    schema = source.connect_output_to(flow.add_stage("Peek", "On")).set_name("on").create_schema()
    schema.add_field("INTEGER", "id")
    schema.add_field("VARCHAR", "name", length=3)
    if rejects:
        source.connect_output_to(flow.add_stage("Peek", "Aside")).set_name("bad").reject()
    return flow.run(folder=folder, quiet=True)


def test_a_file_says_how_many_records_are_bad_and_why(tmp_path: Path) -> None:
    reasons = [("the column 'id' has no int32", 2), ("there are too few fields", 1), ("there are too many fields", 1)]
    result = reading(tmp_path, rejects=True)
    assert result.rejects == tuple(RejectResult("Read", "bad", rows, reason) for reason, rows in reasons)
    assert result.warnings == ()


def test_records_that_are_dropped_are_warned_about_with_the_reasons(tmp_path: Path) -> None:
    result = reading(tmp_path, rejects=False)
    assert [(item.stage, item.link, item.rows) for item in result.rejects] == [
        ("Read", None, 2),
        ("Read", None, 1),
        ("Read", None, 1),
    ]
    assert [entry.text for entry in result.warnings] == [
        "4 records could not be read and were dropped: the column 'id' has no int32 (2), there are too few fields (1), "
        "there are too many fields (1). The first with a wrong number of fields is line 3 of "
        f"'{tmp_path / 'in.csv'}', with 1 instead of 2: '2'. Is the delimiter (,) right?"
    ]
    assert result_text(result).count("too few fields") == 1


def _warned(folder: Path, files: dict[str, bytes], **settings: object) -> str:
    flow = BatchFlow("reading")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = list(files)
    for name, value in settings.items():
        source.configuration[name] = value
    for name, content in files.items():
        (folder / name).write_bytes(content)
    schema = source.connect_output_to(flow.add_stage("Peek", "On")).create_schema()
    schema.add_field("VARCHAR", "name")
    schema.add_field("VARCHAR", "place")
    (warning,) = flow.run(folder=folder, quiet=True).warnings
    return warning.text


def test_a_delimiter_that_is_not_that_of_the_file(tmp_path: Path) -> None:
    good, bad = b"a,b\nc,d\n", b"a,b\nx;" + b"y" * 100 + b"\r\np;q\n"
    said = _warned(tmp_path, {"a b's.csv": good, "b.csv": bad})
    assert said == (
        "2 records could not be read and were dropped: there are too few fields. The first with a wrong number of "
        f"fields is line 2 of '{tmp_path / 'b.csv'}', with 1 instead of 2: 'x;{'y' * 78}…'. Is the delimiter (,) right?"
    )


def test_the_file_that_is_named_is_that_of_the_flow(tmp_path: Path) -> None:
    files = {"b's.csv.gz": gzip.compress("ä\tb\nü\n".encode("latin-1"))}
    said = _warned(tmp_path, files, delimiter="tab", map_name="ISO-8859-1")
    assert f"is line 2 of '{tmp_path}/b's.csv.gz', with 1 instead of 2: 'ü'. Is the delimiter (tab) right?" in said


def test_a_filter(tmp_path: Path) -> None:
    flow = BatchFlow("filter")
    stage = flow.add_stage("Filter", "Small")
    numbers(flow, stage, "rows", 5)
    stage.configuration.where_properties = [{"where": "id < 3", "target": 0}]
    aside(stage, flow)
    assert flow.run(folder=tmp_path, quiet=True).rejects == (RejectResult("Small", "bad", 3, "no condition held"),)


@pytest.mark.parametrize("action", ["reject", "drop"])
def test_a_lookup(tmp_path: Path, action: str) -> None:
    flow = BatchFlow("lookup")
    stage = flow.add_stage("Lookup", "Find")
    numbers(flow, stage, "rows", 5)
    reference = flow.add_stage("Row Generator", "Known")
    reference.configuration.records = 2
    link = reference.connect_output_to(stage).set_name("known").reference()
    link.create_schema().add_field("INTEGER", "id", cycle_initial_value=1, cycle_increment=1)
    link.lookup_keys["id"] = "rows.id"
    link.configuration.lookup_fail = action
    if action == "reject":
        aside(stage, flow)
    else:
        stage.connect_output_to(flow.add_stage("Peek", "On")).set_name("on")
    where = "bad" if action == "reject" else None
    _is_no_warning(flow, tmp_path, RejectResult("Find", where, 3, "nothing found in known", asked=where is None))


def _is_no_warning(flow: BatchFlow, folder: Path, expected: RejectResult) -> None:
    """Run a flow that says itself what is to become of rows: they are counted and told, and are no warning."""
    result = flow.run(folder=folder, quiet=True)
    assert (result.rejects, result.status, result.warnings) == ((expected,), "Completed", ())
    dropped = expected.link is None
    assert dict(result.dropped) == ({expected.stage: expected.rows} if dropped else {})
    assert [entry.level for entry in result.log if "dropped" in entry.text or "discarded" in entry.text] == (
        ["info"] if dropped else []
    )
    said = f"dropped by {expected.stage}" if dropped else f"rejected to {expected.link}"
    assert f"{expected.rows} rows {said}: {expected.reason}" in result_text(result)


def test_a_switch_that_is_to_discard(tmp_path: Path) -> None:
    flow = BatchFlow("switch")
    stage = flow.add_stage("Switch", "Which")
    numbers(flow, stage, "rows", 3)
    stage.configuration.key = "id"
    stage.configuration.case = ["1=0", "2=9", "3=9"]
    stage.configuration.discard = 9
    stage.connect_output_to(flow.add_stage("Peek", "On")).set_name("on")
    _is_no_warning(flow, tmp_path, RejectResult("Which", None, 2, "they are to be discarded", asked=True))


def test_rows_that_nobody_asked_to_drop_are_warned_about_all_the_same(tmp_path: Path) -> None:
    flow = BatchFlow("lookup")
    stage = flow.add_stage("Lookup", "Find")
    numbers(flow, stage, "rows", 2)
    reference = flow.add_stage("Row Generator", "Known")
    reference.configuration.records = 2
    link = reference.connect_output_to(stage).set_name("known").reference()
    link.create_schema().add_field("INTEGER", "id", cycle_initial_value=1, cycle_increment=0)
    link.lookup_keys["id"] = "rows.id"
    link.configuration.lookup_fail = "drop"
    stage.connect_output_to(flow.add_stage("Peek", "On")).set_name("on")
    result = flow.run(folder=tmp_path, quiet=True)
    assert {(item.rows, item.reason, item.asked) for item in result.rejects} == {
        (1, "nothing found in known", True),
        (1, "the same keys as an earlier row of 'known'", False),
    }
    assert [entry.text for entry in result.warnings] == [
        "1 row of the reference link 'known' with the same keys as an earlier row."
    ]


def test_a_transformer(tmp_path: Path) -> None:
    flow = BatchFlow("transformer")
    stage = flow.add_stage("Transformer", "Divide")
    numbers(flow, stage, "rows", 3)
    on = stage.connect_output_to(flow.add_stage("Peek", "On")).set_name("on")
    on.create_schema().add_field("DOUBLE", "part")
    on.derivations["part"] = "1 / (rows.id - 2)"
    stage.connect_output_to(flow.add_stage("Peek", "Aside")).set_name("bad").reject()
    assert flow.run(folder=tmp_path, quiet=True).rejects == (
        RejectResult("Divide", "bad", 1, "the column 'part' could not be computed"),
    )


_FAILING = "1,0,\n2,1,5\n3,2,\n400,1,7\n5,0,\n6,3,8\n"


def _computing(folder: Path, *, rejects: bool, links: int = 1, **settings: object) -> RunResult:
    """Run rows of which two divide by zero, one is null where none is taken, and one has no room in its column."""
    (folder / "in.csv").write_text(_FAILING)
    flow = BatchFlow("computing")
    source, stage = flow.add_stage("Sequential file", "Read"), flow.add_stage("Transformer", "Compute")
    source.configuration.file_plus = ["in.csv"]
    for name, value in settings.items():
        stage.configuration[name] = value
    schema = source.connect_output_to(stage).set_name("rows").create_schema()
    for name in "abc":
        schema.add_field("INTEGER", name, nullable=name == "c")
    for number in range(links):
        link = stage.connect_output_to(flow.add_stage("Peek", f"On {number}")).set_name(f"on{number}")
        schema = link.create_schema()
        for kind, name, text in (("DOUBLE", "q", "a / rows.b"), ("INTEGER", "c", "c"), ("TINYINT", "a", "a")):
            schema.add_field(kind, name)
            link.derivations[name] = f"rows.{text}"
    if rejects:
        stage.connect_output_to(flow.add_stage("Peek", "Aside")).set_name("bad").reject()
    return flow.run(folder=folder, quiet=True)


def test_a_transformer_says_which_columns_failed_and_for_what(tmp_path: Path) -> None:
    expected = [
        (2, "the column 'q' could not be computed"),
        (1, "the column 'a' (int8) could not hold the value"),
        (1, "the column 'c' takes no null, and was null"),
    ]
    result = _computing(tmp_path, rejects=True)
    assert [(item.link, item.rows, item.reason) for item in result.rejects] == [("bad", *said) for said in expected]
    assert result.counts["bad"] == 4


def test_rows_that_a_transformer_drops_are_warned_of_with_the_columns(tmp_path: Path) -> None:
    several = _computing(tmp_path, rejects=False, links=2)
    assert [(item.link, item.rows) for item in several.rejects] == [(None, 2), (None, 1), (None, 1)]
    (warning,) = several.warnings
    assert warning.text.startswith(
        "4 rows were dropped: the column 'q' of the link 'on0' could not be computed (2), the column 'a' of the link "
        "'on0' (int8) could not hold the value (1), "
    )
    (warning,) = _computing(tmp_path, rejects=False).warnings
    assert warning.text == (
        "4 rows dropped, as the column 'q' could not be computed, or the column 'c' takes no null, and was null, or "
        "the column 'a' (int8) could not hold the value."
    )


@pytest.mark.parametrize("rejects", [True, False])
def test_rows_that_fail_stand_in_the_log_as_far_as_that_is_asked_for(rejects: bool, tmp_path: Path) -> None:
    result = _computing(tmp_path, rejects=rejects, max_reject_log_msg=3)
    assert [entry.text for entry in result.log if "rejected" in entry.text] == [
        "Compute rejected,0: a:1 b:0 c:<NULL>",
        "Compute rejected,0: a:3 b:2 c:<NULL>",
        "Compute rejected,0: a:400 b:1 c:7",
    ]
    assert not [entry for entry in _computing(tmp_path, rejects=rejects).log if "rejected" in entry.text]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (4, []),
        (3, ["1 row met no constraint and went to the otherwise link 'rest'."]),
        (2, ["2 rows met no constraint and went to the otherwise link 'rest'."]),
    ],
)
def test_rows_of_an_otherwise_link_are_no_rejects_and_warned_of(tmp_path: Path, first: int, said: list[str]) -> None:
    flow = BatchFlow("otherwise")
    stage = flow.add_stage("Transformer", "Split")
    numbers(flow, stage, "rows", 3)
    small = stage.connect_output_to(flow.add_stage("Peek", "On")).set_name("small")
    small.constraint = f"rows.id < {first}"
    rest = stage.connect_output_to(flow.add_stage("Peek", "Rest")).set_name("rest")
    rest.otherwise = True
    for link in (small, rest):
        link.create_schema().add_field("INTEGER", "id")
        link.derivations["id"] = "rows.id"
    result = flow.run(folder=tmp_path, quiet=True)
    assert (result.counts["rest"], result.rejects, dict(result.dropped)) == (4 - first, (), {})
    assert result.status == ("CompletedWithWarnings" if said else "Completed")
    assert [(entry.stage, entry.text) for entry in result.warnings] == [("Split", text) for text in said]


@pytest.mark.parametrize(("fate", "link"), [("allow", "bad"), ("ignore", None)])
def test_a_switch(tmp_path: Path, fate: str, link: str | None) -> None:
    flow = BatchFlow("switch")
    stage = flow.add_stage("Switch", "Which")
    numbers(flow, stage, "rows", 3)
    stage.configuration.key = "id"
    stage.configuration.case = ["1=0"]
    stage.configuration.if_not_found = fate
    if link is None:
        stage.connect_output_to(flow.add_stage("Peek", "On")).set_name("on")
    else:
        aside(stage, flow)
    _is_no_warning(flow, tmp_path, RejectResult("Which", link, 2, "no case fits", asked=link is None))


def test_rejects_in_text_and_html(tmp_path: Path) -> None:
    result = reading(tmp_path, rejects=True)
    said = [line for line in result_text(result).splitlines() if "rejected" in line]
    assert said == [
        "  2 rows rejected to bad: the column 'id' has no int32",
        "  1 row  rejected to bad: there are too few fields",
        "  1 row  rejected to bad: there are too many fields",
    ]
    assert "<li>1 row rejected to bad: there are too few fields</li>" in result_html(result)
    narrow = result_text(result, 40).splitlines()
    assert narrow[narrow.index("  2 rows rejected to bad: the column") + 1] == "         'id' has no int32"
    assert max(map(len, narrow)) <= 40


def test_many_reasons_are_cut_short() -> None:
    assert spelled({}) == ""
    assert spelled({"The column 'a' has no date.": 3}) == ": the column 'a' has no date"
    many = {f"R{number}.": 1 for number in range(8)}
    assert spelled(many) == ": r0 (1), r1 (1), r2 (1), r3 (1), r4 (1), other reasons (3)"
