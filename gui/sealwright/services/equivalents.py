"""The same action in other tools: Azure CLI, PowerShell, and REST with curl.

For reading and copying; nothing of it is run. Where a tool cannot do it, that is said instead.
Source: spec rest-api, 3.1, 8.1 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.services.exports.quoting import powershell, shell
from sealwright.services.exports.scripts import AZ_TYPES, TEES

if TYPE_CHECKING:
    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import Provider

_DATA_VERSION: Final = "2022-08-01"
_ARM_VERSION: Final = "2021-06-01"
_ARM: Final = "https://management.azure.com"


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One action in one tool; `text` is a comment where the tool cannot do it."""

    tool: str
    text: str


def show_policy(provider: Provider, kind: AttestationType) -> tuple[Equivalent, ...]:
    """Read a policy."""
    return _policy(provider, kind, "show", "Get", "", "", _curl(provider, "GET", _path(kind)))


def set_policy(
    provider: Provider, kind: AttestationType, *, signed: bool
) -> tuple[Equivalent, ...]:
    """Upload a policy from the file `policy.txt`, or the signed `policy.jws`."""
    form, file = ("JWT", "policy.jws") if signed else ("Text", "policy.txt")
    az = f" --policy-format {form} --new-attestation-policy-file {file}"
    ps = f" -PolicyFormat {form} -Policy (Get-Content -Raw {file})"
    # The service takes a JWS in either case; `sealwright policy wrap` makes the unsigned one.
    body = " -H 'Content-Type: text/plain' --data-binary @policy.jws"
    curl = _curl(provider, "PUT", _path(kind)) + body
    return _policy(provider, kind, "set", "Set", az, ps, curl)


def reset_policy(provider: Provider, kind: AttestationType) -> tuple[Equivalent, ...]:
    """Go back to the default; for an Isolated provider with the signed `reset.jws`."""
    isolated = provider.trust_model.value == "Isolated"
    az = ' --policy-jws "$(cat reset.jws)"' if isolated else ""
    ps = " -Policy (Get-Content -Raw reset.jws)" if isolated else ""
    body = " -H 'Content-Type: text/plain' --data-binary @reset.jws"
    curl = _curl(provider, "POST", f"{_path(kind)}:reset") + body
    return _policy(provider, kind, "reset", "Reset", az, ps, curl)


def list_signers(provider: Provider) -> tuple[Equivalent, ...]:
    """Read the trusted certificates."""
    return _signers(provider, "list", "Get", "GET", "/certificates", "")


def add_signer(provider: Provider) -> tuple[Equivalent, ...]:
    """Trust one more certificate; `signer.jws` is the signed request."""
    return _signers(provider, "add", "Add", "POST", "/certificates:add", "signer.jws")


def remove_signer(provider: Provider) -> tuple[Equivalent, ...]:
    """Trust a certificate no more; `signer.jws` is the signed request."""
    return _signers(provider, "remove", "Remove", "POST", "/certificates:remove", "signer.jws")


def create_provider(provider: Provider, *, isolated: bool) -> tuple[Equivalent, ...]:
    """Make a provider; an Isolated one with the certificates in `signers.pem`."""
    az, ps = (
        f" --location {shell(provider.location)}",
        f" -Location {powershell(provider.location)}",
    )
    if isolated:
        az += " --certs-input-path signers.pem"
        ps += " -PolicySigningCertificateKeyPath signers.pem"
    return (
        Equivalent("az", f"az attestation create {_az(provider)}{az}"),
        Equivalent("PowerShell", f"New-AzAttestationProvider {_ps(provider)}{ps}"),
        Equivalent("REST", f"{_arm(provider, 'PUT')} --data @provider.json"),
    )


