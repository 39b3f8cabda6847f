"""Crossings of links in our layout and in elkjs' layered one, on the same 20 random DAGs of 100 stages.

Both are counted the same way: as straight lines between the stages' places. elkjs comes from npm, into ``bench/data``.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess

import data

_ELK = """
const ELK = require('elkjs');
const graphs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
  const out = [];
  for (const g of graphs) {
    const elk = new ELK();
    const made = await elk.layout({id: 'root', layoutOptions: {'elk.algorithm': 'layered', 'elk.direction': 'RIGHT',
      'elk.layered.spacing.nodeNodeBetweenLayers': '200', 'elk.spacing.nodeNode': '96'},
      children: g.nodes.map(id => ({id, width: 48, height: 48})),
      edges: g.edges.map(([s, t], i) => ({id: 'e' + i, sources: [s], targets: [t]}))});
    out.push(Object.fromEntries(made.children.map(c => [c.id, [c.x, c.y]])));
  }
  console.log(JSON.stringify(out));
})();
"""


def random_dag(stages: int, seed: int) -> tuple[list[str], list[tuple[str, str]]]:
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


def compare() -> dict[str, object]:
    """Return the crossings of both, summed, and how many graphs keep to 1.5 times elkjs' figure."""
    from riverstage.flow.layout import arrange, crossings

    graphs = [random_dag(100, seed) for seed in range(20)]
    ours = [crossings(arrange(nodes, edges), edges) for nodes, edges in graphs]
    npm = shutil.which("npm")
    if npm is None:
        return {"ours": sum(ours), "elkjs": "npm is not here"}
    folder = data.FOLDER / "elk"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "elkjs").exists():
        subprocess.run(
            [npm, "install", "--silent", "--ignore-scripts", "--prefix", str(folder), "elkjs@0.12.1"], check=True
        )
    told = json.dumps([{"nodes": nodes, "edges": edges} for nodes, edges in graphs])
    done = subprocess.run(["node", "-e", _ELK], input=told, capture_output=True, text=True, check=True, cwd=folder)
    places = [{key: tuple(value) for key, value in made.items()} for made in json.loads(done.stdout)]
    theirs = [crossings(place, edges) for place, (_, edges) in zip(places, graphs, strict=True)]
    return {
        "graphs": len(graphs),
        "stages a graph": 100,
        "crossings, ours": sum(ours),
        "crossings, elkjs layered": sum(theirs),
        "ratio": round(sum(ours) / sum(theirs), 3),
        "target": "at most 1.5",
    }
