"""The keys that a provider publishes: its OpenID metadata names the document (spec tokens, 4.1).

Invariant: what the metadata names is fetched only from the provider's own host, whoever wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sealwright.errors import BadAnswerError, TokenError
from sealwright.tokens.keyset import parse_key_set

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.ports import AttestationApi
    from sealwright.tokens.keyset import KeySet

_HTTPS = 443


async def published_keys(api: AttestationApi) -> tuple[KeySet, datetime | None]:
    """The key set, and the provider's own clock when it was fetched.

    Raises:
        BadAnswerError: the metadata names another host, or the document cannot be read.
        UnreachableError, RefusedError, RejectedError: as the port.
    """
    address = (await api.metadata()).jwks_uri
    if _place(address) != _place(api.attest_uri):
        raise BadAnswerError(
            f"The metadata of `{api.attest_uri}` names keys at another place: `{address[:200]}`.",
            hint="Nothing was fetched from there. Something between here and the provider may have "
            "changed the answer: check its address, the proxy and the certificates trusted here.",
            details={"provider": api.attest_uri, "jwks_uri": address},
        )
    document = await api.signing_keys(address)
    try:
        keys = parse_key_set(document.raw, document.url)
    except TokenError as error:
        raise BadAnswerError(
            "The provider's key document cannot be read.", hint=error.summary
        ) from error
    return keys, document.server_time


def _place(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what names no plain place, which equals no other."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _HTTPS
    except ValueError:
        return None
    return (parts.scheme, host, port) if host and "@" not in parts.netloc else None
