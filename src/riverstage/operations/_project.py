"""One project as it is open: its place, its assets, its secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from riverstage.errors import ConflictError, UsageError
from riverstage.operations._records import ProjectRecord
from riverstage.store import KINDS, Backend, Extraction, IsSecret, SecretStore, Spot, extract_secrets, tokens_in

__all__ = ["OpenProject", "already_there", "free_name", "taken_is_usage"]


@dataclass(frozen=True, slots=True)
class OpenProject:
    """A project, its assets, its secrets, and which properties are secret.

    Args:
        record: What the project says of itself.
        backend: Its assets.
        secrets: Its secrets.
        is_secret: Says of a stage's ``op`` and a property's wire name whether it is a secret.
    """

    record: ProjectRecord
    backend: Backend
    secrets: SecretStore
    is_secret: IsSecret

    @contextmanager
    def moving_secrets(
        self,
        tree: dict[str, Any],
        spots: Callable[[dict[str, Any]], Iterator[Spot]],
        *,
        scope: tuple[str, ...],
        owner: str,
        previous: Callable[[], dict[str, Any] | None],
    ) -> Iterator[Extraction]:
        """Move the secrets of an asset to the store, and give the asset with tokens; they go back if the block fails.

        Args:
            tree: The asset.
            spots: Finds the places of its kind where secrets are.
            scope: What the secrets' names begin with.
            owner: Id of the asset.
            previous: Gives the asset as it is kept.
        """

        def is_free(name: str) -> bool:
            return self.secrets.owner(name) in (None, owner)

        def is_own(name: str) -> bool:
            return self.secrets.owner(name) == owner

        found = extract_secrets(tree, spots, scope=scope, previous=previous, is_own=is_own, is_free=is_free)
        before = self.secrets.snapshot() if found.secrets else None
        self.secrets.set(found.secrets, owner)
        try:
            yield found
        except BaseException:
            if found.secrets:
                self.secrets.restore(before)
            raise

    def forget_secrets(self, owner: str) -> None:
        """Forget the secrets of an asset that was deleted, except those whose tokens other assets hold."""
        if self.secrets.snapshot() is None:
            return
        own = {name for name in self.secrets.names() if self.secrets.owner(name) == owner}
        if not own:
            return
        for kind in KINDS:
            for asset in self.backend.list(kind):
                own -= tokens_in(asset.content)
        self.secrets.delete(*own)


def free_name(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return a name that is free: the one that is wanted, or that with a number."""
    name, number = wanted, 0
    while is_taken(name):
        number += 1
        name = f"{wanted}_{number}"
    return name


def already_there(what: str, name: str) -> UsageError:
    """Return the error that a name is taken."""
    return UsageError(
        f"There is already a {what} {name!r} in the project.",
        code="RS-7004",
        state="Nothing was changed.",
        mend="Choose another name.",
    )


@contextmanager
def taken_is_usage(what: str, name: str) -> Iterator[None]:
    """Turn the conflict of a name that is taken into an error of the call."""
    try:
        yield
    except ConflictError:
        raise already_there(what, name) from None
