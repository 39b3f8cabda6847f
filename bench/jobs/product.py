"""What the product itself costs: imports, building, layout, checking and planning, a tiny run."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable

from bench.benchmark import Benchmark, Contestant, Target, Work
from bench.setting import FULL, Setting

_FIRST_CALLS = """
import riverstage
flow = riverstage.BatchFlow('f')
a = flow.add_stage('Row Generator', 'A'); b = flow.add_stage('Peek', 'B')
a.connect_output_to(b); a.configuration.records = 5
"""


def _in_a_fresh_interpreter(code: str) -> Contestant:
    """Return what a new interpreter says that the code took."""
    program = f"import time\nstarted = time.perf_counter()\n{code}\nprint(time.perf_counter() - started)"

    def ready(_: Setting) -> Work:
        def work() -> float:
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
            return float(done.stdout.split()[-1])

        return work

    return ready


def _size(full: int, s: Setting) -> int:
    """Return a number of stages: all of them at full size, a tenth where the benchmarks run short."""
    return full if s.rows >= FULL else max(10, full // 10)


def _dag(stages: int, seed: int = 1):
    """Return a random DAG that looks like a flow: sources, one-to-one stages, joins, copies, open ends."""
    from riverstage import BatchFlow

    draw = random.Random(seed)
    flow = BatchFlow(f"random {stages}")
    ends = []
    for number in range(stages):
        kind = draw.choices(["Row Generator", "Sort", "Join", "Copy"], [1, 6, 2, 2])[0]
        if len(ends) < 2:
            kind = "Row Generator"
        stage = flow.add_stage(kind, f"S{number}")
        if kind == "Join":
            ends.pop(draw.randrange(len(ends))).connect_output_to(stage)
        if kind != "Row Generator":
            ends.pop(draw.randrange(len(ends))).connect_output_to(stage)
        ends.append(stage)
        if kind == "Copy":
            ends.append(stage)
    return flow


def build(s: Setting) -> Work:
    """A random DAG built and saved, everything but its layout."""
    from riverstage.flow._saving import write_atomically

    s.out.mkdir(parents=True, exist_ok=True)

    def work() -> None:
        write_atomically(s.target("built.json"), _dag(_size(1000, s)).document.dumps())

    return work


def build_laid_out(s: Setting) -> Work:
    """The same with ``flow.save``, which lays out first."""
    s.out.mkdir(parents=True, exist_ok=True)

    def work() -> None:
        _dag(_size(1000, s)).save(s.target("laid_out.json"))

    return work


def layout(s: Setting) -> Work:
    """The layout of that DAG."""
    from riverstage.flow.layout import arrange

    flow = _dag(_size(1000, s))
    labels = [stage.label for stage in flow.stages]
    edges = [(link.src.label, link.dest.label) for link in flow.links]

    def work() -> None:
        arrange(labels, edges)

    return work


def _chain(stages: int, columns: int):
    """Return a chain of Transformers, Sorts and Copies with a schema on every link."""
    from riverstage import BatchFlow

    flow = BatchFlow("chain")
    before = flow.add_stage("Row Generator", "Start")
    for number in range(stages - 1):
        kind = "Transformer" if number % 5 == 0 else "Sort" if number % 5 == 3 else "Copy"
        stage = flow.add_stage("Peek" if number == stages - 2 else kind, f"S{number}")
        link = before.connect_output_to(stage)
        schema = link.create_schema()
        for column in range(columns):
            schema.add_field("INTEGER", f"c{column}", nullable=True)
        if before.label != "Start" and (number - 1) % 5 == 0:
            for column in range(columns):
                link.derivations[f"c{column}"] = f"{before.get_input_links()[0].name}.c{column} + 1"
        if kind == "Sort" and number < stages - 2:
            stage.configuration.key_properties = [{"key": "c0"}]
        before = stage
    return flow


def _planning(measured: Callable[[object, Setting], float | None]) -> Contestant:
    """Return a step of planning 500 stages with 50 columns on every link; the step itself may say what it took."""

    def ready(s: Setting) -> Work:
        from riverstage._wiring import runtime_of

        runtime = runtime_of(_chain(_size(500, s), 50), folder=s.out)
        return lambda: measured(runtime, s)

    return ready


def _plan(runtime, _: Setting) -> None:
    runtime.plan()


def _statements(runtime, s: Setting):
    from riverstage.engines.duckdb.engine import DuckDBEngine
    from riverstage.runs.runtime import default_options

    plan, _ = runtime.plan()
    prepared = DuckDBEngine().prepare(plan, default_options(threads=s.threads), folder=str(s.out))
    return [statement for part in prepared.statements({}) for statement in part]


def _plan_and_write(runtime, s: Setting) -> None:
    _statements(runtime, s)


def _engine_planning(runtime, s: Setting) -> float:
    """Return what DuckDB takes to plan the statements; those that make tables for later ones are run besides."""
    from bench.engines import duckdb_connection

    connection = duckdb_connection(s, max_expression_depth=10_000)
    taken = 0.0
    for statement in _statements(runtime, s):
        started = time.perf_counter()
        connection.execute(f"EXPLAIN {statement.sql}").fetchall()
        taken += time.perf_counter() - started
        if statement.creates is not None:
            connection.execute(statement.sql)
    return taken


def tiny_run(s: Setting) -> Work:
    """A run of two stages and ten rows; the process has run it before."""
    from bench.flows import running
    from riverstage import BatchFlow

    s.out.mkdir(parents=True, exist_ok=True)
    flow = BatchFlow("tiny")
    link = flow.add_stage("Row Generator", "A").connect_output_to(flow.add_stage("Peek", "B"))
    link.create_schema().add_field("INTEGER", "id")
    run = running(flow, s)
    for _ in range(3):
        run()
    return run


_LINES: dict[str, tuple[Contestant, float | None]] = {
    "import riverstage": (_in_a_fresh_interpreter("import riverstage"), 0.15),
    "import, first add_stage, connect_output_to, configuration": (_in_a_fresh_interpreter(_FIRST_CALLS), 0.4),
    "1,000 stages built and saved, without layout": (build, 0.1),
    "layout of 1,000 stages": (layout, 0.6),
    "1,000 stages built, laid out and saved": (build_laid_out, None),
    "check and plan 500 stages x 50 columns": (_planning(_plan), 1.0),
    "the same, and the engine's SQL written": (_planning(_plan_and_write), None),
    "DuckDB's own planning of that SQL": (_planning(_engine_planning), None),
    "a tiny run, the process warm": (tiny_run, 0.025),
}

BENCHMARK = Benchmark(
    name="product",
    title="What the product itself costs, each in a process of its own.",
    contestants={name: contestant for name, (contestant, _) in _LINES.items()},
    targets=tuple(
        Target(f"at most {limit} s", name, limit, figure="seconds") for name, (_, limit) in _LINES.items() if limit
    ),
)
