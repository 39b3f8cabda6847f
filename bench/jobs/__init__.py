"""The benchmarks, one file a kind of work."""

from __future__ import annotations

from bench.benchmark import Benchmark
from bench.jobs import copying, demo, memory, product, second_pass, sinks, sorting, state, whole

__all__ = ["BENCHMARKS"]

BENCHMARKS: dict[str, Benchmark] = {
    each.name: each
    for each in (
        product.BENCHMARK,
        demo.BENCHMARK,
        whole.BENCHMARK,
        *second_pass.BENCHMARKS,
        copying.BENCHMARK,
        sorting.BENCHMARK,
        sinks.BENCHMARK,
        state.BENCHMARK,
        memory.BENCHMARK,
    )
}
"""All, by name, in the order in which they are measured."""
