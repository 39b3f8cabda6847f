"""What a source rejects is all there, however much of its rows anybody needs, in a run and in a preview."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage import BatchFlow
from riverstage.flow import Stage

_GOOD = 50_000
_BAD = ["2,3", "x", "y"]
"""They stand last, where a reader that is stopped early does not come."""


def _reading(folder: Path) -> tuple[BatchFlow, Stage]:
    (folder / "in.csv").write_text("1\n" * _GOOD + "\n".join(_BAD) + "\n")
    flow = BatchFlow("reading")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = [str(folder / "in.csv")]
    look = flow.add_stage("Transformer", "Look")
    source.connect_output_to(look).set_name("bad").reject()
    link = look.connect_output_to(flow.add_stage("Peek", "Seen")).set_name("seen")
    link.derivations["length"] = "Len(bad.rejected)"
    return flow, source


def _target(flow: BatchFlow, folder: Path) -> Stage:
    target = flow.add_stage("Sequential file", "Write")
    target.configuration.file = [str(folder / "out.csv")]
    return target


def _onward(kind: str, flow: BatchFlow, source: Stage, folder: Path) -> None:
    """Give a source somebody who needs all of its rows, or a few, or none."""
    first = flow.add_stage("Peek", "On") if kind == "shown" else _target(flow, folder)
    if kind == "first rows":
        head = flow.add_stage("Head", "First")
        head.connect_output_to(first)
        first = head
    elif kind == "joined with nothing":
        join = flow.add_stage("Join", "Match")
        join.configuration.key_properties = [{"key": "n"}]
        join.connect_output_to(first)
        first = join
    source.connect_output_to(first).set_name("good").create_schema().add_field("INTEGER", "n")
    if kind == "joined with nothing":
        (folder / "none.csv").write_text("")
        none = flow.add_stage("Sequential file", "None")
        none.configuration.file_plus = [str(folder / "none.csv")]
        none.connect_output_to(first).create_schema().add_field("INTEGER", "n")


@pytest.mark.parametrize("ledger", ["exact", "basic"])
@pytest.mark.parametrize("kind", ["shown", "written", "first rows", "joined with nothing"])
def test_all_rejects_are_there_whoever_needs_the_rows(kind: str, ledger: str, tmp_path: Path) -> None:
    flow, source = _reading(tmp_path)
    _onward(kind, flow, source, tmp_path)
    result = flow.run(quiet=True, ledger=ledger)
    assert result.counts["good"] == _GOOD
    assert result.counts["bad"] == len(_BAD)
    assert sum(item.rows for item in result.rejects) == len(_BAD)
    assert len([entry for entry in result.log if "length:" in entry.text]) == len(_BAD)


@pytest.mark.parametrize("kind", ["shown", "joined with nothing"])
def test_rejects_and_what_comes_of_them_can_be_looked_at(kind: str, tmp_path: Path) -> None:
    flow, source = _reading(tmp_path)
    _onward(kind, flow, source, tmp_path)
    assert flow.preview("bad").to_arrow()["rejected"].to_pylist() == _BAD
    assert [row["length"] for row in flow.preview("seen")] == [3, 1, 1]
    assert len(flow.preview("bad", rows=2)) == 2
    links = flow.run(quiet=True).links
    assert links["bad"].to_arrow()["rejected"].to_pylist() == _BAD
    assert links["seen"].to_arrow().num_rows == len(_BAD)


def test_rows_of_a_file_are_counted_though_a_join_needs_none_of_them(tmp_path: Path) -> None:
    """Quotes, so that it is read by field; without a reject link, so that records are dropped with a warning."""
    flow, source = _reading(tmp_path)
    flow.remove_stage(flow.stages.get(label="Look"))
    flow.remove_stage(flow.stages.get(label="Seen"))
    _onward("joined with nothing", flow, source, tmp_path)
    (tmp_path / "in.csv").write_text('"1"\n' * _GOOD + "x\n")
    result = flow.run(quiet=True)
    assert (result.counts["good"], result.dropped) == (_GOOD, {"Read": 1})
