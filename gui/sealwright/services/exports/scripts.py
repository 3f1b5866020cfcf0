"""Scripts that make a provider and set its policies: Azure CLI and PowerShell.

A signed policy is sent as the token that it is; it fits any provider that trusts its signer.
Source: spec rest-api, 9.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.services.exports.quoting import powershell, shell
from sealwright.services.exports.templates import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.exports.model import ExportedPolicy, ExportedProvider
    from sealwright.services.model import Provider

AZ_TYPES: Final = frozenset(
    {
        AttestationType.OPEN_ENCLAVE,
        AttestationType.SEV_SNP_VM,
        AttestationType.SGX_ENCLAVE,
        AttestationType.TPM,
    }
)
TEES: Final = {
    AttestationType.SGX_ENCLAVE: "SgxEnclave",
    AttestationType.OPEN_ENCLAVE: "OpenEnclave",
    AttestationType.TPM: "VbsEnclave",
}


def az_script(providers: Sequence[ExportedProvider]) -> str:
    """A POSIX shell script for `az` with its attestation extension."""
    head = ["#!/bin/sh", "set -eu", "az extension add --name attestation --upgrade", ""]
    return "\n".join([*head, *(line for each in providers for line in _az(each))])


def powershell_script(providers: Sequence[ExportedProvider]) -> str:
    """A script for PowerShell with Az.Attestation."""
    head = ["#Requires -Modules Az.Attestation", "$ErrorActionPreference = 'Stop'", ""]
    return "\n".join([*head, *(line for each in providers for line in _powershell(each))])


def _az(exported: ExportedProvider) -> list[str]:
    provider = exported.provider
    place = f"--name {shell(provider.name)} --resource-group {shell(provider.resource_group)}"
    if provider.subscription:
        place += f" --subscription {shell(provider.subscription)}"
    create = f"az attestation create {place} --location {shell(provider.location)}"
    if provider.tags:
        tags = " ".join(shell(f"{name}={value}") for name, value in provider.tags.items())
        create += f" --tags {tags}"
    lines = []
    if exported.signers:
        lines += ["cat > signers.pem <<'END_OF_PEM'", *_pems(exported), "END_OF_PEM"]
        create += " --certs-input-path signers.pem"
    lines.append(create)
    if exported.unusual:
        # `az attestation` has no option for these (spec rest-api, 9).
        url, body = shell(_address(provider)), shell(_body(exported))
        lines.append(f"az rest --method patch --url {url} --body {body}")
    for policy in exported.policies:
        lines += _az_policy(policy, place)
    return [*lines, ""]


def _az_policy(policy: ExportedPolicy, place: str) -> list[str]:
    kind = policy.attestation_type
    if kind not in AZ_TYPES:
        return [
            f"# `az attestation policy set` does not know {kind.value}; set it with Sealwright."
        ]
    form, content = ("JWT", policy.jws) if policy.signed else ("Text", policy.text)
    # Base64, so that no byte of it changes on the way: line ends count in the policy hash.
    encoded = base64.b64encode(content.encode("utf-8")).decode("ascii")
    file = f"{kind.value}.policy"
    command = (
        f"az attestation policy set {place} --attestation-type {kind.value}"
        f" --policy-format {form} --new-attestation-policy-file {file}"
    )
    return [f"printf %s {encoded} | base64 -d > {file}", command]


def _powershell(exported: ExportedProvider) -> list[str]:
    provider = exported.provider
    place = (
        f"-Name {powershell(provider.name)}"
        f" -ResourceGroupName {powershell(provider.resource_group)}"
    )
    create = f"New-AzAttestationProvider {place} -Location {powershell(provider.location)}"
    if provider.tags:
        pairs = "; ".join(f"{powershell(n)} = {powershell(v)}" for n, v in provider.tags.items())
        create += f" -Tag @{{ {pairs} }}"
    lines = []
    if provider.subscription:
        # Not every cmdlet takes a subscription; all follow the context.
        subscription = powershell(provider.subscription)
        lines.append(f"Set-AzContext -Subscription {subscription} | Out-Null")
    if exported.signers:
        lines += ["@'", *_pems(exported), "'@ | Set-Content -Path signers.pem"]
        create += " -PolicySigningCertificateKeyPath signers.pem"
    lines.append(create)
    if exported.unusual:
        # Its cmdlets have no parameter for these (spec rest-api, 9).
        path, body = powershell(_address(provider)), powershell(_body(exported))
        lines += [
            f"$answer = Invoke-AzRestMethod -Method PATCH -Path {path} -Payload {body}",
            "if ($answer.StatusCode -ge 300) { throw $answer.Content }",
        ]
    for policy in exported.policies:
        lines += _powershell_policy(policy, place)
    return [*lines, ""]


def _powershell_policy(policy: ExportedPolicy, place: str) -> list[str]:
    tee = TEES.get(policy.attestation_type)
    if tee is None:
        kind = policy.attestation_type.value
        return [f"# `Set-AzAttestationPolicy` does not know {kind}; set it with Sealwright."]
    form, content = ("JWT", policy.jws) if policy.signed else ("Text", policy.text)
    encoded = base64.b64encode(content.encode("utf-8")).decode("ascii")
    decode = "[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String"
    return [
        f"$policy = {decode}('{encoded}'))",
        f"Set-AzAttestationPolicy {place} -Tee {tee} -PolicyFormat {form} -Policy $policy",
    ]


def _address(provider: Provider) -> str:
    place = f"/subscriptions/{provider.subscription}/resourceGroups/{provider.resource_group}"
    resource = f"providers/Microsoft.Attestation/attestationProviders/{provider.name}"
    return f"{place}/{resource}?api-version={API_VERSION}"


def _body(exported: ExportedProvider) -> str:
    return json.dumps({"properties": exported.unusual})


def _pems(exported: ExportedProvider) -> list[str]:
    lines = []
    for der in exported.signers:
        text = base64.b64encode(der).decode("ascii")
        rows = [text[at : at + 64] for at in range(0, len(text), 64)]
        lines += ["-----BEGIN CERTIFICATE-----", *rows, "-----END CERTIFICATE-----"]
    return lines
