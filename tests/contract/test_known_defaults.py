"""What the sandbox applies where nobody uploaded anything is recognised as a default."""

from __future__ import annotations

import pytest

from sealwright.claims.attestation_type import AttestationType
from sealwright.policy.digest import policy_hash
from sealwright.sandbox.default_policies import default_policy
from sealwright.services.reaching.defaults import is_default


@pytest.mark.parametrize("kind", list(AttestationType))
def test_default_of_the_sandbox_is_known(kind: AttestationType) -> None:
    text = default_policy(kind)
    if kind is AttestationType.TPM:
        assert text == ""
    else:
        assert is_default(kind, policy_hash(text))
        assert not is_default(kind, policy_hash(text + " "))
