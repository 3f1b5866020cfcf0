"""The example of a first start: two providers of one's own beside the sandbox's shared one."""

from __future__ import annotations

from typing import Final

from sealwright.claims.attestation_type import AttestationType

GROUP: Final = "confidential-prod"
OPEN: Final = "contoso-dev"
ISOLATED: Final = "contoso-prod"
KEY: Final = "contoso-policy-signer"
SUBJECT: Final = "CN=Contoso policy signer,O=Contoso"
TAGS: Final = {"owner": "confidential-computing"}

_SGX_DEV: Final = """\
version= 1.0;
authorizationrules
{
    // A development provider takes debug enclaves too; the token says which they are.
    => permit();
};
issuancerules
{
    c:[type=="x-ms-sgx-is-debuggable"] => issue(type="is-debuggable", value=c.value);
    c:[type=="x-ms-sgx-mrsigner"] => issue(type="signer", value=c.value);
    [type=="x-ms-sgx-is-debuggable", value==true] => issue(type="tier", value="development");
};
"""
_SNP_DEV: Final = """\
version= 1.0;
authorizationrules
{
    [type=="x-ms-sevsnpvm-is-debuggable", value==false] => permit();
};
issuancerules
{
    c:[type=="x-ms-sevsnpvm-launchmeasurement"] => issue(type="measurement", value=c.value);
};
"""
_SGX_PROD: Final = """\
version= 1.0;
authorizationrules
{
    // Release builds of the payment enclave only.
    [type=="x-ms-sgx-is-debuggable", value==false]
        && [type=="x-ms-sgx-product-id", value==4]
        && [type=="x-ms-sgx-svn", value>=2]
        => permit();
};
issuancerules
{
    c:[type=="x-ms-sgx-mrsigner"] => issue(type="signer", value=c.value);
    c:[type=="x-ms-sgx-svn"] => issue(type="enclave-version", value=c.value);
    => issue(type="tier", value="gold");
};
"""
_SNP_PROD: Final = """\
version= 1.0;
authorizationrules
{
    [type=="x-ms-sevsnpvm-is-debuggable", value==false]
        && [type=="x-ms-sevsnpvm-migration-allowed", value==false]
        && [type=="x-ms-sevsnpvm-guestsvn", value>=1]
        => permit();
};
issuancerules
{
    c:[type=="x-ms-sevsnpvm-hostdata"] => issue(type="workload", value=c.value);
};
"""

OPEN_POLICIES: Final = {
    AttestationType.SGX_ENCLAVE: _SGX_DEV,
    AttestationType.SEV_SNP_VM: _SNP_DEV,
}
ISOLATED_POLICIES: Final = {
    AttestationType.SGX_ENCLAVE: _SGX_PROD,
    AttestationType.SEV_SNP_VM: _SNP_PROD,
}
