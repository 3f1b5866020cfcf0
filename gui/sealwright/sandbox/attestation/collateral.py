"""The hashes of collateral that SGX tokens carry (spec tokens, 3.1; evidence, 4.4).

Which bytes the service hashes is not public. The sandbox hashes what it judged by, as it came:
certificate chains as PEM, CRLs as DER one after the other, documents as they were signed. Without
collateral the certificate chain in the quote stands for both chains, an empty text for the rest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.evidence.intel.sgx import SgxQuote
    from sealwright.tokens.jose import JsonObject


def collateral_hashes(quote: SgxQuote, raw: bytes, collateral: Collateral | None) -> JsonObject:
    """The seven hashes, in lower-case hex of SHA-256; `raw` is the evidence as submitted."""
    own = quote.auth.certification_data
    identity = None if collateral is None else collateral.qe_identity
    info = None if collateral is None else collateral.tcb_info
    lists = _hash(b"" if collateral is None else collateral.root_crl + collateral.pck_crl)
    return {
        "qeidcertshash": _hash((identity.chain if identity is not None else b"") or own),
        "qeidcrlhash": lists,
        "qeidhash": _hash(b"" if identity is None else identity.body),
        "quotehash": _hash(raw),
        "tcbinfocertshash": _hash((info.chain if info is not None else b"") or own),
        "tcbinfocrlhash": lists,
        "tcbinfohash": _hash(b"" if info is None else info.body),
    }


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
