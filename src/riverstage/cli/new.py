"""``riverstage new``: a project folder with a first flow that runs."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from riverstage.cli._exit import blaming_the_command
from riverstage.cli._options import json_option, write_json
from riverstage.errors import Place, UsageError
from riverstage.runs._terminal import write

__all__ = ["command"]

_FLOW = "hello"


@click.command("new")
@click.argument("name", metavar="NAME")
@click.option("--in", "folder", default=".", metavar="FOLDER", help="The workspace; the current folder by default.")
@json_option("where things are")
def command(*, name: str, folder: str, as_json: bool) -> None:
    """Make a project: a folder with a first flow that runs, made for git."""
    from riverstage.client import Platform

    if not Path(folder).is_dir():
        message = f"There is no folder {folder}." if not Path(folder).exists() else f"{folder} is no folder."
        raise UsageError(message, code="RS-8004", place=Place(file=folder), mend="Make it, or name another.")
    platform = Platform(path=folder)
    if any(project.name == name for project in platform.projects):
        raise UsageError(f"There is a project '{name}' already.", code="RS-8005", mend="Choose another name.")
    with blaming_the_command(UsageError):
        project = platform.create_project(name)
    flow = project.create_flow(_FLOW, description="Twenty orders, the large ones first.")
    _build(flow)
    project.update_flow(flow)
    where = Path(project.path)
    shown = where.relative_to(Path.cwd()) if where.is_relative_to(Path.cwd()) else where
    document = shown / "flows" / f"{_FLOW}.json"
    if as_json:
        write_json({"project": name, "folder": str(where), "flow": str(where / "flows" / f"{_FLOW}.json")})
        return
    named = shlex.quote(str(document))
    write(
        f"✓ Made the project {shown}/ with a first flow.\n\n"
        f"  riverstage run {named}\n"
        f"  riverstage preview {named} large\n"
        f"  riverstage explain {named}"
    )


def _build(flow: object) -> None:
    from riverstage.flow import BatchFlow

    if not isinstance(flow, BatchFlow):
        raise TypeError(flow)
    flow.add_local_parameter("integer", "least", description="Smallest amount of a large order", value="50")
    orders = flow.add_stage("Row Generator", "Orders")
    orders.configuration.records = 20
    large = flow.add_stage("Transformer", "Large ones")
    made = orders.connect_output_to(large).set_name("orders")
    schema = made.create_schema()
    schema.add_field("INTEGER", "id", cycle_initial_value=1, cycle_increment=1)
    schema.add_field("VARCHAR", "customer", length=10, cycle_values=["Ada", "Ben", "Cleo"])
    schema.add_field("INTEGER", "amount", random_limit=100, random_seed=7)
    order = flow.add_stage("Sort", "Largest first")
    chosen = large.connect_output_to(order).set_name("large")
    chosen.constraint = "orders.amount >= least"
    fields = chosen.create_schema()
    for kind, name, expression in [
        ("INTEGER", "id", "orders.id"),
        ("VARCHAR", "customer", "UpCase(orders.customer)"),
        ("INTEGER", "amount", "orders.amount"),
    ]:
        fields.add_field(kind, name)
        chosen.derivations[name] = expression
    order.configuration.key_properties = [{"key": "amount", "asc-desc": "desc"}]
    look = flow.add_stage("Peek", "A look")
    order.connect_output_to(look).set_name("sorted")
