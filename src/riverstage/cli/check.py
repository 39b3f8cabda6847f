"""``riverstage check``: every problem of flows, at once."""

from __future__ import annotations

import json

import click

from riverstage.cli._exit import COMPLETED, FAILED
from riverstage.cli._flows import runtime_for

__all__ = ["command"]


@click.command("check")
@click.argument("flows", nargs=-1, required=True, metavar="FLOW…")
@click.option("--strict", is_flag=True, help="Leave with 1 on warnings too.")
@click.option("--offline", is_flag=True, help="Do not look at what sources hold.")
@click.option("-p", "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Give a parameter a value.")
@click.option(
    "--value-set", "value_sets", multiple=True, metavar="SET=NAME", help="Choose a parameter set's value set."
)
@click.option("--project", metavar="FOLDER", help="The project whose parameter sets and connections are used.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    *,
    flows: tuple[str, ...],
    strict: bool,
    offline: bool,
    parameters: tuple[str, ...],
    value_sets: tuple[str, ...],
    project: str | None,
    as_json: bool,
) -> int:
    """Report everything that is wrong with flows: code, place, and what to do.

    Leaves with 1 where there are errors (with --strict, warnings too), else with 0.
    """
    from riverstage.runs.findings import Findings

    found = []
    for target in flows:
        _, path, runtime = runtime_for(target, parameters=parameters, value_sets=value_sets, project=project)
        found.append((str(path), Findings(runtime.name, runtime.check(touch_sources=not offline))))
    if as_json:
        click.echo(json.dumps([{"file": path, **item.as_dict()} for path, item in found], indent=2, ensure_ascii=False))
    else:
        for _, item in found:
            click.echo(repr(item))
    bad = any(not item.is_ok or (strict and item.warnings) for _, item in found)
    return FAILED if bad else COMPLETED
