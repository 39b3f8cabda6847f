"""What type checkers say of code that uses flows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_CODE = """
from riverstage import Annotation, BatchFlow, Field, Link, MarkdownComment, Schema, Stage, StageType, Stages, Subflow

flow = BatchFlow("demo")
row_gen: Stage = flow.add_stage("Row Generator", "Row_Generator")
peek: Stage = flow.add_stage(StageType.PEEK)
link: Link = row_gen.connect_output_to(peek).set_name("rows").primary()
schema: Schema = link.create_schema()
field: Field = schema.add_field("VARCHAR", "name", length=100, cycle_values=["Ann"])
stages: Stages = flow.stages.get_all(type="Peek")
first: Stage = stages[0]
note: MarkdownComment = flow.add_markdown_comment("x")
annotation: Annotation = flow.add_annotation("x")
annotation.bold = True
annotation.connect_to(peek)
row_gen.configuration.records = 5
row_gen.configuration["records"] = 5
link.constraint = "1 = 1"
link.derivations["a"] = "1"
flow.rcp = True
sub: Subflow = flow.create_subflow("Sub", [peek])
names: list[str] = [stage.label or "" for stage in flow.stages]
ok: bool = flow.check().is_ok
sql: list[str] = flow.compile(n=1).sql
counts: dict[str, int | None] = flow.run(n=1, quiet=True).counts
rows: int = len(flow.preview(link, rows=3))
told: dict[str, object] = dict(flow.explain())
"""
_MISTAKES = """
row_gen.lable = "x"
link.constrain = "x"
flow.descripton = "x"
annotation.blod = True
flow.run(ledger="exakt")
flow.check().findngs
"""


@pytest.mark.parametrize(("mistakes", "count"), [("", 0), (_MISTAKES, 6)])
def test_types(tmp_path: Path, mistakes: str, count: int) -> None:
    pytest.importorskip("mypy")
    file = tmp_path / "use.py"
    file.write_text(_CODE + mistakes)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(file)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if "use.py" in line and ": error:" in line]
    assert len(errors) == count, done.stdout
