"""The command's entry point, its exit codes, and the one place where errors become text."""

from __future__ import annotations

import gc
import importlib
import json
import sys
import warnings
from dataclasses import replace
from typing import Any

import click

from riverstage import __version__
from riverstage.cli._exit import CANCELLED, FAILED, USAGE, exit_code
from riverstage.cli._refused import tell_refused
from riverstage.errors import CheckFailed, RiverstageError, RunCancelled

__all__ = ["main"]

# Each command's module is loaded when the command is asked for, so that `riverstage --help` is instant.
_COMMANDS = {
    "run": ("riverstage.cli.run", "Run a flow."),
    "check": ("riverstage.cli.check", "Report everything that is wrong with flows."),
    "fmt": ("riverstage.cli.fmt", "Write flows in canonical form."),
    "explain": ("riverstage.cli.explain", "Show how a flow would run: its SQL and how rows are counted."),
    "preview": ("riverstage.cli.preview", "Show the first rows of a link; nothing is written."),
    "eval": ("riverstage.cli.evaluate", "Try an expression of the Transformer language."),
    "infer": ("riverstage.cli.infer", "Show the columns and types that a file holds."),
    "new": ("riverstage.cli.new", "Make a project folder with a first flow that runs."),
    "stages": ("riverstage.cli.stages", "List the stage types, or describe one."),
}


class _Commands(click.Group):
    """Commands by name, loaded late."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx  # the list is always the same
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            _write(ctx.get_help(), error=True)
            ctx.exit(USAGE)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        import difflib

        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], list(_COMMANDS), 1)
            hint = f" Did you mean '{near[0]}'?" if near else " `riverstage --help` lists the commands."
            message = f"There is no command '{args[0]}'.{hint}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="riverstage", message="%(prog)s %(version)s")
def cli() -> None:
    """Riverstage: open batch data integration.

    \b
    Exit codes: 0 completed, 3 completed with warnings, 1 failed,
    2 the command line was wrong, 130 cancelled.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code.

    Args:
        arguments: The command line without the program's name; None takes the process's.
    """
    from riverstage.cli._cancel import cancel_on_signals
    from riverstage.cli._standard import standard_streams

    given = sys.argv[1:] if arguments is None else arguments
    with standard_streams(), cancel_on_signals() as cancel, warnings.catch_warnings():
        warnings.showwarning = _show_warning  # type: ignore[assignment]
        code = _guarded(given, cancel)
        if "duckdb" in sys.modules:
            # What an error has held in a circle is freed while the database library is still whole.
            gc.collect()
        code = _handed_on(code)
    sys.exit(code)


def _guarded(given: list[str], cancel: Any) -> int:
    as_json = "--json" in given
    try:
        code = cli.main(args=given, prog_name="riverstage", standalone_mode=False, obj=cancel)
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as error:
        return _refused(error, as_json=as_json)
    except RunCancelled as error:
        _tell(error, as_json=as_json)
        return CANCELLED
    except RiverstageError as error:
        from riverstage.runs.console import let_go

        let_go(error)
        _tell(error, as_json=as_json)
        return exit_code(error)
    except (KeyboardInterrupt, click.Abort):
        _write("■ cancelled", error=True)
        return CANCELLED
    except OSError as error:
        tell_refused(error)
        return FAILED
    except Exception as error:  # the last boundary: whatever comes here is a mistake of our own
        return _our_mistake(error)
    return code if isinstance(code, int) else 0


def _our_mistake(error: Exception) -> int:
    """Own up to an error that nobody foresaw; where it came from is shown on demand."""
    import os
    import traceback

    from riverstage.runs.console import let_go

    said = f"{type(error).__name__}: {error}".rstrip(": ")
    if os.environ.get("RIVERSTAGE_TRACEBACK"):
        mend = "".join(traceback.format_exception(error)).rstrip()
    else:
        last = traceback.extract_tb(error.__traceback__)[-1]
        mend = f"It came from {last.filename}, line {last.lineno}. RIVERSTAGE_TRACEBACK=1 shows the way there."
    let_go(error)
    _write(f"✗ error RS-8009: This is a mistake in Riverstage, please report it. {said}\n  {mend}", error=True)
    return FAILED


def _handed_on(code: int) -> int:
    """Hand on the last output; a full disk behind it is a failure, a reader that has left is none.

    Args:
        code: The exit code of what was done.
    """
    from riverstage.runs._terminal import flush

    try:
        flush()
    except OSError as error:
        tell_refused(error)
        return code or FAILED
    return code


def _refused(error: click.ClickException, *, as_json: bool) -> int:
    """Show what is wrong with the command line, and how to see what would be right."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "riverstage"
    mend = f"`{path} --help` shows how it is used."
    message = error.format_message()
    message = message if message.endswith((".", "?")) or "\n" in message else f"{message}."
    shown = {"code": "RS-8000", "message": message, "place": {}, "state": "", "mend": mend}
    if as_json:
        _write(json.dumps({"error": shown}, indent=2, ensure_ascii=False))
    else:
        _write(f"✗ error RS-8000: {message}\n  → {mend}", error=True)
    return USAGE


def _show_warning(message: Any, category: Any, filename: str, lineno: int, *_: Any) -> None:
    """Show a warning of Python code: those that are meant for people without the place in our own code."""
    del filename, lineno
    about = "" if category.__module__.startswith("riverstage") else f"{category.__name__}: "
    _write(f"warning: {about}{message}", error=True)


def _write(text: str, *, error: bool = False) -> None:
    from riverstage.runs._terminal import write

    try:
        write(text, error=error)
    except OSError as refusal:
        tell_refused(refusal)


def _tell(error: RiverstageError, *, as_json: bool) -> None:
    """Show an error: as JSON on standard output where that was asked for, and as text for a person."""
    result = getattr(error, "result", None)
    if as_json:
        told = result.as_dict() if result is not None else {"error": dict(error.as_dict())}
        _write(json.dumps(told, indent=2, ensure_ascii=False))
    elif isinstance(error, CheckFailed):
        from riverstage.runs.findings import Findings

        _write(f"{Findings(error.place.flow or 'flow', error.diagnostics)!r}\n{error.state}", error=True)
    elif isinstance(error, RunCancelled) and result is not None:
        from riverstage.runs.present import duration

        _write(f"■ {result.flow} cancelled after {duration(result.seconds)}. {error.state}", error=True)
    else:
        _write("\n".join(_lines(error)), error=True)


def _lines(error: RiverstageError) -> list[str]:
    """Return an error as lines: what happened, where, what state the data is in, what to do next."""
    result = getattr(error, "result", None)
    place = error.place if result is None or error.place.flow else replace(error.place, flow=result.flow)
    where = str(place)
    lines = [f"✗ error {error.code}: {error.message}"]
    is_said = set(place.as_dict()) == {"file"} and str(place.file) in error.message
    if where and not is_said:
        lines.append(f"  at {where}")
    lines += [f"  {note}" for note in getattr(error, "__notes__", ())]
    if error.state:
        lines.append(f"  {error.state}")
    if error.mend:
        lines.append(f"  → {error.mend}")
    return lines