def update_provider(provider: Provider) -> tuple[Equivalent, ...]:
    """Change tags; network access and TPM authentication only by REST."""
    tags = " ".join(shell(f"{name}={value}") for name, value in provider.tags.items())
    pairs = "; ".join(f"{powershell(n)} = {powershell(v)}" for n, v in provider.tags.items())
    return (
        Equivalent("az", f"az attestation update {_az(provider)} --tags {tags}".rstrip()),
        Equivalent(
            "PowerShell", f"Update-AzAttestationProvider {_ps(provider)} -Tag @{{ {pairs} }}"
        ),
        Equivalent("REST", f"{_arm(provider, 'PATCH')} --data @changes.json"),
    )


def delete_provider(provider: Provider) -> tuple[Equivalent, ...]:
    """Delete a provider for good."""
    return (
        Equivalent("az", f"az attestation delete {_az(provider)}"),
        Equivalent("PowerShell", f"Remove-AzAttestationProvider {_ps(provider)}"),
        Equivalent("REST", _arm(provider, "DELETE")),
    )


def attest(provider: Provider, path: str) -> tuple[Equivalent, ...]:
    """Attest evidence; `path` is `/attest/…`. Neither az nor PowerShell can."""
    curl = _curl(provider, "POST", path)
    return (
        Equivalent("az", "# The Azure CLI cannot attest."),
        Equivalent("PowerShell", "# Az.Attestation cannot attest."),
        Equivalent("REST", f"{curl} -H 'Content-Type: application/json' --data @request.json"),
    )


def _policy(  # noqa: PLR0913, PLR0917 - the parts of three commands
    provider: Provider,
    kind: AttestationType,
    az_verb: str,
    ps_verb: str,
    az_more: str,
    ps_more: str,
    curl: str,
) -> tuple[Equivalent, ...]:
    az = f"az attestation policy {az_verb} {_az(provider)} --attestation-type {kind.value}{az_more}"
    if kind not in AZ_TYPES:
        az = f"# The Azure CLI does not know {kind.value}."
    tee = TEES.get(kind)
    ps = f"{ps_verb}-AzAttestationPolicy {_ps(provider)} -Tee {tee}{ps_more}"
    if tee is None:
        ps = f"# Az.Attestation does not know {kind.value}."
    return Equivalent("az", az), Equivalent("PowerShell", ps), Equivalent("REST", curl)


def _signers(  # noqa: PLR0913, PLR0917 - as above
    provider: Provider, az_verb: str, ps_verb: str, method: str, path: str, file: str
) -> tuple[Equivalent, ...]:
    noun = "AzAttestationPolicySigners" if ps_verb == "Get" else "AzAttestationPolicySigner"
    az = f" --signer-file {file}" if file else ""
    ps = f" -Signer (Get-Content -Raw {file})" if file else ""
    body = f" -H 'Content-Type: text/plain' --data-binary @{file}" if file else ""
    return (
        Equivalent("az", f"az attestation signer {az_verb} {_az(provider)}{az}"),
        Equivalent("PowerShell", f"{ps_verb}-{noun} {_ps(provider)}{ps}"),
        Equivalent("REST", _curl(provider, method, path) + body),
    )


def _az(provider: Provider) -> str:
    return f"--name {shell(provider.name)} --resource-group {shell(provider.resource_group)}"


def _ps(provider: Provider) -> str:
    group = powershell(provider.resource_group)
    return f"-Name {powershell(provider.name)} -ResourceGroupName {group}"


def _path(kind: AttestationType) -> str:
    return f"/policies/{kind.value}"


def _curl(provider: Provider, method: str, path: str) -> str:
    url = f"{provider.attest_uri}{path}?api-version={_DATA_VERSION}"
    token = "$(az account get-access-token --resource https://attest.azure.net --query accessToken -o tsv)"  # noqa: E501, S105 - a command, not a token
    return f'curl -X {method} -H "Authorization: Bearer {token}" {shell(url)}'


def _arm(provider: Provider, method: str) -> str:
    url = f"{_ARM}{provider.resource_id}?api-version={_ARM_VERSION}"
    return f"az rest --method {method.lower()} --url {shell(url)}"
