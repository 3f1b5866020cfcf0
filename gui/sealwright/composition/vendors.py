"""What hardware vendors publish, as it is bundled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError, StorageError
from sealwright.evidence.basis.trust import parse_anchors, renewed
from sealwright.store.files import read_limited
from sealwright.store.resources import resource

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.sandbox.vendors import Vendors
    from sealwright.store.home import Home

_LIMIT: Final = 1 << 20
"""Bytes of a file of trust anchors."""


def pinned_anchors(home: Home) -> tuple[TrustAnchor, ...]:
    """The pinned roots of vendors and of the service, renewed by the home's file.

    Raises:
        StorageError: the home's file is no file of trust anchors.
    """
    bundled = parse_anchors(resource("trust/anchors.json").read_bytes())
    path = home.trust_anchors
    if not path.exists():
        return bundled
    try:
        return renewed(bundled, parse_anchors(read_limited(path, _LIMIT)))
    except EvidenceError as error:
        raise StorageError(
            f"The file `{path}` holds no trust anchors.",
            hint="Correct it, or remove it to go by the bundled ones.",
            details={"reason": error.summary},
        ) from error


def vendors(home: Home) -> Vendors:
    """What the sandbox judges real evidence by."""
    from sealwright.evidence.intel.baselines import parse_baselines  # noqa: PLC0415 - not for commands
    from sealwright.sandbox.vendors import Vendors  # noqa: PLC0415 - as above

    listed = resource("trust/tcb-baselines.json").read_bytes()
    return Vendors(pinned_anchors(home), parse_baselines(listed))
