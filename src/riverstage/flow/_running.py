"""A part of a flow: checking it, running it and looking at its data, which the rooms above do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from riverstage.flow._wire import wiring

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from riverstage.client import Project, Response, Runs, SeekableList
    from riverstage.flow.link import Link
    from riverstage.runs.compiled import CompiledFlow, Explanation
    from riverstage.runs.findings import Findings
    from riverstage.runs.preview import Preview
    from riverstage.runs.result import RunResult

__all__ = ["RunningPart"]


class RunningPart:
    """Checking and running a flow."""

    __slots__ = ()

    _origin: Any

    @property
    def project(self) -> Project | None:
        """The project that the flow is kept in; None for one that no project has yet."""
        found: Project | None = getattr(self._origin, "project", None)
        return found

    @property
    def runs(self) -> Runs | SeekableList[RunResult]:
        """The runs that the project's history keeps of the flow, the newest first; none where no project keeps it."""
        kept: Runs | SeekableList[RunResult] = wiring().runs_of(self)
        return kept

    def check(self) -> Findings:
        """Find everything that is wrong with the flow, without reading or writing data.

        Returns:
            The findings, errors first; they print as a list and are false where there is an error.
        """
        found: Findings = wiring().check(self)
        return found

    def compile(self, **parameters: Any) -> CompiledFlow:
        """Check the flow and prepare it for a run.

        Args:
            **parameters: Values of parameters, by name.

        Returns:
            The statements that would run, or what is missing.
        """
        compiled: CompiledFlow = wiring().compile(self, **parameters)
        return compiled

    def get_compile_status(self) -> Response:
        """Check the flow as ``compile`` does and answer as a service would.

        Returns:
            An answer whose ``json()`` says ``compiled`` or ``failed`` as ``entity.status``, and what is missing as
            ``entity.missing``.
        """
        answer: Response = wiring().compile_status(self)
        return answer

    def get_compile_info(self, include_osh: bool | None = None) -> Response:  # noqa: FBT001 - the published form
        """Compile the flow and answer as a service would.

        Args:
            include_osh: Whether to say the statements that would run, as ``entity.statements``.

        Returns:
            An answer whose ``json()`` says whether the flow can run as ``metadata.compiled``.
        """
        answer: Response = wiring().compile_info(self, include_statements=bool(include_osh))
        return answer

    def run(
        self,
        *,
        parameters: Mapping[str, Any] | None = None,
        value_sets: Mapping[str, str] | None = None,
        engine: str = "duckdb",
        folder: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        memory_limit: str | None = None,
        ledger: Literal["exact", "basic"] = "exact",
        quiet: bool = False,
        **given: Any,
    ) -> RunResult:
        """Run the flow in this process and wait for its end.

        Args:
            parameters: Values for this run, by ``name`` or ``set.name``. None gives none: the declared value holds.
            value_sets: The value set of each parameter set that shall hold.
            engine: The engine's name.
            folder: Where relative file names start; by default the project's folder, else the current directory.
            threads: Threads at most.
            memory_limit: Memory at most, as ``512MB``.
            ledger: ``exact`` counts every link, ``basic`` only what is free.
            quiet: Whether rows that a Peek shows stay in the log alone.
            **given: More values of parameters, by name.

        Returns:
            The result: counts of every link, the log, what was written.

        Raises:
            CheckFailed: The flow has errors; nothing was touched.
            RunFailed: The run failed; no target was changed, or the message says which.
            RunCancelled: The run was cancelled.
        """
        result: RunResult = wiring().run(
            self,
            parameters=parameters,
            value_sets=value_sets,
            engine=engine,
            folder=folder,
            threads=threads,
            memory_limit=memory_limit,
            ledger=ledger,
            quiet=quiet,
            **given,
        )
        return result

    def preview(self, link: Link | str, rows: int = 10, **parameters: Any) -> Preview:
        """Show the first rows of a link without writing anything.

        Args:
            link: The link, or its name; ``Sub/Link_1`` for one inside the subflow ``Sub``.
            rows: How many rows at most.
            **parameters: Values of parameters, by name.

        Raises:
            UsageError: The link belongs to another flow, or there is none of that name.
            CheckFailed: The part of the flow above the link has errors.
        """
        shown: Preview = wiring().preview(self, link, rows, **parameters)
        return shown

    def explain(self, *, engine: str = "duckdb", **parameters: Any) -> Explanation:
        """Say how the flow would run: a dictionary, ready for JSON, that prints as text.

        Args:
            engine: The engine's name.
            **parameters: Values of parameters, by name.

        Raises:
            CheckFailed: The flow has errors.
        """
        told: Explanation = wiring().explain(self, engine=engine, **parameters)
        return told
