"""One project as it is open: its place, its assets, its secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from riverstage.errors import ConflictError, StoreError, UsageError
from riverstage.operations._records import ProjectRecord
from riverstage.store import (
    KINDS,
    TOKEN_PREFIX,
    Backend,
    Extraction,
    IsSecret,
    SecretStore,
    Spot,
    extract_secrets,
    reveal_secrets,
    tokens_in,
)

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

    def own_secrets(self, tree: dict[str, Any], spots: Callable[[dict[str, Any]], Iterator[Spot]]) -> dict[str, Any]:
        """Return an asset that is to be another's copy: with the kept secrets themselves, to be moved under new names.

        What only the environment or a mounted file knows stays a token: nothing of that is written down.
        """
        return reveal_secrets(tree, spots, self.secrets.value) if self.secrets.snapshot() is not None else tree

    def forget_secrets(self, before: bytes, after: bytes = b"", owner: str = "") -> None:
        """Forget the secrets of an asset that was changed or deleted which no asset of the project uses any more.

        Args:
            before: The asset as it was.
            after: The asset as it is; nothing where it was deleted.
            owner: Id of the asset where it was deleted: with it goes whatever was made for it.
        """
        gone = tokens_in(before) - tokens_in(after) if before and TOKEN_PREFIX.encode() in before else set()
        if (not gone and not owner) or self.secrets.snapshot() is None:
            return
        # Secrets that cannot be opened are left: the asset is saved or deleted all the same.
        with suppress(StoreError):
            owners = self.secrets.owners()
            unused = {name for name, made_for in owners.items() if made_for and (name in gone or made_for == owner)}
            for kind in KINDS if unused else ():
                for asset in self.backend.list(kind):
                    unused -= tokens_in(asset.content)
            self.secrets.delete(*unused)


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
