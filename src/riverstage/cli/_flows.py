"""Find the flow that a command names: a document, or a Python file that builds one; and the project around it."""

from __future__ import annotations

import contextlib
import difflib
import os
import runpy
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riverstage.errors import CheckFailed, Diagnostic, Place, RiverstageError, UsageError
from riverstage.runs._terminal import flush

if TYPE_CHECKING:
    from riverstage.cli._project import Around
    from riverstage.flow import BatchFlow
    from riverstage.runs.runtime import Runtime

__all__ = [
    "Loaded",
    "are_of_the_command",
    "assignments",
    "blame_parameters",
    "file_of",
    "load_flow",
    "near_files",
    "runtime_for",
]

_RUN_NAME = "__riverstage__"


@dataclass(frozen=True)
class Loaded:
    """A flow that a command works on.

    Args:
        flow: The flow.
        path: Its file.
        around: The project around it.
        runtime: What runs it.
    """

    flow: BatchFlow
    path: Path
    around: Around
    runtime: Runtime


def file_of(target: str) -> tuple[Path, str | None]:
    """Return the file that ``FLOW.json`` or ``FILE.py[:name]`` names, and the name.

    Raises:
        UsageError: There is no such file.
    """
    path_text, _, name = target.partition(".py:")
    path = Path(path_text + ".py" if name else target)
    place = Place(file=str(path))
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder, not a flow's file.",
            code="RS-8001",
            place=Place(file=str(path)),
            mend=near_files(path),
        )
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", code="RS-8001", place=place, mend=near_files(path))
    return path, name or None


