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
_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_SEVERAL_GROUPS: Final = """\
// These providers lie in several resource groups, and a Bicep file is deployed to one:
// take each resource to a file, or a module, of its group.
"""


def bicep_file(providers: Sequence[ExportedProvider]) -> str:
    """A Bicep file, one resource a provider."""
    several = len({each.place for each in providers}) > 1
    head = [_SEVERAL_GROUPS] if several else []
    named = zip(providers, _identifiers(providers), strict=True)
    return "\n".join([*head, *(_bicep(each, name, several=several) for each, name in named)])


def arm_file(providers: Sequence[ExportedProvider]) -> str:
    """An ARM template, one resource a provider, deployed where each belongs."""
    groups: dict[tuple[str, str], list[ExportedProvider]] = {}
    for each in providers:
        groups.setdefault(each.place, []).append(each)
    if len(groups) == 1:
        document = _template([_arm(each) for each in providers])
    else:
        document = _template(
            [
                _deployment(number, place, [_arm(each) for each in group])
                for number, (place, group) in enumerate(groups.items(), 1)
            ]
        )
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def terraform_file(providers: Sequence[ExportedProvider]) -> str:
    """A Terraform file, one resource a provider, with the policies it can carry."""
    several = len({each.provider.subscription for each in providers}) > 1
    named = zip(providers, _identifiers(providers), strict=True)
    return "\n".join(_terraform(each, name, several=several) for each, name in named)


def _identifiers(providers: Sequence[ExportedProvider]) -> list[str]:
    """A name in the file for each: providers of the same name may lie in several groups."""
    found: list[str] = []
    for each in providers:
        plain = name = identifier(each.provider.name)
        number = 2
        while name in found:
            name, number = f"{plain}_{number}", number + 1
        found.append(name)
    return found


def _template(resources: Sequence[object]) -> dict[str, object]:
    return {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}


def _deployment(
    number: int, place: tuple[str, str], resources: Sequence[object]
) -> dict[str, object]:
    """A template goes to one resource group; those for others are nested in it."""
    subscription, group = place
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": f"attestation-{number}",
        "subscriptionId": subscription,
        "resourceGroup": arm(group),
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "template": _template(resources),
        },
    }


def _bicep(exported: ExportedProvider, name: str, *, several: bool) -> str:
    provider = exported.provider
    lines = [
        f"resource {name} '{_RESOURCE}@{API_VERSION}' = {{",
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
    where = [f"// {line}" for line in _place(exported)] if several else []
    return "\n".join([*where, *_not_carried(exported, "//"), *lines, ""])


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


def _terraform(exported: ExportedProvider, name: str, *, several: bool) -> str:
    provider = exported.provider
    lines = [
        f'resource "azurerm_attestation_provider" "{name}" {{',
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
    where = [f"# {line}" for line in _place(exported)] if several else []
    return "\n".join([*where, *_left_by_terraform(exported), *lines, ""])


def _place(exported: ExportedProvider) -> list[str]:
    subscription, group = (_one_line(part) for part in exported.place)
    return [f"In resource group {group} of subscription {subscription}."]


def _one_line(text: str) -> str:
    """A line break in a name must not end the comment that it stands in."""
    return " ".join(text.split())


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
    unusual = ", ".join(f"{name} {value}" for name, value in exported.unusual.items())
    if unusual:
        lines.append(f"# Not known to this resource: {unusual}. Set it afterwards.")
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
