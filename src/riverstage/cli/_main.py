"""The command's entry point, its exit codes, and the one place where errors become text."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

import click

from riverstage import __version__
from riverstage.cli._exit import CANCELLED, FAILED, USAGE
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

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        import difflib

        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], list(_COMMANDS), 1)
            hint = f" Did you mean '{near[0]}'?" if near else " `riverstage --help` lists the commands."
            message = f"There is no command '{args[0]}'.{hint}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="riverstage")
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
    given = sys.argv[1:] if arguments is None else arguments
    sys.exit(_guarded(given))


def _guarded(given: list[str]) -> int:
    as_json = "--json" in given
    try:
        code = cli.main(args=given, prog_name="riverstage", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.Abort:
        return _cancelled()
    except click.ClickException as error:
        error.show()
        return USAGE
    except RunCancelled as error:
        _tell(error, as_json=as_json)
        return CANCELLED
    except RiverstageError as error:
        _tell(error, as_json=as_json)
        return FAILED
    except KeyboardInterrupt:
        return _cancelled()
    except BrokenPipeError:
        # Whoever read our output has left (head, less); that is no error. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _cancelled() -> int:
    click.echo("cancelled", err=True)
    return CANCELLED


def _tell(error: RiverstageError, *, as_json: bool) -> None:
    """Show an error: as JSON on standard output where that was asked for, and as text for a person."""
    if as_json:
        result = getattr(error, "result", None)
        told = result.as_dict() if result is not None else {"error": dict(error.as_dict())}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if isinstance(error, CheckFailed):
        from riverstage.runs.findings import Findings

        click.echo(repr(Findings(error.place.flow or "flow", error.diagnostics)), err=True)
        click.echo("Nothing was read or written.", err=True)
        return
    where = str(error.place)
    click.secho(f"error {error.code}", fg="red", bold=True, nl=False, err=True)
    click.echo(f": {error.message}", err=True)
    for line in (
        f"  at {where}" if where else "",
        f"  {error.state}" if error.state else "",
        f"  → {error.mend}" if error.mend else "",
    ):
        if line:
            click.echo(line, err=True)
