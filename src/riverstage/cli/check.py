"""``riverstage check``: every problem of flows, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from riverstage.cli._exit import COMPLETED, FAILED, USAGE, exit_code
from riverstage.cli._flows import are_of_the_command, file_of, runtime_for
from riverstage.cli._options import flow_options, json_option, write_json
from riverstage.errors import Diagnostic, RiverstageError
from riverstage.runs._terminal import write

if TYPE_CHECKING:
    from riverstage.runs.findings import Findings

__all__ = ["command"]


@click.command("check")
@click.argument("flows", nargs=-1, required=True, metavar="FLOW…")
@click.option("--strict", is_flag=True, help="Leave with 1 on warnings too.")
@click.option("--offline", is_flag=True, help="Do not look at what sources hold.")
@flow_options
@json_option("the findings")
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

    found: list[tuple[str, Findings]] = []
    files = [file_of(target)[0] for target in flows]
    for target, path in zip(flows, files, strict=True):
        try:
            runtime = runtime_for(target, parameters=parameters, value_sets=value_sets, project=project).runtime
            item = Findings(runtime.name, runtime.check(touch_sources=not offline))
        except RiverstageError as error:
            if exit_code(error) != FAILED:
                raise
            # A flow that cannot be read is a finding: the others are checked all the same.
            item = Findings(path.stem, [Diagnostic(error.code, "error", error.message, error.place, error.mend)])
        found.append((str(path), item))
    if as_json:
        write_json([{"file": path, **item.as_dict()} for path, item in found])
    else:
        for _, item in found:
            write(repr(item))
    if any(are_of_the_command(item, parameters, value_sets) for _, item in found):
        return USAGE
    bad = any(not item.is_ok or (strict and item.warnings) for _, item in found)
    return FAILED if bad else COMPLETED
