"""The same action in other tools: Azure CLI, PowerShell, and REST with curl.

For reading and copying; nothing of it is run. Where a tool cannot do it, that is said instead.
Source: spec rest-api, 3.1, 8.1 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import API_VERSION, AttestationType
from sealwright.services.exports.quoting import powershell, shell
from sealwright.services.exports.scripts import AZ_TYPES, TEES

if TYPE_CHECKING:
    from sealwright.services.model import Provider

_ARM_VERSION: Final = "2021-06-01"
_REGISTER_VERSION: Final = "2021-04-01"
_NAMESPACE: Final = "providers/Microsoft.Attestation"
_JSON: Final = " -H 'Content-Type: application/json'"
_TEXT: Final = " -H 'Content-Type: text/plain'"
_CLOUDS: Final = {
    "attest.azure.us": ("https://management.usgovcloudapi.net", "https://attest.azure.us"),
    "attest.azure.cn": ("https://management.chinacloudapi.cn", "https://attest.azure.cn"),
}
_PUBLIC: Final = ("https://management.azure.com", "https://attest.azure.net")
"""Where Resource Manager is, and for what a token of the data plane is asked."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One action in one tool; `text` is a comment where the tool cannot do it."""

    tool: str
    text: str


def show_policy(provider: Provider, kind: AttestationType) -> tuple[Equivalent, ...]:
    """Read a policy."""
    return _policy(
        provider, kind, "show", "Get", "", "", _curl(provider, "GET", _path(kind), kind.api_version)
    )


def set_policy(
    provider: Provider, kind: AttestationType, *, signed: bool
) -> tuple[Equivalent, ...]:
    """Upload a policy from the file `policy.txt`, or the signed `policy.jws`."""
    form, file = ("JWT", "policy.jws") if signed else ("Text", "policy.txt")
    az = f" --policy-format {form} --new-attestation-policy-file {file}"
    ps = f" -PolicyFormat {form} -Policy (Get-Content -Raw {file})"
    # The service takes a JWS in either case; `sealwright policy wrap` makes the unsigned one.
    body = f"{_TEXT} --data-binary @policy.jws"
    curl = _curl(provider, "PUT", _path(kind), kind.api_version) + body
    return _policy(provider, kind, "set", "Set", az, ps, curl)


def reset_policy(provider: Provider, kind: AttestationType) -> tuple[Equivalent, ...]:
    """Go back to the default; for an Isolated provider with the signed `reset.jws`."""
    isolated = provider.trust_model.value == "Isolated"
    az = ' --policy-jws "$(cat reset.jws)"' if isolated else ""
    ps = " -Policy (Get-Content -Raw reset.jws)" if isolated else ""
    body = f"{_TEXT} --data-binary @reset.jws"
    curl = _curl(provider, "POST", f"{_path(kind)}:reset", kind.api_version) + body
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
        Equivalent("REST", f"{_arm(provider, 'PUT')}{_JSON} --data @provider.json"),
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
        Equivalent("REST", f"{_arm(provider, 'PATCH')}{_JSON} --data @changes.json"),
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
    kind = AttestationType.parse(path.rpartition("/")[2])
    version = kind.api_version if kind is not None else API_VERSION
    return _by_rest(f"{_curl(provider, 'POST', path, version)}{_JSON} --data @request.json")


def signing_keys(provider: Provider) -> tuple[Equivalent, ...]:
    """Read the keys that a provider signs its tokens with."""
    return _by_rest(_curl(provider, "GET", "/certs"))


def list_providers(provider: Provider) -> tuple[Equivalent, ...]:
    """Read the providers of a provider's resource group."""
    group = provider.resource_group
    place = f"/subscriptions/{provider.subscription}/resourceGroups/{group}/{_NAMESPACE}"
    return (
        Equivalent(
            "az", f"az attestation list --resource-group {shell(group)}{_az_subscription(provider)}"
        ),
        Equivalent(
            "PowerShell", f"Get-AzAttestationProvider -ResourceGroupName {powershell(group)}"
        ),
        Equivalent("REST", _arm_curl(provider, "GET", f"{place}/attestationProviders")),
    )


def show_provider(provider: Provider) -> tuple[Equivalent, ...]:
    """Read one provider."""
    return (
        Equivalent("az", f"az attestation show {_az(provider)}"),
        Equivalent("PowerShell", f"Get-AzAttestationProvider {_ps(provider)}"),
        Equivalent("REST", _arm(provider, "GET")),
    )


