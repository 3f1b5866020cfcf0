"""The hash by which the service names a policy."""

from __future__ import annotations

import base64
import hashlib


def policy_hash(text: str) -> str:
    """`x-ms-policy-hash` of a policy text: white space and line ends count (spec tokens, 2.1)."""
    claim = base64.urlsafe_b64encode(text.encode("utf-8")).rstrip(b"=")
    digest = hashlib.sha256(claim).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
