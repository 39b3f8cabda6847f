"""The stage types that a flow can have, to look through before adding one."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from riverstage.errors import NotFoundError
from riverstage.flow._errors import did_you_mean

__all__ = ["AvailableStages", "BatchStageInfo", "available_stages"]


@dataclass(frozen=True, slots=True)
class BatchStageInfo:
    """A stage type: what ``add_stage(stage_info=…)`` takes.

    Args:
        name: Its name.
        stage_type: The type as ``add_stage`` takes it, which is the name.
        category: Where a palette shows it.
        summary: What it does, one sentence.
        class_name: The class of its stages.
    """

    name: str
    stage_type: str
    category: str = field(default="", repr=False)
    summary: str = field(default="", repr=False)
    class_name: str = field(default="", repr=False)


_FIELDS = tuple(one.name for one in fields(BatchStageInfo))


class AvailableStages(list[BatchStageInfo]):
    """A list of stage types that can be filtered."""

    __slots__ = ()

    def get_all(self, **filters: Any) -> AvailableStages:
        """Return the types whose fields equal all of the filters.

        Args:
            **filters: ``name``, ``stage_type``, ``category``, ``class_name`` or ``summary``.

        Raises:
            NotFoundError: They have no such field.
        """
        for name in filters:
            if name not in _FIELDS:
                raise NotFoundError(f"Cannot filter on {name}", mend=did_you_mean(name, _FIELDS))
        wanted = {name: getattr(value, "value", value) for name, value in filters.items()}
        return AvailableStages(
            info for info in self if all(getattr(info, name) == value for name, value in wanted.items())
        )

    def get(self, **filters: Any) -> BatchStageInfo:
        """Return the first type whose fields equal all of the filters.

        Raises:
            NotFoundError: There is none; the message names a near one.
        """
        found = self.get_all(**filters)
        if found:
            return found[0]
        said = ", ".join(f"{name}={value}" for name, value in filters.items())
        mend = did_you_mean(filters.get("name", filters.get("stage_type")), [info.name for info in self])
        raise NotFoundError(f"Instance ({said}) is not in list", mend=mend)


@cache
def _all() -> tuple[BatchStageInfo, ...]:
    from riverstage import catalogue

    return tuple(
        BatchStageInfo(info.name, info.name, info.category, info.summary, info.class_name)
        for info in catalogue.stage_types()
    )


def available_stages() -> AvailableStages:
    """Return the listed stage types."""
    return AvailableStages(_all())
