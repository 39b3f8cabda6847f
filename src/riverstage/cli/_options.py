"""The options that commands share, and writing JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from riverstage.runs._terminal import write

__all__ = ["flow_argument", "flow_options", "json_option", "write_json"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

flow_argument = click.argument("flow", metavar="FLOW.json|FILE.py[:NAME]")

_FLOW_OPTIONS = (
    click.option(
        "-p",
        "--param",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        help="Give a parameter, or SET.NAME, a value.",
    ),
    click.option(
        "--value-set",
        "value_sets",
        multiple=True,
        metavar="SET=NAME",
        help="Choose the value set of a parameter set.",
    ),
    click.option(
        "--project",
        metavar="FOLDER",
        help="The project whose parameter sets and connections are used. By default the one that the file lies in.",
    ),
)


def flow_options(command: _Command) -> _Command:
    """Add the options that say what a flow runs with."""
    for option in reversed(_FLOW_OPTIONS):
        command = option(command)
    return command


def json_option(what: str) -> Callable[[_Command], _Command]:
    """Return ``--json`` with its help."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON.")


def write_json(data: Any) -> None:
    """Write data as JSON to standard output."""
    write(json.dumps(data, indent=2, ensure_ascii=False), paint=False)
