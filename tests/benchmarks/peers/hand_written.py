"""Peer: the decision of a 20-rule SGX policy over a list of claims, written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.claims import Claim, ClaimValue

SIGNER = "ab" * 32
ISSUED = {
    "x-ms-sgx-is-debuggable": "is-debuggable",
    "x-ms-sgx-mrsigner": "sgx-mrsigner",
    "x-ms-sgx-mrenclave": "sgx-mrenclave",
    "x-ms-sgx-product-id": "product-id",
    "x-ms-sgx-svn": "svn",
    "x-ms-attestation-type": "tee",
}
PERMITS = tuple((4630 + number, number) for number in range(10))


def policy_text() -> str:
    """The same as a policy."""
    permits = "\n".join(
        f'[type=="x-ms-sgx-product-id", value=={product}] && [type=="x-ms-sgx-svn", value>={svn}]'
        f' && [type=="x-ms-sgx-mrsigner", value=="{SIGNER}"] => permit();'
        for product, svn in PERMITS
    )
    issued = "\n".join(
        f'c:[type=="{source}"] => issue(type="{name}", value=c.value);'
        for source, name in ISSUED.items()
    )
    old = "\n".join(
        f'[type=="x-ms-sgx-svn", value<{svn}] => issue(type="old", value=true);' for svn in range(3)
    )
    return (
        "version=1.0;\nauthorizationrules {\n"
        f'[type=="x-ms-sgx-is-debuggable", value==true] => deny();\n{permits}\n}};\n'
        f"issuancerules {{\n{issued}\n{old}\n}};\n"
    )


def decide(claims: list[Claim]) -> tuple[bool, list[tuple[str, ClaimValue]]]:
    """Verdict and issued claims."""
    values: dict[str, list[ClaimValue]] = {}
    for claim in claims:
        values.setdefault(claim.type, []).append(claim.value)
    if True in values.get("x-ms-sgx-is-debuggable", ()):
        return False, []
    permitted = False
    for product, svn in PERMITS:
        if product not in values.get("x-ms-sgx-product-id", ()):
            continue
        fresh = any(type(v) is int and v >= svn for v in values.get("x-ms-sgx-svn", ()))
        permitted = permitted or (fresh and SIGNER in values.get("x-ms-sgx-mrsigner", ()))
    if not permitted:
        return False, []
    issued = [(name, value) for source, name in ISSUED.items() for value in values.get(source, ())]
    versions = [each for each in values.get("x-ms-sgx-svn", ()) if type(each) is int]
    issued.extend(("old", True) for svn in range(3) if any(each < svn for each in versions))
    return True, issued
