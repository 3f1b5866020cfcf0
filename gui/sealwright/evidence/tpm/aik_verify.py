"""Who answers for a TPM's attestation key (spec evidence, 8 and 9).

The vTPM authority's root is pinned only where its certificate is known: without the certificates
between, the link is left open and says what to give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.certificates import broken_link, path_checks, validity_check
from sealwright.evidence.basis.chains import ordered
from sealwright.evidence.basis.checks import Check, CheckStatus, judge, skip
from sealwright.evidence.basis.trust import VTPM_ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from sealwright.evidence.basis.trust import Trust

_MISSING: Final = "the authority's certificates did not come along; give them up to the root"


def aik_chain(
    leaf: x509.Certificate, pool: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The chain of an attestation key's certificate, as far as the given ones lead."""
    return ordered((leaf, *pool), lambda item: item == leaf) or (leaf,)


def is_validated(checks: Sequence[Check]) -> bool:
    """Whether these checks of a certificate hold to the last: what `aikValidated` says."""
    doubtful = (CheckStatus.FAIL, CheckStatus.SKIP)
    return bool(checks) and not any(check.status in doubtful for check in checks)


def aik_checks(
    leaf: x509.Certificate,
    key: PublicKeyTypes | None,
    pool: Sequence[x509.Certificate],
    trust: Trust,
    prefix: str = "",
) -> tuple[Check, ...]:
    """Check that the certificate is of the key, and where its chain ends."""
    id_ = f"{prefix}chain"
    same = judge(
        f"{id_}.key",
        "Certificate is of the TPM's key",
        "The certificate is of another key.",
        passed=leaf.public_key() == key,
        actual=leaf.subject.rfc4514_string(),
    )
    chain = aik_chain(leaf, pool)
    if len(chain) > 1 and chain[-1].subject == chain[-1].issuer:
        return (same, *path_checks(id_, chain, trust, VTPM_ROOT))
    dated = validity_check(id_, (leaf,), trust.when)
    linked = broken_link(chain) is None
    links = judge(
        f"{id_}.links", "Given issuers signed it", "A given issuer did not sign it.", passed=linked
    )
    root = skip(f"{id_}.root", "Certificate is the TPM authority's", _MISSING)
    return (same, dated, *((links,) if len(chain) > 1 else ()), root)
