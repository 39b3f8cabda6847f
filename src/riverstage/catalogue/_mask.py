"""What is shown in place of a secret."""

from __future__ import annotations

__all__ = ["MASK"]

MASK = "********"
"""What stands for a secret wherever values are shown."""
