"""Certificates given in any order, put in order from a leaf to its root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError
from sealwright.evidence.basis.certificates import (
    broken_link,
    is_ca,
    is_issued_by,
    load,
    spki_sha256,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cryptography import x509

    from sealwright.evidence.basis.trust import Trust

_MAX_LENGTH: Final = 8
_MAX_GIVEN: Final = 64
"""A hostile heap of certificates must not cost time."""


def readable(ders: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """The certificates among `ders`, each once, in their order."""
    found: dict[bytes, x509.Certificate] = {}
    for der in ders:
        try:
            found[der] = load(der)
        except KeyMaterialError:
            continue
        if len(found) == _MAX_GIVEN:
            break
    return tuple(found.values())


def ordered(
    pool: Sequence[x509.Certificate], is_leaf: Callable[[x509.Certificate], bool]
) -> tuple[x509.Certificate, ...]:
    """The chain from the first leaf to its root; empty when there is no leaf.

    A parent whose signature does not hold is taken when no other has the name: the chain then
    shows where it breaks.
    """
    leaf = next((item for item in pool if is_leaf(item) and not is_ca(item)), None)
    if leaf is None:
        return ()
    chain = [leaf]
    while len(chain) < _MAX_LENGTH and chain[-1].subject != chain[-1].issuer:
        named = [item for item in pool if item.subject == chain[-1].issuer and item not in chain]
        parent = next((item for item in named if is_issued_by(chain[-1], item)), None)
        if parent is None and not named:
            break
        chain.append(parent or named[0])
    return tuple(chain)


def root_id(chain: Sequence[x509.Certificate], trust: Trust, use: str) -> str | None:
    """The id of the trusted root at the end of a chain; None when unknown or a link is broken."""
    if not chain or broken_link(chain) is not None:
        return None
    last = spki_sha256(chain[-1])
    return next((item.id for item in trust.roots(use) if item.spki_sha256 == last), None)
