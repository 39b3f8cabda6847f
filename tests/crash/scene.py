"""A flow with three targets of two kinds, and what its folder looks like."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from riverstage.document.fields import field_of
from riverstage.flow import BatchFlow
from riverstage.types import INT32, Column

TARGETS = ("a.csv", "b.csv", "c.ds")
OLD, NEW = 3, 5


def flow_of(records: int, targets: tuple[str, ...] = TARGETS, *, mode: str = "overwrite") -> BatchFlow:
    """Return a flow that writes the numbers below ``records`` to every target."""
    flow = BatchFlow("scene")
    source = flow.add_stage("Row Generator", "source")
    source.configuration.records = records
    copy = flow.add_stage("Copy", "copy")
    link = source.connect_output_to(copy)
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    flow.document.set_link_schema(ref, [field_of(Column("id", INT32))])
    for name in targets:
        kind = "Data set" if name.endswith(".ds") else "Sequential file"
        target = flow.add_stage(kind, name)
        target.configuration["file"] = name
        if mode != "overwrite":
            target.configuration["update_policy" if kind == "Data set" else "file_update_mode"] = mode
        copy.connect_output_to(target)
    return flow


def rows_of(path: Path) -> int | None:
    """Return how many rows a target holds, by what is in it; None where there is none."""
    if not path.exists():
        return None
    if path.suffix == ".ds":
        said = json.loads(path.read_text())
        parts = [path.with_name(f"{path.name}.parts") / part["file"] for part in said["parts"]]
        rows = sum(pq.read_metadata(part).num_rows for part in parts)
        assert rows == said["rows"]
        return rows
    lines = path.read_text().splitlines()
    assert lines == [str(number) for number in range(len(lines))] or len(lines) == OLD + NEW
    return len(lines)


def state(folder: Path, targets: tuple[str, ...] = TARGETS) -> list[int | None]:
    """Return the rows of every target."""
    return [rows_of(folder / name) for name in targets]


def litter(folder: Path, targets: tuple[str, ...] = TARGETS) -> list[str]:
    """Return every file that is neither a target nor a part that a data set names."""
    allowed = set(targets)
    for name in targets:
        if name.endswith(".ds") and (folder / name).exists():
            said: dict[str, Any] = json.loads((folder / name).read_text())
            allowed.update(f"{name}.parts/{part['file']}" for part in said["parts"])
            allowed.update(f"{name}.parts/{part}" for part in said["before"])
    found = [
        os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names
    ]
    return sorted(set(found) - allowed)
