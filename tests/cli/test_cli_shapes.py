"""The JSON of every command, by its keys and kinds of values: what a program may rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from riverstage import BatchFlow

from .running import copying, run


def shape(value: Any) -> Any:
    """Return what a JSON value is made of: keys with kinds; a list is the shape of its first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "null" if value is None else type(value).__name__


def told(folder: Path, *arguments: str, code: int = 0) -> Any:
    """Return what a command prints as JSON; nothing else may be printed."""
    done = run(folder, *arguments, "--json")
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


ERROR = {"code": "str", "message": "str", "place": {}, "state": "str", "mend": "str"}
RECORD = {
    "run_id": "str",
    "flow": "str",
    "engine": "str",
    "status": "str",
    "started": "str",
    "seconds": "float",
    "links": [{"name": "str", "source": "str", "target": "str", "kind": "str", "rows": "int"}],
    "targets": [{"stage": "str", "rows": "int", "where": "str", "path": "str", "committed": "bool"}],
    "rejects": [{"stage": "str", "link": "null", "rows": "int", "reason": "str", "asked": "bool"}],
    "dropped": {},
    "log": [{"time": "str", "level": "str", "stage": "str", "text": "str"}],
    "parameters": {},
    "error": "null",
}


def test_run(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\nx,Ben\n")
    record = told(tmp_path, "run", "flow.json", code=3)
    assert record["status"] == "CompletedWithWarnings"
    assert shape({**record, "dropped": {}}) == RECORD


def test_run_that_failed(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\nx,Ben\n")
    flow = BatchFlow.load(tmp_path / "flow.json")
    flow.stages.get(label="Read").configuration.reject_mode = "fail"
    flow.save(tmp_path / "flow.json")
    record = told(tmp_path, "run", "flow.json", code=1)
    assert record["status"] == "Failed"
    assert record["error"]["place"]["flow"] == "copying"
    assert [target["committed"] for target in record["targets"]] == [False]
    assert shape({**record, "error": {**record["error"], "place": {}}})["error"] == ERROR
    assert set(record) == set(RECORD)


def test_run_that_could_not_start(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\n")
    flow = BatchFlow.load(tmp_path / "flow.json")
    flow.add_stage("Peek", "Alone")
    flow.save(tmp_path / "flow.json")
    error = told(tmp_path, "run", "flow.json", code=1)["error"]
    assert error["code"] == "RS-4000"
    assert shape({**error, "place": {}, "diagnostics": []}) == {**ERROR, "diagnostics": []}
    finding = {"code": "str", "severity": "str", "message": "str", "place": {}, "mend": "str"}
    assert shape([{**item, "place": {}} for item in error["diagnostics"]]) == [finding]


def test_check(tmp_path: Path) -> None:
    flow = BatchFlow("unlinked")
    flow.add_stage("Peek", "Alone")
    flow.save(tmp_path / "unlinked.json")
    place = {"flow": "str", "stage": "str"}
    finding = {"code": "str", "severity": "str", "message": "str", "place": place, "mend": "str"}
    assert shape(told(tmp_path, "check", "unlinked.json", code=1)) == [
        {"file": "str", "flow": "str", "ok": "bool", "findings": [finding]}
    ]


def test_check_goes_on_behind_what_cannot_be_read(shop: Path) -> None:
    (shop / "broken.json").write_text("{")
    found = told(shop, "check", "broken.json", "shop/flows/hello.json", code=1)
    assert [(item["flow"], item["ok"]) for item in found] == [("broken", False), ("hello", True)]
    assert [item["code"] for item in found[0]["findings"]] == ["RS-1001"]


def test_fmt(shop: Path) -> None:
    (shop / "broken.json").write_text("{")
    path = shop / "shop" / "flows" / "hello.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    done = run(shop, "fmt", "--json", "broken.json", str(path))
    assert done.returncode == 1
    assert json.loads(done.stdout) == [
        {"file": "broken.json", "state": "failed"},
        {"file": str(path), "state": "changed"},
    ]
    assert done.stderr.startswith("✗ broken.json: This is not JSON")
    assert told(shop, "fmt", str(path)) == [{"file": str(path), "state": "canonical"}]


def test_explain(shop: Path) -> None:
    assert shape(told(shop, "explain", "shop/flows/hello.json")) == {
        "flow": "str",
        "engine": "str",
        "rounds": [["str"]],
        "kernels": [],
        "shortcuts": [],
        "read_plain": [],
        "keeps_order": "bool",
        "python_functions": [],
        "ledger": {
            "known": {},
            "observed": [{"count": "str", "how": "str", "price": "float"}],
            "unknown": [],
            "second_passes": ["str"],
        },
        "laws": [{"stage": "str", "terms": {"orders": "int"}, "constant": "int"}],
        "order": {"kept": ["str"], "none": []},
        "links": {"orders": ["str"], "large": ["str"], "sorted": ["str"]},
        "warnings": [],
    }


def test_preview(shop: Path) -> None:
    assert told(shop, "preview", "shop/flows/hello.json", "large", "-n", "1") == {
        "flow": "hello",
        "link": "large",
        "columns": [
            {"name": "id", "type": "int32"},
            {"name": "customer", "type": "string"},
            {"name": "amount", "type": "int32"},
        ],
        "rows": [[1, "ADA", 86]],
    }


def test_preview_keeps_values_whole(tmp_path: Path) -> None:
    fields = [("BIGINT", "id"), ("DOUBLE", "share"), ("DATE", "day"), ("TIMESTAMP", "at"), ("VARBINARY", "raw")]
    text = "id,share,day,at,raw\n9223372036854775807,0.25,2026-01-31,2026-01-31 10:00:00,ab\n"
    copying(tmp_path, text, fields=fields)
    found = told(tmp_path, "preview", "flow.json", "Link_1")
    assert [column["type"] for column in found["columns"]] == ["int64", "float64", "date", "timestamp(6)", "binary"]
    assert found["rows"] == [[9223372036854775807, 0.25, "2026-01-31", "2026-01-31 10:00:00", "6162"]]


def test_eval(tmp_path: Path) -> None:
    assert told(tmp_path, "eval", "1 / 0", code=1) == {
        "value": None,
        "type": "float64",
        "failed": True,
        "reason": "Division by zero.",
    }
    found = told(tmp_path, "eval", "Tirm(a) : (", code=2)
    assert shape(found) == {
        "error": {**ERROR, "place": {"position": "int"}},
        "errors": [{**ERROR, "place": {"position": "int"}}],
    }
    assert [error["code"] for error in found["errors"]] == ["RS-3002", "RS-3001"]


def test_infer(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id\n1\n")
    (column,) = told(tmp_path, "infer", "in.csv")
    assert shape({**column, "field": {}}) == {"name": "str", "type": "str", "nullable": "bool", "field": {}}
    assert list(column["field"]) == ["name", "type", "nullable", "metadata", "app_data"]


def test_new(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    assert told(tmp_path, "new", "shop", "--in", "made") == {
        "project": "shop",
        "folder": str(tmp_path / "made" / "shop"),
        "flow": str(tmp_path / "made" / "shop" / "flows" / "hello.json"),
    }


def test_stages(tmp_path: Path) -> None:
    assert shape(told(tmp_path, "stages")) == [{"name": "str", "category": "str", "summary": "str", "runs": "bool"}]
    assert {item["runs"] for item in told(tmp_path, "stages", "--running")} == {True}
    assert {"name", "op", "category", "summary", "inputs", "outputs", "groups", "properties"} <= set(
        told(tmp_path, "stages", "Peek")
    )


def test_what_is_wrong_with_the_command_line(tmp_path: Path) -> None:
    for arguments in (["run", "nope.json"], ["run"], ["stages", "Pek"], ["eval", "1", "-c", "x"], ["nope"]):
        error = told(tmp_path, *arguments, code=2)["error"]
        assert set(error) == set(ERROR), arguments
