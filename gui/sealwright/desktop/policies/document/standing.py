"""How a text stands against what is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.policies.document.strip import Standing
from sealwright.services.model import PolicyState

if TYPE_CHECKING:
    from sealwright.services.reaching.overview import DeployedPolicy


def standing_against(deployed: DeployedPolicy, text_hash: str) -> Standing:
    """The verdict for a text with this hash; empty while the text is still being read."""
    if not deployed.trusted:
        return Standing("untrusted", deployed.policy_hash, text_hash, _first_failure(deployed))
    if deployed.state is PolicyState.NONE:
        return Standing("none", "", text_hash)
    if not text_hash:
        return Standing("reading", deployed.policy_hash, "")
    verdict = "equal" if deployed.policy_hash == text_hash else "differs"
    return Standing(verdict, deployed.policy_hash, text_hash)


def _first_failure(deployed: DeployedPolicy) -> str:
    failed = (check for check in deployed.checks if check.status.value == "fail")
    check = next(failed, None)
    return check.title if check is not None else ""
