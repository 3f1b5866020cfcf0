"""The hashes of collateral that SGX tokens carry (spec tokens, 3.1; evidence, 4.4).

Which bytes the service hashes is not public. The sandbox hashes what it judged by: chains as
their certificates' DER one after the other, CRLs as DER, documents as they were signed. Without
collateral the certificate chain in the quote stands for both chains, an empty text for the rest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import KeyMaterialError
from sealwright.evidence.certificates import load_pem_chain
from sealwright.evidence.sgx_verify import pck_chain

if TYPE_CHECKING:
    from sealwright.evidence.collateral import Collateral, SignedDocument
    from sealwright.evidence.sgx import SgxQuote
    from sealwright.tokens.jose import JsonObject


def collateral_hashes(quote: SgxQuote, raw: bytes, collateral: Collateral | None) -> JsonObject:
    """The seven hashes, in lower-case hex of SHA-256; `raw` is the evidence as submitted."""
    found = collateral
    documents = (None, None) if found is None else (found.qe_identity, found.tcb_info)
    lists = b"" if found is None else found.root_crl + found.pck_crl
    own = b"".join(item.public_bytes(Encoding.DER) for item in pck_chain(quote))
    identity, info = documents
    return {
        "qeidcertshash": _hash(_chain(identity) or own),
        "qeidcrlhash": _hash(lists),
        "qeidhash": _hash(b"" if identity is None else identity.body),
        "quotehash": _hash(raw),
        "tcbinfocertshash": _hash(_chain(info) or own),
        "tcbinfocrlhash": _hash(lists),
        "tcbinfohash": _hash(b"" if info is None else info.body),
    }


def _chain(document: SignedDocument | None) -> bytes:
    if document is None or not document.chain:
        return b""
    try:
        return b"".join(load_pem_chain(document.chain))
    except KeyMaterialError:
        return document.chain


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
