"""Default policies, known by their hash: the wire does not say whether a policy is the default.

Source: spec rest-api, 5.2 and 6.4; tokens, 2.1.
"""

from __future__ import annotations

from typing import Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.policy.digest import policy_hash

_SIMPLE: Final = "version= 1.0;authorizationrules{=> permit();};"
_ISSUE: Final = "".join(
    f'c:[type=="{source}"] => issue(type="{name}", value=c.value);'
    for source, name in (
        ("x-ms-sgx-is-debuggable", "is-debuggable"),
        ("x-ms-sgx-mrsigner", "sgx-mrsigner"),
        ("x-ms-sgx-mrenclave", "sgx-mrenclave"),
        ("x-ms-sgx-product-id", "product-id"),
        ("x-ms-sgx-svn", "svn"),
        ("x-ms-attestation-type", "tee"),
    )
)
_RULES: Final = f"authorizationrules{{=> permit();}};issuancerules{{{_ISSUE}}};"


def sgx_default(tcb: str) -> str:
    """The default of SGX and Open Enclave since 2023; `tcb` is `azuredefault` or a number."""
    baseline = f'=> issueproperty(type="x-ms-sgx-tcbidentifier", value="{tcb}");'
    return f"version= 1.1;configurationrules{{{baseline}}};{_RULES}"


_SGX: Final = frozenset(
    {
        policy_hash(f"version= 1.0;{_RULES}"),
        policy_hash(sgx_default("10")),
        policy_hash(sgx_default("azuredefault")),
        # 2020, with the claim names of that time; only the hash is known.
        "egjnANIzEpS2WgpE4Nk-QEwM69XRCgTs42_G0qLlbnk",
    }
)
_VM: Final = frozenset({policy_hash(_SIMPLE)})
"""Also of the types that are in preview."""
_KNOWN: Final = {
    AttestationType.SGX_ENCLAVE: _SGX,
    AttestationType.OPEN_ENCLAVE: _SGX,
    AttestationType.SEV_SNP_VM: _VM,
    AttestationType.TDX_VM: _VM,
    AttestationType.AZURE_GUEST: frozenset(
        {
            # Of shared providers in 2022 and 2024; only the hash is known.
            "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs",
            # Of the sandbox, whose text is its own.
            "61adCnZD9Y8FQ70X7W6gXZaqS-1jxbZP1nxkokNG2_8",
        }
    ),
}


def is_default(attestation_type: AttestationType, hash_: str) -> bool:
    """Whether a text with this `x-ms-policy-hash` is a default of the type."""
    return hash_ in _KNOWN.get(attestation_type, _VM)
