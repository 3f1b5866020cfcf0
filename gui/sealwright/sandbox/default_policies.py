"""Policies that hold where none was uploaded (spec rest-api, 6.4)."""

from __future__ import annotations

from typing import Final

from sealwright.claims.attestation_type import AttestationType

_ENCLAVE_CLAIMS: Final = (
    ("is-debuggable", "x-ms-sgx-is-debuggable"),
    ("sgx-mrsigner", "x-ms-sgx-mrsigner"),
    ("sgx-mrenclave", "x-ms-sgx-mrenclave"),
    ("product-id", "x-ms-sgx-product-id"),
    ("svn", "x-ms-sgx-svn"),
    ("tee", "x-ms-attestation-type"),
)

_ENCLAVE: Final = (
    'version= 1.1;configurationrules{=> issueproperty(type="x-ms-sgx-tcbidentifier", '
    'value="azuredefault");};authorizationrules{=> permit();};issuancerules{'
    + "".join(
        f'c:[type=="{source}"] => issue(type="{name}", value=c.value);'
        for name, source in _ENCLAVE_CLAIMS
    )
    + "};"
)

_PERMIT: Final = "version= 1.0;authorizationrules{=> permit();};"

# The published hash belongs to a text that was never published; this one is ours, so its hash
# differs.
_GUEST_FLAGS: Final = (
    "secureboot",
    "x-ms-azurevm-default-securebootkeysvalidated",
    "x-ms-azurevm-dbvalidated",
    "x-ms-azurevm-dbxvalidated",
    "x-ms-azurevm-debuggersdisabled",
    "x-ms-azurevm-signingdisabled",
)
_GUEST: Final = (
    "version= 1.0;authorizationrules{"
    + "".join(f'[type=="{flag}", value==false] => deny();' for flag in _GUEST_FLAGS)
    + "=> permit();};"
)

_TEXTS: Final = {
    AttestationType.SGX_ENCLAVE: _ENCLAVE,
    AttestationType.OPEN_ENCLAVE: _ENCLAVE,
    AttestationType.TPM: "",
    AttestationType.AZURE_GUEST: _GUEST,
}


def default_policy(kind: AttestationType) -> str:
    """The text of the default policy; empty for a type that has none."""
    return _TEXTS.get(kind, _PERMIT)
