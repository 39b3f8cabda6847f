"""Flows that others exported: every one loads, checks, is drawn and saved; those whose stages all run do run."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from riverstage.client import Platform
from riverstage.document import Document
from riverstage.errors import Place
from riverstage.flow import BatchFlow
from riverstage.flow.draw import draw_svg, draw_text
from riverstage.runs.result import RunResult
from riverstage.runs.runtime import Runtime

_NO_FLOW = "http_examples_by_endpoint.json"


def _documents() -> list[Path]:
    said = os.environ.get("RIVERSTAGE_REFERENCE")
    if not said:
        return []
    found = [*Path(said).glob("flows/*.json"), *Path(said).glob("reference/captured/*.json")]
    return sorted(path for path in found if path.name != _NO_FLOW)


DOCUMENTS = [pytest.param(path, id=path.stem) for path in _documents()] or [
    pytest.param(Path(), marks=pytest.mark.skip("RIVERSTAGE_REFERENCE does not name the folder of flows"))
]


@pytest.mark.filterwarnings("ignore::riverstage.flow._saving.SecretWarning")
@pytest.mark.parametrize("path", DOCUMENTS)
def test_it_is_saved_as_it_was(path: Path, tmp_path: Path) -> None:
    flow = BatchFlow.load(path)
    flow.save(tmp_path / "saved.json")
    data = (tmp_path / "saved.json").read_bytes()
    assert json.loads(data) == json.loads(path.read_bytes())
    BatchFlow.load(tmp_path / "saved.json").save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == data


@pytest.mark.parametrize("path", DOCUMENTS)
def test_it_is_checked_and_every_finding_has_a_place(path: Path, tmp_path: Path) -> None:
    flow = BatchFlow.load(path)
    for finding in Runtime(flow.document, flow.name, folder=tmp_path).check():
        assert finding.place != Place()
        assert finding.message
        assert finding.code.startswith("RS-")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_it_is_drawn(path: Path) -> None:
    flow = BatchFlow.load(path)
    svg, text = draw_svg(flow), draw_text(flow)
    assert svg.startswith("<svg")
    if len(flow.stages):
        assert text.strip()


def run(reference: Path, name: str, folder: Path, **given: Any) -> RunResult:
    flow = BatchFlow.load(reference / f"{name}.json")
    return Runtime(flow.document, flow.name, folder=folder, **given).run()


def shown(result: RunResult, stage: str) -> list[str]:
    """Return the rows that a Peek showed, without what stands before them."""
    return [entry.text.split(": ", 1)[1] for entry in result.log if entry.stage == stage]


def test_rowgen_peek(reference: Path, tmp_path: Path) -> None:
    result = run(reference, "flows/rowgen_peek", tmp_path)
    assert result.counts == {"Link_1": 10}
    assert shown(result, "Peek_1") == [f"IDCol:{letter * 6}" for letter in "abcdefghij"]


def test_rowgen_peek_schema(reference: Path, tmp_path: Path) -> None:
    result = run(reference, "reference/captured/rowgen_peek_schema", tmp_path)
    assert result.counts == {"Link_1": 100}
    rows = result.links["Link_1"].to_arrow().to_pylist()
    assert [row["id"] for row in rows] == list(range(100))
    assert [str(row["amt"]) for row in rows[:3]] == ["0.00", "1.00", "2.00"]
    assert {len(row["c"]) for row in rows} == {3}


def test_rowgen_generator_options(reference: Path, tmp_path: Path) -> None:
    result = run(reference, "reference/captured/rowgen_generator_options", tmp_path)
    assert result.counts == {"Link_1": 25}
    assert shown(result, "Peek")[:3] == ["id:1", "id:2", "id:3"]


@pytest.mark.parametrize(
    ("name", "counts"),
    [("elt_mode", {"Link_1": 10}), ("minimal_doc_accepted_on_get", {"Lk": 7}), ("annotation_and_markdown", {"L1": 10})],
)
def test_small_ones(name: str, counts: dict[str, int], reference: Path, tmp_path: Path) -> None:
    result = run(reference, f"reference/captured/{name}", tmp_path)
    assert list(result.counts.values()) == list(counts.values())


def test_local_subflow(reference: Path, tmp_path: Path) -> None:
    result = run(reference, "reference/captured/local_subflow", tmp_path)
    assert result.counts == {"L1": 10, "L2": 10, "Sub/L1": 10, "Sub/L2": 10}
    rows = result.links["L2"].to_arrow().to_pylist()
    assert rows == result.links["L1"].to_arrow().to_pylist()


def test_lookup_reference_reject(reference: Path, tmp_path: Path) -> None:
    result = run(reference, "reference/captured/lookup_reference_reject", tmp_path)
    assert result.counts == {"L_main": 10, "L_ref": 10, "L_out": 10, "L_rej": 0}
    main = result.links["L_main"].to_arrow().to_pylist()
    found = result.links["L_out"].to_arrow().to_pylist()
    assert [row["k"] for row in found] == [row["k"] for row in main]
    reference_rows = {row["k"]: row["d"] for row in result.links["L_ref"].to_arrow().to_pylist()}
    assert [row["d"] for row in found] == [reference_rows[row["k"]] for row in main]


def test_funnel_and_data_set(reference: Path, tmp_path: Path) -> None:
    flow = BatchFlow.load(reference / "reference/captured/funnel_rd_copy_head_tail_dataset.json")
    flow.stages.get(label="DS_out").configuration["file"] = "out.ds"
    result = flow.run(folder=tmp_path, quiet=True)
    assert list(result.counts.values()) == [10, 10, 20, 10, 10, 10, 3, 2]
    assert [(target.stage, target.rows) for target in result.targets] == [("DS_out", 2)]
    assert (tmp_path / "out.ds").is_file()
    assert len(shown(result, "P1")) == 3


def test_orders(reference: Path, tmp_path: Path) -> None:
    """Read, filter, join, derive, sort and aggregate; the numbers are worked out below by plain Python."""
    orders = [(number, number % 25, number * 7 % 60) for number in range(1, 101)]
    (tmp_path / "orders.csv").write_text(
        "order_id,cust_id,amt\n" + "".join(f"{order},{customer},{amount}\n" for order, customer, amount in orders)
    )
    flow = BatchFlow.load(reference / "reference/captured/orders_join_xfm_sort_agg_seqfile.json")
    flow.stages.get(label="Read_CSV").configuration["file_plus"] = [str(tmp_path / "orders.csv")]
    flow.stages.get(label="Write_CSV").configuration["file"] = [str(tmp_path / "out.csv")]
    result = flow.run(folder=tmp_path, quiet=True)
    customers = {row["cust_id"]: row["name"] for row in result.links["L_cust"].to_arrow().to_pylist()}
    filtered = [(customer, amount) for _, customer, amount in orders if amount > 10]
    large = [(customers.get(customer, "").upper(), amount * 0.8) for customer, amount in filtered if amount > 20]
    groups: dict[str, list[float]] = {}
    for name, net in large:
        groups.setdefault(name, []).append(net)
    counts = result.counts
    assert (counts["L_orders"], counts["L_cust"], counts["L_filtered"]) == (100, 20, len(filtered))
    assert (counts["L_joined"], counts["L_xfm"]) == (len(filtered), len(large))
    assert (counts["L_small"], counts["L_out"]) == (len(filtered) - len(large), len(groups))
    with (tmp_path / "out.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    assert {row["name"]: (float(row["sum_net"]), int(row["cnt"])) for row in written} == {
        name: (pytest.approx(sum(nets)), len(nets)) for name, nets in groups.items()
    }


def test_a_project_gives_the_parameter_set(reference: Path, tmp_path: Path) -> None:
    project = Platform(path=tmp_path).create_project("p")
    made = project.create_parameter_set("peek_paramset")
    made.add_parameter("integer", "row_count", value=4)
    project.update_parameter_set(made)
    flow = BatchFlow.load(reference / "flows/rowgen_peek_paramset.json")
    runtime = _in_project(flow, project)
    assert [str(finding) for finding in runtime.check() if finding.severity == "error"] == []
    assert list(runtime.run().counts.values()) == [4]


@pytest.mark.parametrize("asset", ["flows/example_subflow", "flows/subflow_sort"])
def test_a_subflow_by_itself_is_told_what_it_is(asset: str, reference: Path, tmp_path: Path) -> None:
    flow = BatchFlow.load(reference / f"{asset}.json")
    codes = {finding.code for finding in Runtime(flow.document, flow.name, folder=tmp_path).check()}
    assert codes == {"RS-4013"}


class _Subflows:
    """Subflow assets by name, and nothing else."""

    def __init__(self, **documents: Document) -> None:
        self.documents = documents

    def subflow(self, name: str) -> Document | None:
        return self.documents.get(name)

    def parameter_set(self, name: str) -> None:
        return None

    def parameter_sets(self) -> tuple[str, ...]:
        return ()

    connection = secret = environment = parameter_set


def _asset(reference: Path, name: str) -> Document:
    return Document.loads((reference / f"{name}.json").read_bytes())


def test_an_external_subflow(reference: Path, tmp_path: Path) -> None:
    assets = _Subflows(extsub=_asset(reference, "reference/captured/external_subflow.subflow_asset"))
    result = run(reference, "reference/captured/external_subflow", tmp_path, assets=assets)
    assert set(result.counts.values()) == {10}
    assert len(shown(result, "sub_1/Peek_1")) in (0, 10)


@pytest.mark.parametrize("asset", ["flows/example_subflow", "flows/subflow_sort"])
def test_an_asset_in_the_place_of_the_external_subflow(asset: str, reference: Path, tmp_path: Path) -> None:
    """The ports of an external subflow say no node, so that they lead to its entry and exit by their places."""
    assets = _Subflows(extsub=_asset(reference, asset))
    flow = BatchFlow.load(reference / "reference/captured/external_subflow.json")
    fields = assets.documents["extsub"].tree["schemas"][0]["fields"]
    for link in flow.links:
        (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
        flow.document.set_link_schema(ref, fields)
    result = Runtime(flow.document, flow.name, folder=tmp_path, assets=assets).run()
    assert set(result.counts.values()) == {10}


def _in_project(flow: BatchFlow, project: Any) -> Runtime:
    from riverstage.operations.around import ProjectAround

    around = ProjectAround(project._operations)
    return Runtime(flow.document, flow.name, assets=around, folder=around.folder)
