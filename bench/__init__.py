"""Benchmarks: Riverstage against other engines, and what the product itself costs. ``make bench`` runs them all."""
