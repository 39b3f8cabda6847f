"""Which properties of stages and connections hold secrets."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_secret_property"]

_SOUNDS_SECRET = re.compile(
    r"(^|[._-])(password|passwd|passphrase|secret|secret_key|client_secret|api_?key|access_token|refresh_token"
    r"|private_key|security_token|session_token|account_key|sas_?token)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_secret_property(op: str, wire: str) -> bool:
    """Return whether a property of a stage, or of the connection to such a system, holds a secret.

    The catalogue says so; of what it does not know, the name does.

    Args:
        op: Wire name of the stage type or the kind of system.
        wire: Wire name of the property.
    """
    from riverstage.catalogue import by_op

    spec = by_op(op)
    if spec is not None:
        known = [spec.by_wire.get(wire)]
        if spec.connection is not None:
            known += [setting for setting in spec.connection.fields.values() if setting.wire == wire]
        said = [setting.secret for setting in known if setting is not None]
        if said:
            return any(said)
    return _SOUNDS_SECRET.search(wire) is not None
