"""What the product itself costs: imports, building, layout, checking, a tiny run. One process a contender."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time

from harness import contend


def _fresh(code: str, times: int = 15) -> float:
    """Median seconds that a fresh interpreter says the code took."""
    taken = []
    for _ in range(times):
        program = f"import time; s = time.perf_counter()\n{code}\nprint(time.perf_counter() - s)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        taken.append(float(done.stdout.strip().splitlines()[-1]))
    return statistics.median(taken)


def imports():
    """``import riverstage``."""
    return _fresh("import riverstage")


def first_calls():
    """Import and the first add_stage, connect_output_to and configuration."""
    return _fresh(
        "import riverstage\n"
        "flow = riverstage.BatchFlow('f')\n"
        "a = flow.add_stage('Row Generator', 'A'); b = flow.add_stage('Peek', 'B')\n"
        "a.connect_output_to(b); a.configuration.records = 5"
    )


def _dag(stages: int, seed: int = 1):
    """A random DAG that looks like a flow: sources, one-to-one stages, joins, copies, targets."""
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


def _median(work, times=15):
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def build_1000():
    """A random DAG of 1,000 stages built and written, without layout."""
    _dag(50)

    def work():
        _dag(1000).document.dumps()

    return _median(work)


def layout_1000():
    """Layout of that DAG."""
    from riverstage.flow.layout import arrange

    flow = _dag(1000)
    labels = [stage.label for stage in flow.stages]
    edges = [(link.src.label, link.dest.label) for link in flow.links]
    return _median(lambda: arrange(labels, edges), 5)


def _chain(stages: int, columns: int):
    from riverstage import BatchFlow

    flow = BatchFlow("chain")
    before = flow.add_stage("Row Generator", "Start")
    for number in range(stages - 2):
        stage = flow.add_stage(
            "Transformer" if number % 5 == 0 else "Sort" if number % 5 == 3 else "Copy", f"S{number}"
        )
        link = before.connect_output_to(stage)
        schema = link.create_schema()
        for column in range(columns):
            schema.add_field("INTEGER", f"c{column}", nullable=True)
        if before.label.startswith("S") and type(before).__name__ == "TransformerStage":
            for column in range(columns):
                link.derivations[f"c{column}"] = f"{before.get_input_links()[0].name}.c{column} + 1"
        if type(stage).__name__ == "SortStage":
            stage.configuration.key_properties = [{"key": "c0"}]
        before = stage
    before.connect_output_to(flow.add_stage("Peek", "End"))
    return flow


def plan_500():
    """Check and plan of 500 stages with 50 columns on every link."""
    from riverstage._wiring import runtime_of

    flow = _chain(500, 50)
    runtime_of(flow).plan()
    return _median(lambda: runtime_of(flow).plan(), 5)


def tiny_run():
    """A run of two stages and ten rows, the process warm."""
    from riverstage import BatchFlow

    flow = BatchFlow("tiny")
    flow.add_stage("Row Generator", "A").connect_output_to(flow.add_stage("Peek", "B"))
    link = flow.links[0]
    link.create_schema().add_field("INTEGER", "id")
    flow.run(quiet=True)
    return _median(lambda: flow.run(quiet=True))


LINES = {
    "import riverstage": (imports, 0.15),
    "import and first calls": (first_calls, 0.4),
    "build and write 1,000 stages": (build_1000, 0.1),
    "layout of 1,000 stages": (layout_1000, 0.6),
    "check and plan 500 stages x 50 columns": (plan_500, 1.0),
    "a tiny run, warm": (tiny_run, 0.025),
}

if __name__ == "__main__":
    contend(LINES[sys.argv[1]][0])
