"""The policy that a management token carries, for reading; nothing here is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.errors import TokenError
from sealwright.tokens.answers import policy_answer
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from sealwright.tokens.inspect import Inspection
    from sealwright.tokens.unwrap import UnwrappedPolicy


def carried_policy(inspection: Inspection) -> UnwrappedPolicy | None:
    """The policy in an answer of the service or in an upload; None without a readable one."""
    try:
        if inspection.kind == "maa-policy-get":
            return policy_answer(inspection.claims)
        if inspection.kind == "policy" and inspection.claims:
            return read_policy(inspection.jws.compact)
    except TokenError:
        return None
    return None