def near_files(path: Path) -> str:
    """Return a question that names a file which may be meant; empty where there is none."""
    if path.is_dir():
        inside = sorted(str(item) for item in (*path.glob("*.json"), *path.glob("flows/*.json")))
        return f"Did you mean {inside[0]}?" if inside else ""
    folder = path.parent if path.parent.is_dir() else Path()
    names = [str(item) for item in (*folder.glob("*.json"), *folder.glob("flows/*.json"), *folder.glob("*.py"))]
    near = difflib.get_close_matches(str(path), names, 1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""


def load_flow(target: str) -> tuple[BatchFlow, Path]:
    """Return the flow that ``FLOW.json`` or ``FILE.py[:name]`` names, and the file.

    Raises:
        UsageError: There is no such file, or no such flow in it.
        DocumentError: The document cannot be read.
    """
    from riverstage.flow import BatchFlow

    path, name = file_of(target)
    if path.suffix == ".py":
        return _from_python(path, name), path
    return BatchFlow.load(path), path


def _from_python(path: Path, name: str | None) -> BatchFlow:
    """Run a Python file and return its one module-level flow, or the one of that name."""
    from riverstage.flow import BatchFlow

    module = _run(path)
    flows = {key: value for key, value in module.items() if isinstance(value, BatchFlow) and not key.startswith("_")}
    place = Place(file=str(path))
    if name is not None:
        if name in flows:
            return flows[name]
        near = difflib.get_close_matches(name, list(flows), 1)
        mend = f"Did you mean {path}:{near[0]}?" if near else f"It has: {', '.join(flows) or 'none'}."
        raise UsageError(f"{path} has no flow '{name}'.", code="RS-8003", place=place, mend=mend)
    distinct = {id(value): key for key, value in flows.items()}
    if not distinct:
        mend = "Give a BatchFlow a name at the module's top level."
        raise UsageError(f"{path} builds no flow.", code="RS-8003", place=place, mend=mend)
    if len(distinct) > 1:
        said = f"{path} builds {len(distinct)} flows: {', '.join(distinct.values())}."
        mend = f"Name one, for example {path}:{next(iter(distinct.values()))}"
        raise UsageError(said, code="RS-8003", place=place, mend=mend)
    return next(iter(flows.values()))


def _run(path: Path) -> dict[str, Any]:
    sys.path.insert(0, str(path.parent.resolve()))
    arguments, sys.argv = sys.argv, [str(path)]
    try:
        with _kept_out_of_json():
            return runpy.run_path(str(path), run_name=_RUN_NAME)
    except RiverstageError as error:
        _note_line(error, path)
        raise
    except SyntaxError as error:
        raise _of_user(error, path, error.filename, error.lineno, f"cannot be read: {error.msg}") from error
    except SystemExit as error:
        raise _of_user(error, path, None, None, "left (sys.exit) before it was read to its end") from error
    except Exception as error:  # the file is the user's program: what it raises is shown as theirs
        raised = f"raised {type(error).__name__}{f': {error}' if str(error) else ''}"
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise _of_user(error, path, last.filename, last.lineno, raised) from error
    finally:
        sys.path.pop(0)
        sys.argv = arguments


@contextlib.contextmanager
def _kept_out_of_json() -> Iterator[None]:
    """Send to standard error what a flow's file prints, where standard output is to hold one JSON value."""
    context = click.get_current_context(silent=True)
    if context is None or not context.params.get("as_json"):
        yield
        return
    with contextlib.redirect_stdout(sys.stderr), _standard_output_on_error():
        yield


@contextlib.contextmanager
def _standard_output_on_error() -> Iterator[None]:
    """Let the process's standard output be its standard error: for programs that a flow's file calls."""
    flush()
    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        yield
        return
    try:
        os.dup2(2, 1)
        yield
    finally:
        flush()
        os.dup2(kept, 1)
        os.close(kept)


def _of_user(error: BaseException, path: Path, file: str | None, line: int | None, what: str) -> UsageError:
    del error
    place = Place(file=file or str(path), path=f"line {line}" if line else None)
    return UsageError(f"{path} {what}.", code="RS-8002", place=place)


def _note_line(error: RiverstageError, path: Path) -> None:
    """Add the line of the user's file that an error of ours comes from."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    if lines:
        error.add_note(f"in {path}, line {lines[-1].lineno}: {lines[-1].line}")


def assignments(given: Sequence[str], option: str) -> dict[str, str]:
    """Return ``name=value`` texts as a mapping.

    Raises:
        click.UsageError: One has no name or no equals sign.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            message = f"{option} takes NAME=VALUE, and '{text}' is not of that form."
            raise click.UsageError(message, click.get_current_context(silent=True))
        found[name.strip()] = value
    return found


def runtime_for(
    target: str, *, parameters: Sequence[str] = (), value_sets: Sequence[str] = (), project: str | None = None
) -> Loaded:
    """Return a flow with what runs it and the project that it lies in."""
    from riverstage.cli._project import project_around
    from riverstage.runs.runtime import Runtime

    given = assignments(parameters, "--param")
    chosen = assignments(value_sets, "--value-set")
    flow, path = load_flow(target)
    around = project_around(flow, path, project)
    stored = {entry["name"]: entry["value"] for entry in flow.job_parameters}
    runtime = Runtime(
        flow.document,
        flow.name or path.stem,
        assets=around.assets,
        folder=around.folder,
        state_folder=around.state_folder,
        parameters={**stored, **given},
        value_sets={**flow.value_set_selected, **chosen},
        facts={"DSProjectName": around.name},
    )
    return Loaded(flow, path, around, runtime)


def are_of_the_command(found: Iterable[Diagnostic], *given: Sequence[str]) -> bool:
    """Return whether one of the errors found comes from what options such as ``--param`` were given."""
    names = {text.partition("=")[0].strip() for texts in given for text in texts}
    return any(item.severity == "error" and item.place.parameter in names for item in found)


def blame_parameters(error: CheckFailed, *given: Sequence[str]) -> None:
    """Take a flow's errors as errors of the command line where what was given there is the cause.

    Args:
        error: The flow's errors.
        given: What the options ``--param`` and ``--value-set`` were given.
    """
    if are_of_the_command(error.diagnostics, *given):
        error.is_usage = True  # type: ignore[attr-defined]
