"""Exit codes that a scheduler can rely on."""

COMPLETED = 0
FAILED = 1
USAGE = 2
WARNINGS = 3
CANCELLED = 130
