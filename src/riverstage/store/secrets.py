"""Secrets: kept encrypted beside a project, named by tokens in its files.

A file of a project, its history and whatever is shown of it hold only the token ``secret:NAME``. What it stands for is
looked up, first match first:

1. the environment variable ``RIVERSTAGE_SECRET_`` + the name in capitals, every other character as ``_``
   (``secret:Orders/PG_src/password`` is ``RIVERSTAGE_SECRET_ORDERS_PG_SRC_PASSWORD``);
2. a file of that name, without the prefix, in the folder that ``RIVERSTAGE_SECRETS_DIR`` names (as container platforms
   mount secrets); one newline at its end is not part of the secret;
3. the project's own store, ``.riverstage/secrets``, encrypted with the key in ``.riverstage/key`` or, where it is set,
   with that in ``RIVERSTAGE_KEY``.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riverstage.errors import ConflictError, NotFoundError, Place, StoreError
from riverstage.store._extract import TOKEN_PREFIX, is_token, token_name
from riverstage.store._files import read_file, write_file

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

    from riverstage.store._backend import Backend

__all__ = ["SecretStore", "environment_name"]

KEY_VARIABLE = "RIVERSTAGE_KEY"
FOLDER_VARIABLE = "RIVERSTAGE_SECRETS_DIR"
VARIABLE_PREFIX = "RIVERSTAGE_SECRET_"


@dataclass(frozen=True, slots=True)
class _Entry:
    value: str
    owner: str

    def __repr__(self) -> str:
        return f"_Entry(owner={self.owner!r})"


def environment_name(name: str) -> str:
    """Return the name of a secret as the environment and mounted files have it, without the prefix.

    Example:
        >>> environment_name("Orders/PG_src/password")
        'ORDERS_PG_SRC_PASSWORD'
    """
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


class SecretStore:
    """The secrets of one project.

    Args:
        folder: The project's state folder.
        backend: Keeps other writers of the project out while secrets change.
        environ: The environment; the process's own by default.
    """

    def __init__(self, folder: Path, backend: Backend, environ: Mapping[str, str] | None = None) -> None:
        self._file = folder / "secrets"
        self._key_file = folder / "key"
        self._backend = backend
        self._environ = os.environ if environ is None else environ

    def __repr__(self) -> str:
        return f"SecretStore({str(self._file)!r})"

    def names(self) -> list[str]:
        """Return the names of the secrets in the project's own store."""
        return sorted(self._read())

    def owner(self, name: str) -> str | None:
        """Return the id of the asset that a stored secret was made for, or None where there is no such secret."""
        entry = self._read().get(name)
        return entry.owner if entry else None

    def owners(self) -> dict[str, str]:
        """Return the id of the asset that each stored secret was made for, by the secret's name."""
        return {name: entry.owner for name, entry in self._read().items()}

    def value(self, name: str) -> str | None:
        """Return what is stored under a name, whatever the environment says; None where nothing is."""
        entry = self._read().get(name)
        return entry.value if entry else None

    def set(self, secrets: Mapping[str, str], owner: str = "") -> None:
        """Keep secrets under their names; what was kept under such a name is replaced.

        Args:
            secrets: Each name and what it stands for.
            owner: Id of the asset that they are made for.

        Raises:
            StoreError: They could not be written, or the key does not fit.
        """
        if not secrets:
            return
        with self._backend.transaction():
            entries = self._read()
            entries.update({name: _Entry(value, owner) for name, value in secrets.items()})
            self._write(entries)

    def delete(self, *names: str) -> None:
        """Forget secrets; names that are not kept are passed over."""
        with self._backend.transaction():
            entries = self._read()
            if any(name in entries for name in names):
                self._write({name: entry for name, entry in entries.items() if name not in names})

    def snapshot(self) -> bytes | None:
        """Return the encrypted store as it is, to be put back by :meth:`restore`."""
        return read_file(self._file)

    def restore(self, snapshot: bytes | None) -> None:
        """Put the store back as it was."""
        with self._backend.transaction():
            now = read_file(self._file)
            if now != snapshot and now is not None:
                write_file(self._file, snapshot if snapshot is not None else self._encrypted({}), is_new=False)

    def resolve(self, value: str) -> str:
        """Return what a token stands for; any other text is returned as it is.

        Raises:
            NotFoundError: Nothing knows the secret; the message says where it was looked for.
            StoreError: The store or the key cannot be read.
        """
        if not is_token(value):
            return value
        name = token_name(value)
        suffix = environment_name(name)
        found = self._environ.get(VARIABLE_PREFIX + suffix)
        if found is None:
            found = self._mounted(suffix)
        if found is not None:
            return found
        entry = self._read().get(name)
        if entry is None:
            raise NotFoundError(
                f"The secret {TOKEN_PREFIX + name!r} is not known here.",
                code="RS-7015",
                mend=f"Set the environment variable {VARIABLE_PREFIX}{suffix}, put it into a file {suffix} in the "
                f"folder that {FOLDER_VARIABLE} names, or set the property again and save.",
            )
        return entry.value

    def _mounted(self, suffix: str) -> str | None:
        folder = self._environ.get(FOLDER_VARIABLE)
        if not folder:
            return None
        content = read_file(Path(folder) / suffix)
        if content is None:
            return None
        try:
            return content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise StoreError(
                "A mounted secret is no UTF-8 text.", code="RS-7015", place=Place(file=str(Path(folder) / suffix))
            ) from None

    def _read(self) -> dict[str, _Entry]:
        sealed = read_file(self._file)
        if sealed is None:
            return {}
        from cryptography.fernet import InvalidToken

        try:
            opened = self._cipher(may_make=False).decrypt(sealed.strip())
        except InvalidToken:
            raise StoreError(
                "The project's secrets cannot be opened: the key is another, or the file is damaged.",
                code="RS-7014",
                place=Place(file=str(self._file)),
                state="They were left as they are.",
                mend=f"Give the right key in {KEY_VARIABLE} or {self._key_file}, or move the file away and set the "
                "secrets again.",
            ) from None
        return {name: _Entry(entry["value"], entry["owner"]) for name, entry in json.loads(opened).items()}

    def _write(self, entries: Mapping[str, _Entry]) -> None:
        sealed = self._encrypted(entries)
        write_file(self._file, sealed, is_new=not self._file.exists(), mode=0o600)

    def _encrypted(self, entries: Mapping[str, _Entry]) -> bytes:
        plain = {name: {"value": entries[name].value, "owner": entries[name].owner} for name in sorted(entries)}
        return self._cipher(may_make=True).encrypt(json.dumps(plain).encode()) + b"\n"

    def _cipher(self, *, may_make: bool) -> Fernet:
        from cryptography.fernet import Fernet

        key = self._environ.get(KEY_VARIABLE, "").encode()
        where = f"the environment variable {KEY_VARIABLE}"
        if not key:
            key, where = self._key_of_file(may_make=may_make), str(self._key_file)
        try:
            return Fernet(key.strip())
        except ValueError:
            raise StoreError(
                f"The key for the project's secrets, in {where}, is no key.",
                code="RS-7014",
                mend='Make one: python -c "from cryptography.fernet import Fernet; '
                'print(Fernet.generate_key().decode())"',
            ) from None

    def _key_of_file(self, *, may_make: bool) -> bytes:
        key = read_file(self._key_file)
        if key is None:
            if not may_make or self._file.exists():
                raise StoreError(
                    "The key for the project's secrets is missing.",
                    code="RS-7014",
                    place=Place(file=str(self._key_file)),
                    mend=f"Put it back, or give it in {KEY_VARIABLE}.",
                )
            from cryptography.fernet import Fernet

            key = Fernet.generate_key() + b"\n"
            try:
                write_file(self._key_file, key, is_new=True, mode=0o600)
            except ConflictError:
                return read_file(self._key_file) or b""
        elif stat.S_IMODE(self._key_file.stat().st_mode) & 0o077:
            raise StoreError(
                "The key for the project's secrets can be read by other users.",
                code="RS-7014",
                place=Place(file=str(self._key_file)),
                mend=f"Run: chmod 600 '{self._key_file}'; or move the key into {KEY_VARIABLE}.",
            )
        return key
