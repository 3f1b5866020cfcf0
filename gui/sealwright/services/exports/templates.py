"""Declarations: Bicep, ARM template and Terraform.

Policies are set on the data plane, which Resource Manager templates cannot reach; Terraform's
resource sets the four types it knows. What a form cannot carry is said in it.
Source: spec rest-api, 8.2 and 9.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.services.exports.quoting import arm, bicep, identifier, terraform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.services.exports.model import ExportedProvider

API_VERSION: Final = "2021-06-01"
TERRAFORM_NAMES: Final[Mapping[AttestationType, str]] = {
    AttestationType.OPEN_ENCLAVE: "open_enclave_policy_base64",
    AttestationType.SGX_ENCLAVE: "sgx_enclave_policy_base64",
    AttestationType.TPM: "tpm_policy_base64",
    AttestationType.SEV_SNP_VM: "sev_snp_policy_base64",
}
_RESOURCE: Final = "Microsoft.Attestation/attestationProviders"


def bicep_file(providers: Sequence[ExportedProvider]) -> str:
    """A Bicep file, one resource a provider."""
    return "\n".join(_bicep(each) for each in providers)


def arm_file(providers: Sequence[ExportedProvider]) -> str:
    """An ARM template, one resource a provider."""
    document = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [_arm(each) for each in providers],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def terraform_file(providers: Sequence[ExportedProvider]) -> str:
    """A Terraform file, one resource a provider, with the policies it can carry."""
    return "\n".join(_terraform(each) for each in providers)


def _bicep(exported: ExportedProvider) -> str:
    provider = exported.provider
    lines = [
        f"resource {identifier(provider.name)} '{_RESOURCE}@{API_VERSION}' = {{",
        f"  name: {bicep(provider.name)}",
        f"  location: {bicep(provider.location)}",
    ]
    if provider.tags:
        tags = [f"    {bicep(name)}: {bicep(value)}" for name, value in provider.tags.items()]
        lines += ["  tags: {", *tags, "  }"]
    lines += [
        "  properties: {",
        f"    publicNetworkAccess: {bicep(provider.public_network_access)}",
        f"    tpmAttestationAuthentication: {bicep(provider.tpm_attestation_authentication)}",
    ]
    if exported.signers:
        lines += ["    policySigningCertificates: {", "      keys: ["]
        for der in exported.signers:
            lines += [
                "        {",
                "          kty: 'RSA'",
                "          use: 'sig'",
                "          alg: 'RS256'",
                f"          x5c: ['{_b64(der)}']",
                "        }",
            ]
        lines += ["      ]", "    }"]
    lines += ["  }", "}"]
    return "\n".join([*_not_carried(exported, "//"), *lines, ""])


def _arm(exported: ExportedProvider) -> dict[str, object]:
    provider = exported.provider
    properties: dict[str, object] = {
        "publicNetworkAccess": provider.public_network_access,
        "tpmAttestationAuthentication": provider.tpm_attestation_authentication,
    }
    if exported.signers:
        keys = [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "x5c": [_b64(der)]}
            for der in exported.signers
        ]
        properties["policySigningCertificates"] = {"keys": keys}
    resource: dict[str, object] = {
        "type": _RESOURCE,
        "apiVersion": API_VERSION,
        "name": arm(provider.name),
        "location": arm(provider.location),
        "tags": {name: arm(value) for name, value in provider.tags.items()},
        "properties": properties,
    }
    comments = "\n".join(line.strip() for line in _not_carried(exported, ""))
    return resource | ({"comments": comments} if comments else {})


def _terraform(exported: ExportedProvider) -> str:
    provider = exported.provider
    lines = [
        f'resource "azurerm_attestation_provider" "{identifier(provider.name)}" {{',
        f"  name                = {terraform(provider.name)}",
        f"  resource_group_name = {terraform(provider.resource_group)}",
        f"  location            = {terraform(provider.location)}",
    ]
    if exported.signers:
        # The resource takes one certificate only (spec rest-api, 6.2).
        lines.append(f"  policy_signing_certificate_data = {terraform(_pem(exported.signers[0]))}")
    carried = {
        TERRAFORM_NAMES[policy.attestation_type]: policy.jws
        for policy in exported.policies
        if policy.attestation_type in TERRAFORM_NAMES
    }
    lines += [f"  {name} = {terraform(jws)}" for name, jws in carried.items()]
    if provider.tags:
        tags = [f"    {terraform(n)} = {terraform(v)}" for n, v in provider.tags.items()]
        lines += ["  tags = {", *tags, "  }"]
    lines.append("}")
    return "\n".join([*_left_by_terraform(exported), *lines, ""])


def _not_carried(exported: ExportedProvider, mark: str) -> list[str]:
    kinds = [policy.attestation_type.value for policy in exported.policies]
    if not kinds:
        return []
    return [
        f"{mark} The policies of this provider ({', '.join(kinds)}) are set on the data plane,",
        f"{mark} which a template cannot reach: export them as a script, too.",
    ]


def _left_by_terraform(exported: ExportedProvider) -> list[str]:
    left = [
        policy.attestation_type.value
        for policy in exported.policies
        if policy.attestation_type not in TERRAFORM_NAMES
    ]
    lines = []
    if left:
        lines.append(f"# Not known to this resource: the policies for {', '.join(left)}.")
    if len(exported.signers) > 1:
        count = len(exported.signers) - 1
        lines.append(f"# The resource takes one signer; {count} more must be added afterwards.")
    return lines


def _b64(der: bytes) -> str:
    return base64.b64encode(der).decode("ascii")


def _pem(der: bytes) -> str:
    text = _b64(der)
    rows = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *rows, "-----END CERTIFICATE-----", ""])
