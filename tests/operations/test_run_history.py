"""What the history of a project keeps of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage import Platform
from riverstage.errors import UsageError

SECRET = "hunter-22-secret"


def test_a_history_holds_no_secret(tmp_path: Path) -> None:
    project = Platform(path=tmp_path).create_project("p")
    flow = project.create_flow("f")
    flow.add_local_parameter("encrypted", "pin", value=SECRET)
    middle = flow.add_stage("Transformer", "T")
    rows = flow.add_stage("Row Generator", "A").connect_output_to(middle).set_name("rows")
    rows.create_schema().add_field("INTEGER", "id")
    out = middle.connect_output_to(flow.add_stage("Peek", "B"))
    out.create_schema().add_field("VARCHAR", "pin", length=40)
    out.derivations["pin"] = 'If rows.id < 0 Then pin Else "x"'
    assert SECRET not in str(flow.explain())
    flow.run(quiet=True)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert kept == []


@pytest.mark.parametrize(
    "options", [{"threads": 0}, {"threads": "two"}, {"ledger": "precise"}, {"memory_limit": "lots"}]
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, options: dict[str, object]) -> None:
    flow = Platform(path=tmp_path).create_project("p").create_flow("f")
    link = flow.add_stage("Row Generator", "A").connect_output_to(flow.add_stage("Peek", "B"))
    link.create_schema().add_field("INTEGER", "id")
    with pytest.raises(UsageError):
        flow.run(quiet=True, **options)
