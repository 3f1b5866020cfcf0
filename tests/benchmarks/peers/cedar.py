"""Peer: the same decision in Cedar, through cedarpy; a claim is an attribute of the context.

Cedar issues nothing, so each rule that issues is a permission of its own action instead.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.peers.hand_written import ISSUED, PERMITS, SIGNER

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.claims import Claim


def _policies() -> str:
    permits = [
        f'permit(principal, action == Action::"attest", resource) when {{\n'
        f'  context["x-ms-sgx-product-id"] == {product} && context["x-ms-sgx-svn"] >= {svn} &&\n'
        f'  context["x-ms-sgx-mrsigner"] == "{SIGNER}"\n}};'
        for product, svn in PERMITS
    ]
    issued = [
        f'permit(principal, action == Action::"{name}", resource) '
        f'when {{ context has "{source}" }};'
        for source, name in ISSUED.items()
    ]
    old = [
        f'permit(principal, action == Action::"old", resource) '
        f'when {{ context["x-ms-sgx-svn"] < {svn} }};'
        for svn in range(3)
    ]
    forbid = 'forbid(principal, action, resource) when { context["x-ms-sgx-is-debuggable"] };'
    return "\n".join([forbid, *permits, *issued, *old])


def cedar_decisions(claims: list[Claim]) -> tuple[Callable[[], object], Callable[[], object]]:
    """The decision with everything prepared, and from the texts."""
    cedarpy: Any = import_module("cedarpy")
    text = _policies()
    request = {
        "principal": 'Enclave::"e"',
        "action": 'Action::"attest"',
        "resource": 'Provider::"p"',
        "context": {claim.type: claim.value for claim in claims},
    }
    policies, entities = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")

    def prepared() -> object:
        return cedarpy.is_authorized(request, policies, entities)

    def from_text() -> object:
        return cedarpy.is_authorized(request, text, "[]")

    for call in (prepared, from_text):
        answer: Any = call()
        if not answer.allowed:
            raise ValueError(answer)
    return prepared, from_text
