"""Find the flow that a command names: a document, or a Python file that builds one; and the project around it."""

from __future__ import annotations

import difflib
import runpy
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riverstage.errors import Place, RiverstageError, UsageError

if TYPE_CHECKING:
    from riverstage.flow import BatchFlow
    from riverstage.runs.runtime import Runtime

__all__ = ["assignments", "load_flow", "parse_sets", "runtime_for"]


def load_flow(target: str) -> tuple[BatchFlow, Path]:
    """Return the flow that ``FLOW.json`` or ``FILE.py[:name]`` names, and the file.

    Raises:
        UsageError: There is no such file, or no such flow in it.
        DocumentError: The document cannot be read.
    """
    from riverstage.flow import BatchFlow

    path_text, _, name = target.partition(".py:")
    path = Path(path_text + ".py" if name else target)
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", code="RS-8001", place=Place(file=str(path)), mend=_near(path))
    if path.suffix == ".py":
        return _from_python(path, name or None), path
    return BatchFlow.load(path), path


def _near(path: Path) -> str:
    folder = path.parent if path.parent.is_dir() else Path()
    names = [str(item) for item in (*folder.glob("*.json"), *folder.glob("flows/*.json"), *folder.glob("*.py"))]
    near = difflib.get_close_matches(str(path), names, 1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else ""


def _from_python(path: Path, name: str | None) -> BatchFlow:
    """Run a Python file and return its one module-level flow, or the one of that name."""
    from riverstage.flow import BatchFlow

    sys.path.insert(0, str(path.parent.resolve()))
    try:
        module = runpy.run_path(str(path), run_name="__riverstage__")
    except RiverstageError:
        raise
    except Exception as error:  # the file is the user's program: what it raises is shown as theirs
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise UsageError(
            f"{path} raised {type(error).__name__}: {error}",
            code="RS-8002",
            place=Place(file=str(last.filename), path=f"line {last.lineno}"),
        ) from error
    finally:
        sys.path.pop(0)
    flows = {key: value for key, value in module.items() if isinstance(value, BatchFlow)}
    if name is not None:
        if name not in flows:
            have = ", ".join(flows) or "none"
            raise UsageError(
                f"{path} has no flow '{name}'; it has: {have}.", code="RS-8003", place=Place(file=str(path))
            )
        return flows[name]
    distinct = {id(value): value for value in flows.values()}
    if len(distinct) != 1:
        said = "builds no flow" if not distinct else f"builds {len(distinct)} flows: {', '.join(flows)}"
        mend = (
            "Give a BatchFlow a name at the module's top level."
            if not distinct
            else f"Name one: {path}:{next(iter(flows))}"
        )
        raise UsageError(f"{path} {said}.", code="RS-8003", place=Place(file=str(path)), mend=mend)
    return next(iter(distinct.values()))


def assignments(given: tuple[str, ...], what: str) -> dict[str, str]:
    """Return ``name=value`` texts as a mapping."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            message = f"{what} takes NAME=VALUE, not '{text}'."
            raise click.UsageError(message)
        found[name.strip()] = value
    return found


def parse_sets(given: tuple[str, ...]) -> dict[str, str]:
    """Return the value set chosen of each parameter set."""
    return assignments(given, "--value-set")


def runtime_for(
    target: str, *, parameters: tuple[str, ...] = (), value_sets: tuple[str, ...] = (), project: str | None = None
) -> tuple[BatchFlow, Path, Runtime]:
    """Return a flow, its file, and what runs it, with the project that it lies in."""
    from riverstage.cli._project import project_around
    from riverstage.runs.runtime import Runtime

    flow, path = load_flow(target)
    around = project_around(Path(project) if project else path, required=project is not None)
    facts: dict[str, Any] = {"DSProjectName": around.name}
    runtime = Runtime(
        flow.document,
        flow.name or path.stem,
        assets=around.assets,
        folder=around.folder,
        state_folder=around.state_folder,
        parameters=assignments(parameters, "--param"),
        value_sets=parse_sets(value_sets),
        facts=facts,
    )
    return flow, path, runtime
