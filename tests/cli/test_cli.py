"""The command line as a scheduler and a person meet it: exit codes, JSON, messages; never a traceback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from riverstage import BatchFlow, SecretWarning

from .running import copying, process, run


def test_a_new_project_runs(shop: Path) -> None:
    done = process(shop, "run", "shop/flows/hello.json")
    assert done.returncode == 0
    assert "✓ hello completed" in done.stdout
    assert done.stderr == ""


def test_a_run_as_json_has_its_record(shop: Path) -> None:
    record = json.loads(run(shop, "run", "shop/flows/hello.json", "--json").stdout)
    assert set(record) == {
        "run_id", "flow", "engine", "status", "started", "seconds", "links", "targets", "rejects", "dropped", "log",
        "parameters", "error",
    }  # fmt: skip
    assert record["status"] == "Completed"
    assert [link["name"] for link in record["links"]] == ["orders", "large", "sorted"]
    assert record["parameters"] == {"least": 50}


def test_parameters_change_what_runs(shop: Path) -> None:
    def large(*more: str) -> int:
        record = json.loads(run(shop, "run", "shop/flows/hello.json", "--json", *more).stdout)
        return next(link["rows"] for link in record["links"] if link["name"] == "large")

    assert large("--param", "least=0") == 20
    assert large("--param", "least=1000") == 0
    assert large("-p", "least=0") >= large()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "nope.json"], 2, "RS-8001"),
        (["run", "shop/flows/hello.json", "--param", "least"], 2, "NAME=VALUE"),
        (["run", "shop/flows/hello.json", "--param", "leest=1"], 2, "Did you mean 'least'?"),
        (["run", "shop/flows/hello.json", "--param", "least=many"], 2, "RS-4103"),
        (["run", "shop/flows/hello.json", "--engine", "duckdbb"], 2, "Did you mean 'duckdb'?"),
        (["run"], 2, "Missing argument"),
        (["rnu"], 2, "Did you mean 'run'?"),
        (["preview", "shop/flows/hello.json", "lerge"], 2, "Did you mean 'large'?"),
        (["stages", "Pek"], 2, 'Did you mean "Peek"?'),
        (["eval", "Tirm(x)"], 2, "Did you mean 'Trim'"),
        (["run", "shop/flows/hello.json", "--project", "."], 2, "RS-8004"),
        (["new", "shop"], 2, "RS-8005"),
        (["fmt", "nope.json"], 2, "There is no file"),
    ],
)
def test_mistakes_are_told_with_their_exit_code(shop: Path, arguments: list[str], code: int, said: str) -> None:
    done = run(shop, *arguments)
    assert done.returncode == code
    assert said in done.stderr


def test_what_is_no_document_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"doc_type": "pipeline", "pipelines": 3}')
    done = run(tmp_path, "check", "bad.json")
    assert done.returncode == 1
    assert "pipelines" in done.stdout


def test_warnings_have_a_code_of_their_own(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\nx,Ben\n3,Cleo\n")
    assert run(tmp_path, "run", "flow.json").returncode == 3
    assert run(tmp_path, "run", "flow.json", "--warnings-ok").returncode == 0
    assert (tmp_path / "out.csv").read_text() == "id,name\n1,Ada\n3,Cleo\n"


def test_rows_on_a_linked_reject_are_no_warning(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\nx,Ben\n", reject=True)
    assert run(tmp_path, "run", "flow.json").returncode == 0


def test_running_again_gives_the_same(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\n2,Ben\n")
    assert run(tmp_path, "run", "flow.json").returncode == 0
    first = (tmp_path / "out.csv").read_bytes()
    assert run(tmp_path, "run", "flow.json").returncode == 0
    assert (tmp_path / "out.csv").read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flow.json", "in.csv", "out.csv"]


def test_a_failed_run_leaves_the_old_file(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\n")
    assert run(tmp_path, "run", "flow.json").returncode == 0
    (tmp_path / "in.csv").unlink()
    done = run(tmp_path, "run", "flow.json")
    assert done.returncode == 1
    assert "in.csv" in done.stderr
    assert (tmp_path / "out.csv").read_text() == "id,name\n1,Ada\n"


def test_check_fails_on_errors_and_on_warnings_only_when_strict(tmp_path: Path) -> None:
    flow = BatchFlow("unlinked")
    flow.add_stage("Peek", "Alone")
    flow.save(tmp_path / "unlinked.json")
    done = run(tmp_path, "check", "unlinked.json")
    assert done.returncode == 1
    assert "RS-4002" in done.stdout
    told = json.loads(run(tmp_path, "check", "unlinked.json", "--json").stdout)
    assert [item["code"] for item in told[0]["findings"]] == ["RS-4002"]
    assert told[0]["findings"][0]["place"] == {"flow": "unlinked", "stage": "Alone"}


def test_fmt_writes_the_canonical_form(shop: Path) -> None:
    path = shop / "shop" / "flows" / "hello.json"
    canonical = path.read_bytes()
    path.write_text(json.dumps(json.loads(canonical)))
    assert run(shop, "fmt", "--check", str(path)).returncode == 1
    assert run(shop, "fmt", "--stdout", str(path)).stdout.encode() == canonical
    assert run(shop, "fmt", str(path)).returncode == 0
    assert path.read_bytes() == canonical
    assert run(shop, "fmt", "--check", str(path)).returncode == 0


def test_explain_and_preview_as_json(shop: Path) -> None:
    plan = json.loads(run(shop, "explain", "shop/flows/hello.json", "--json").stdout)
    assert {"engine", "rounds", "ledger", "links", "laws", "kernels"} <= set(plan)
    rows = json.loads(run(shop, "preview", "shop/flows/hello.json", "large", "-n", "2", "--json").stdout)
    assert [column["name"] for column in rows["columns"]] == ["id", "customer", "amount"]
    assert len(rows["rows"]) == 2


@pytest.mark.parametrize(
    ("arguments", "value", "kind"),
    [
        (['UpCase(Trim(name)) : "!"', "-c", "name:string= ann "], "ANN!", "string"),
        (["amount * 2", "-c", "amount:decimal(7,2)=12.50"], "25.00", None),
        (["If IsNull(x) Then 1 Else 0", "-c", "x:int32"], 1, None),
        (["-5 / 2"], -2.5, "float64"),
        (["-5 / x", "-c", "x:int32=2"], -2.5, "float64"),
        (["-c", "x:int32=2", "-x"], -2, "int64"),
        (["-cx:int32=2", "-Abs(x)"], -2, None),
    ],
)
def test_eval(tmp_path: Path, arguments: list[str], value: Any, kind: str | None) -> None:
    told = json.loads(run(tmp_path, "eval", *arguments, "--json").stdout)
    assert told["value"] == value
    assert json.loads(run(tmp_path, "eval", "--json", *arguments).stdout) == told
    assert kind in (None, told["type"])
    assert told["failed"] is False


def test_options_that_there_are_not_are_no_expressions(tmp_path: Path) -> None:
    for arguments in (["1", "--jsno"], ["--jsno", "1"], ["-5", "1"]):
        done = run(tmp_path, "eval", *arguments)
        assert (done.returncode, "RS-8000" in done.stderr) == (2, True)


def test_of_a_long_expression_what_is_near_is_shown(tmp_path: Path) -> None:
    done = run(tmp_path, "eval", "(" * 5000 + "1" + ")" * 5000)
    _, line, caret = done.stderr.splitlines()
    assert re.fullmatch(r" {4}…\(+…", line)
    assert len(line) < 130
    assert caret.index("^") == 64


def test_eval_shows_where(tmp_path: Path) -> None:
    done = run(tmp_path, "eval", "a + ")
    assert done.returncode == 2
    assert "\n    a + \n        ^\n" in done.stderr


def test_infer_names_columns_and_types(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,day,amount\n1,2026-01-31,2.50\n")
    told = json.loads(run(tmp_path, "infer", "in.csv", "--json").stdout)
    assert [(item["name"], item["type"]) for item in told][:2] == [("id", "int64"), ("day", "date")]


@pytest.mark.parametrize("text", ['{\n  "id": 1\n}\n', '[\n  {"id": 1}\n]\n', '[{"id": 1}, {"id": 2}]', "{"])
def test_json_over_several_lines_is_not_taken_for_columns(tmp_path: Path, text: str) -> None:
    (tmp_path / "in.json").write_text(text)
    done = run(tmp_path, "infer", "in.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("✗ error RS-8012: in.json holds JSON over several lines, or a list;")
    assert json.loads(run(tmp_path, "infer", "in.json", "--json").stdout)["error"]["code"] == "RS-8012"


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("in.json", '{"id": 1}\n{"id": 2}\n', ["id"]),
        ("in.txt", '{"id": 1}\n', ["id"]),
        ("in.csv", "[a],b\n1,2\n", ["[a]", "b"]),
        ("in.csv", "1,2\n3,4\n", None),
    ],
)
def test_json_lines_are_known_by_their_first_line(
    tmp_path: Path, name: str, text: str, columns: list[str] | None
) -> None:
    (tmp_path / name).write_text(text)
    told = json.loads(run(tmp_path, "infer", name, "--json").stdout)
    assert columns is None or [item["name"] for item in told] == columns


def test_stages_lists_and_describes(tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "stages", "--json").stdout)
    assert len(told) == 149
    assert sum(item["runs"] for item in told) == 18
    assert "nrecs" in run(tmp_path, "stages", "Peek").stdout


def test_a_python_file_is_a_flow(tmp_path: Path) -> None:
    code = (
        "from riverstage import BatchFlow\n"
        "flow = BatchFlow('made')\n"
        "link = flow.add_stage('Row Generator', 'A').connect_output_to(flow.add_stage('Peek', 'B'))\n"
        "link.create_schema().add_field('INTEGER', 'id')\n"
    )
    (tmp_path / "made.py").write_text(code)
    assert run(tmp_path, "run", "made.py").returncode == 0
    assert run(tmp_path, "run", "made.py:flow").returncode == 0
    done = run(tmp_path, "run", "made.py:other")
    assert (done.returncode, "RS-8003" in done.stderr) == (2, True)
    (tmp_path / "broken.py").write_text("1 / 0\n")
    done = run(tmp_path, "run", "broken.py")
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (1, True)


def test_a_secret_is_in_no_message(shop: Path) -> None:
    done = run(shop, "run", "shop/flows/hello.json", "--param", "least=hunter-22-secret")
    assert done.returncode == 2
    flow = BatchFlow("s")
    flow.add_local_parameter("encrypted", "pin", value="hunter-22-secret")
    link = flow.add_stage("Row Generator", "A").connect_output_to(flow.add_stage("Peek", "B"))
    link.create_schema().add_field("INTEGER", "id")
    with pytest.warns(SecretWarning, match="parameter 'pin'"):
        flow.save(shop / "s.json")
    told = run(shop, "run", "s.json", "--json")
    assert told.returncode == 0
    assert "hunter-22-secret" not in told.stdout + told.stderr