def default_providers(provider: Provider) -> tuple[Equivalent, ...]:
    """Read the shared providers of every location."""
    place = f"/subscriptions/{provider.subscription}/{_NAMESPACE}/defaultProviders"
    return (
        Equivalent("az", f"az attestation list-default{_az_subscription(provider)}"),
        Equivalent("PowerShell", "Get-AzAttestationDefaultProvider"),
        Equivalent("REST", _arm_curl(provider, "GET", place)),
    )


def register(provider: Provider) -> tuple[Equivalent, ...]:
    """Register the namespace in a provider's subscription."""
    place = f"/subscriptions/{provider.subscription}/{_NAMESPACE}/register"
    name = "Microsoft.Attestation"
    return (
        Equivalent("az", f"az provider register --namespace {name}{_az_subscription(provider)}"),
        Equivalent("PowerShell", f"Register-AzResourceProvider -ProviderNamespace {name}"),
        # Without a body curl sends no length, and Resource Manager wants one.
        Equivalent("REST", f"{_arm_curl(provider, 'POST', place, _REGISTER_VERSION)} --data ''"),
    )


def list_endpoints(provider: Provider) -> tuple[Equivalent, ...]:
    """Read the private endpoint connections."""
    return _by_rest(_arm(provider, "GET", "/privateEndpointConnections"))


def set_endpoint(provider: Provider) -> tuple[Equivalent, ...]:
    """Approve or reject a connection, as `connection.json` says."""
    put = _arm(provider, "PUT", "/privateEndpointConnections/NAME")
    return _by_rest(f"{put}{_JSON} --data @connection.json")


def delete_endpoint(provider: Provider) -> tuple[Equivalent, ...]:
    """Delete a private endpoint connection."""
    return _by_rest(_arm(provider, "DELETE", "/privateEndpointConnections/NAME"))


def _by_rest(curl: str) -> tuple[Equivalent, ...]:
    """What neither tool can do (spec rest-api, 9)."""
    return (
        Equivalent("az", "# The Azure CLI cannot do this."),
        Equivalent("PowerShell", "# Az.Attestation cannot do this."),
        Equivalent("REST", curl),
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
    # The body is the JWS as one JSON string (spec rest-api, 3.6).
    body = f'{_JSON} --data "\\"$(cat {file})\\""' if file else ""
    return (
        Equivalent("az", f"az attestation signer {az_verb} {_az(provider)}{az}"),
        Equivalent("PowerShell", f"{ps_verb}-{noun} {_ps(provider)}{ps}"),
        Equivalent("REST", _curl(provider, method, path) + body),
    )


def _az(provider: Provider) -> str:
    group = f" --resource-group {shell(provider.resource_group)}"
    return f"--name {shell(provider.name)}{group}{_az_subscription(provider)}"


def _az_subscription(provider: Provider) -> str:
    """Otherwise `az` takes the subscription that was used last, which may be another."""
    return f" --subscription {shell(provider.subscription)}" if provider.subscription else ""


def _ps(provider: Provider) -> str:
    group = powershell(provider.resource_group)
    return f"-Name {powershell(provider.name)} -ResourceGroupName {group}"


def _path(kind: AttestationType) -> str:
    return f"/policies/{kind.value}"


def _cloud(provider: Provider) -> tuple[str, str]:
    return next(
        (places for suffix, places in _CLOUDS.items() if provider.attest_uri.endswith(suffix)),
        _PUBLIC,
    )


def _curl(provider: Provider, method: str, path: str, version: str = API_VERSION) -> str:
    url = f"{provider.attest_uri}{path}?api-version={version}"
    return _with_token(method, url, _cloud(provider)[1])


def _arm(provider: Provider, method: str, path: str = "") -> str:
    return _arm_curl(provider, method, f"{provider.resource_id}{path}")


def _arm_curl(provider: Provider, method: str, path: str, version: str = _ARM_VERSION) -> str:
    arm = _cloud(provider)[0]
    return _with_token(method, f"{arm}{path}?api-version={version}", arm)


def _with_token(method: str, url: str, audience: str) -> str:
    ask = f"az account get-access-token --resource {audience} --query accessToken -o tsv"
    return f'curl -X {method} -H "Authorization: Bearer $({ask})" {shell(url)}'
