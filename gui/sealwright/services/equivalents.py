"""The same action in other tools: Azure CLI, PowerShell, and REST with curl.

For reading and copying; nothing of it is run. Where a tool cannot do it, that is said instead.
Source: spec rest-api, 3.1, 8.1 and 9.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import API_VERSION, AttestationType
from sealwright.services.exports.quoting import powershell, shell
from sealwright.services.exports.scripts import AZ_TYPES, TEES
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.model import Provider
    from sealwright.services.ports import CloudPlaces

_ARM_VERSION: Final = "2021-06-01"
_REGISTER_VERSION: Final = "2021-04-01"
_NAMESPACE: Final = "providers/Microsoft.Attestation"
_JSON: Final = " -H 'Content-Type: application/json'"
_TEXT: Final = " -H 'Content-Type: text/plain'"
_BY_ADDRESS: Final = (
    "# The provider is known by its address only; this takes its subscription and resource group."
)
_SHARED: Final = "# A shared provider belongs to the region: nobody here can do this."
_CLOUD_NAMES: Final = {
    "https://management.azure.com": "AzureCloud",
    "https://management.usgovcloudapi.net": "AzureUSGovernment",
    "https://management.chinacloudapi.cn": "AzureChinaCloud",
}
"""What az and PowerShell call the clouds that they know."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One action in one tool; `text` is a comment where the tool cannot do it."""

    tool: str
    text: str


Three = tuple[Equivalent, Equivalent, Equivalent]


class Equivalents:
    """The actions on one provider, at the places of its own cloud."""

    def __init__(self, provider: Provider, places: CloudPlaces) -> None:
        self._provider, self._places = provider, places
        self._shared = provider.trust_model is TrustModel.SHARED
        self._isolated = provider.trust_model is TrustModel.ISOLATED

    def sign_in(self) -> Three:
        """Turn each tool to the provider's cloud; curl takes its tokens from `az`."""
        places, cloud = self._places, self._provider.cloud
        if not places.arm:
            words = "# No Resource Manager is known at this address, so no tool can sign in."
            return _three(words, words, words)
        name = _CLOUD_NAMES.get(places.arm, cloud)
        az, ps = ("", "") if places.arm in _CLOUD_NAMES else _custom_cloud(cloud, places)
        return _three(
            f"{az}az cloud set --name {shell(name)}\naz login",
            f"{ps}Connect-AzAccount -Environment {powershell(name)}",
            "# curl takes its tokens from the Azure CLI: sign in there.",
        )

    # --- the data plane ---------------------------------------------------------------------

    def show_policy(self, kind: AttestationType) -> Three:
        """Read a policy."""
        return self._policy(kind, "show", "Get", "", "", self._rest("GET", _path(kind), kind))

    def set_policy(self, kind: AttestationType) -> Three:
        """Upload a policy from the file `policy.txt`, or the signed `policy.jws`."""
        form, file = ("JWT", "policy.jws") if self._isolated else ("Text", "policy.txt")
        az = f" --policy-format {form} --new-attestation-policy-file {file}"
        ps = f" -PolicyFormat {form} -Policy (Get-Content -Raw {file})"
        # The service takes a JWS in either case; `sealwright policy wrap` makes the unsigned one.
        body = f"{_TEXT} --data-binary @policy.jws"
        curl = self._rest("PUT", _path(kind), kind) + body
        return self._policy(kind, "set", "Set", az, ps, curl, changes=True)

    def reset_policy(self, kind: AttestationType) -> Three:
        """Go back to the default; for an Isolated provider with the signed `reset.jws`."""
        az = ' --policy-jws "$(cat reset.jws)"' if self._isolated else ""
        ps = " -Policy (Get-Content -Raw reset.jws)" if self._isolated else ""
        body = f"{_TEXT} --data-binary @reset.jws"
        curl = self._rest("POST", f"{_path(kind)}:reset", kind) + body
        return self._policy(kind, "reset", "Reset", az, ps, curl, changes=True)

    def list_signers(self) -> Three:
        """Read the trusted certificates."""
        return self._signers("list", "Get", "GET", "/certificates", "")

    def add_signer(self) -> Three:
        """Trust one more certificate; `signer.jws` is the signed request."""
        return self._signers("add", "Add", "POST", "/certificates:add", "signer.jws")

    def remove_signer(self) -> Three:
        """Trust a certificate no more; `signer.jws` is the signed request."""
        return self._signers("remove", "Remove", "POST", "/certificates:remove", "signer.jws")

    def signing_keys(self) -> Three:
        """Read the keys that the provider signs its tokens with."""
        return _by_rest(self._rest("GET", "/certs"))

    def attest(self, kind: AttestationType) -> Three:
        """Attest the evidence in `request.json`. Neither az nor PowerShell can."""
        curl = self._rest("POST", f"/attest/{kind.value}", kind)
        return _by_rest(f"{curl}{_JSON} --data @request.json")

    # --- Resource Manager -------------------------------------------------------------------

    def create_provider(self) -> Three:
        """Make the provider with its tags; an Isolated one with the certificates of a file."""
        one = self._provider
        az, ps = f" --location {shell(one.location)}", f" -Location {powershell(one.location)}"
        if self._isolated:
            az += " --certs-input-path signers.pem"
            ps += " -PolicySigningCertificateKeyPath signers.pem"
        if one.tags:
            az += f" --tags {_az_tags(one.tags)}"
            ps += f" -Tag {_ps_tags(one.tags)}"
        return self._own(
            f"az attestation create {self._az()}{az}",
            f"New-AzAttestationProvider {self._ps()}{ps}",
            f"{self._arm('PUT')}{_body(self._made())}",
        )

    def update_tags(self) -> Three:
        """Replace the tags by those that are there now."""
        tags = self._provider.tags
        return self._own(
            f"az attestation update {self._az()} --tags {_az_tags(tags)}",
            f"Update-AzAttestationProvider {self._ps()} -Tag {_ps_tags(tags)}",
            f"{self._arm('PATCH')}{_body({'tags': dict(tags)})}",
        )

    def update_access(self) -> Three:
        """Network access and TPM authentication: neither tool has an option for them."""
        body = {"properties": self._access()}
        url = f"{self._provider.resource_id}?api-version={_ARM_VERSION}"
        text = json.dumps(body, ensure_ascii=False)
        return self._own(
            f"az rest --method patch --url {shell(url)} --body {shell(text)}",
            f"Invoke-AzRestMethod -Method PATCH -Path {powershell(url)}"
            f" -Payload {powershell(text)}",
            f"{self._arm('PATCH')}{_body(body)}",
        )

    def delete_provider(self) -> Three:
        """Delete the provider for good."""
        return self._own(
            f"az attestation delete {self._az()}",
            f"Remove-AzAttestationProvider {self._ps()}",
            self._arm("DELETE"),
        )

    def list_providers(self) -> Three:
        """Read the providers of the provider's resource group."""
        one = self._provider
        group = one.resource_group
        place = f"/subscriptions/{one.subscription}/resourceGroups/{group}/{_NAMESPACE}"
        return self._own(
            f"az attestation list --resource-group {shell(group)}{self._az_subscription()}",
            f"Get-AzAttestationProvider -ResourceGroupName {powershell(group)}",
            self._arm_curl("GET", f"{place}/attestationProviders"),
        )

    def show_provider(self) -> Three:
        """Read the provider; a shared one by its location."""
        one = self._provider
        if not self._shared:
            return self._own(
                f"az attestation show {self._az()}",
                f"Get-AzAttestationProvider {self._ps()}",
                self._arm("GET"),
            )
        place = "".join(one.location.lower().split())
        path = f"{self._subscription_path()}/locations/{place}/defaultProvider"
        return _three(
            f"az attestation get-default-by-location --location {shell(place)}",
            f"Get-AzAttestationDefaultProvider -Location {powershell(place)}",
            self._arm_curl("GET", path),
        )

    def default_providers(self) -> Three:
        """Read the shared providers of every location."""
        return _three(
            f"az attestation list-default{self._az_subscription()}",
            self._in_subscription("Get-AzAttestationDefaultProvider"),
            self._arm_curl("GET", f"{self._subscription_path()}/defaultProviders"),
        )

    def register(self) -> Three:
        """Register the namespace in the provider's subscription."""
        name = "Microsoft.Attestation"
        path = f"{self._subscription_path()}/register"
        return _three(
            f"az provider register --namespace {name}{self._az_subscription()}",
            self._in_subscription(f"Register-AzResourceProvider -ProviderNamespace {name}"),
            # Without a body curl sends no length, and Resource Manager wants one.
            f"{self._arm_curl('POST', path, _REGISTER_VERSION)} --data ''",
        )

    def list_endpoints(self) -> Three:
        """Read the private endpoint connections."""
        return self._own_by_rest(self._arm("GET", "/privateEndpointConnections"))

    def set_endpoint(self) -> Three:
        """Approve the connection NAME; `Rejected` rejects it."""
        state = {"status": "Approved", "description": ""}
        body = {"properties": {"privateLinkServiceConnectionState": state}}
        put = self._arm("PUT", "/privateEndpointConnections/NAME")
        return self._own_by_rest(f"{put}{_body(body)}")

    def delete_endpoint(self) -> Three:
        """Delete the private endpoint connection NAME."""
        return self._own_by_rest(self._arm("DELETE", "/privateEndpointConnections/NAME"))

    # --- inside -----------------------------------------------------------------------------

    def _policy(  # noqa: PLR0913, PLR0917 - the parts of three commands
        self,
        kind: AttestationType,
        az_verb: str,
        ps_verb: str,
        az_more: str,
        ps_more: str,
        curl: str,
        *,
        changes: bool = False,
    ) -> Three:
        az = f"az attestation policy {az_verb} {self._az()} --attestation-type {kind.value}"
        tee = TEES.get(kind)
        ps = f"{ps_verb}-AzAttestationPolicy {self._ps()} -Tee {tee}{ps_more}"
        return self._at_provider(
            f"{az}{az_more}"
            if kind in AZ_TYPES
            else f"# The Azure CLI does not know {kind.value}.",
            ps if tee else f"# Az.Attestation does not know {kind.value}.",
            curl,
            changes=changes,
        )

    def _signers(self, az_verb: str, ps_verb: str, method: str, path: str, file: str) -> Three:
        noun = "AzAttestationPolicySigners" if ps_verb == "Get" else "AzAttestationPolicySigner"
        az = f" --signer-file {file}" if file else ""
        ps = f" -Signer (Get-Content -Raw {file})" if file else ""
        # The body is the JWS as one JSON string (spec rest-api, 3.6).
        body = f'{_JSON} --data "\\"$(cat {file})\\""' if file else ""
        return self._at_provider(
            f"az attestation signer {az_verb} {self._az()}{az}",
            f"{ps_verb}-{noun} {self._ps()}{ps}",
            self._rest(method, path) + body,
            changes=bool(file),
        )

    def _at_provider(self, az: str, ps: str, curl: str, *, changes: bool) -> Three:
        """On the data plane; az and PowerShell find the address by Resource Manager."""
        if self._shared and changes:
            return _three(_SHARED, _SHARED, _SHARED)
        if not self._provider.resource_group:
            words = "# This tool reaches a provider by its resource group; this one has none here."
            return _three(words, words, curl)
        return _three(az, ps if ps.startswith("#") else self._in_subscription(ps), curl)

    def _own(self, az: str, ps: str, curl: str) -> Three:
        """By Resource Manager, on the provider's own resource."""
        if self._shared:
            return _three(_SHARED, _SHARED, _SHARED)
        if not self._provider.resource_group:
            return _three(_BY_ADDRESS, _BY_ADDRESS, _BY_ADDRESS)
        return _three(az, self._in_subscription(ps), curl)

    def _own_by_rest(self, curl: str) -> Three:
        az, ps, rest = _by_rest(curl)
        refused = self._own(az.text, ps.text, curl)
        return refused if refused[2].text != curl else (az, ps, rest)

    def _az(self) -> str:
        one = self._provider
        group = f" --resource-group {shell(one.resource_group)}"
        return f"--name {shell(one.name)}{group}{self._az_subscription()}"

    def _az_subscription(self) -> str:
        """Otherwise `az` takes the subscription that was used last, which may be another."""
        subscription = self._provider.subscription
        return f" --subscription {shell(subscription)}" if subscription else ""

    def _ps(self) -> str:
        one = self._provider
        group = powershell(one.resource_group)
        return f"-Name {powershell(one.name)} -ResourceGroupName {group}"

    def _in_subscription(self, command: str) -> str:
        """Not every cmdlet takes a subscription; all follow the context."""
        subscription = self._provider.subscription
        if not subscription:
            return command
        return f"Set-AzContext -Subscription {powershell(subscription)} | Out-Null\n{command}"

    def _subscription_path(self) -> str:
        """The namespace in the subscription; a shared provider is in none, so in any."""
        return f"/subscriptions/{self._provider.subscription or 'SUBSCRIPTION'}/{_NAMESPACE}"

    def _access(self) -> dict[str, str]:
        one = self._provider
        return {
            "publicNetworkAccess": one.public_network_access,
            "tpmAttestationAuthentication": one.tpm_attestation_authentication,
        }

    def _made(self) -> dict[str, object]:
        properties: dict[str, object] = dict(self._access())
        if self._isolated:
            key = {"kty": "RSA", "use": "sig", "alg": "RS256", "x5c": ["CERTIFICATE_IN_BASE64"]}
            properties["policySigningCertificates"] = {"keys": [key]}
        one = self._provider
        return {"location": one.location, "tags": dict(one.tags), "properties": properties}

    def _rest(self, method: str, path: str, kind: AttestationType | None = None) -> str:
        version = kind.api_version if kind is not None else API_VERSION
        url = f"{self._provider.attest_uri}{path}?api-version={version}"
        return _with_token(method, url, self._places.attest_audience)

    def _arm(self, method: str, path: str = "") -> str:
        return self._arm_curl(method, f"{self._provider.resource_id}{path}")

    def _arm_curl(self, method: str, path: str, version: str = _ARM_VERSION) -> str:
        url = f"{self._places.arm}{path}?api-version={version}"
        return _with_token(method, url, self._places.arm_audience)


def _three(az: str, ps: str, curl: str) -> Three:
    return Equivalent("az", az), Equivalent("PowerShell", ps), Equivalent("REST", curl)


def _by_rest(curl: str) -> Three:
    """What neither tool can do (spec rest-api, 9)."""
    return _three("# The Azure CLI cannot do this.", "# Az.Attestation cannot do this.", curl)


def _custom_cloud(name: str, places: CloudPlaces) -> tuple[str, str]:
    """How az and PowerShell learn of a cloud that they do not know; a line each."""
    az = (
        f"az cloud register --name {shell(name)}"
        f" --endpoint-resource-manager {shell(places.arm)}"
        f" --endpoint-active-directory {shell(places.authority)}"
        f" --endpoint-active-directory-resource-id {shell(places.arm_audience)}\n"
    )
    ps = (
        f"Add-AzEnvironment -Name {powershell(name)}"
        f" -ResourceManagerEndpoint {powershell(places.arm)}"
        f" -ActiveDirectoryEndpoint {powershell(places.authority)}"
        f" -ActiveDirectoryServiceEndpointResourceId {powershell(places.arm_audience)}\n"
    )
    return az, ps


def _az_tags(tags: Mapping[str, str]) -> str:
    """An empty word takes all tags away."""
    return " ".join(shell(f"{name}={value}") for name, value in tags.items()) or "''"


def _ps_tags(tags: Mapping[str, str]) -> str:
    pairs = "; ".join(f"{powershell(n)} = {powershell(v)}" for n, v in tags.items())
    return f"@{{ {pairs} }}" if pairs else "@{}"


def _body(value: Mapping[str, object]) -> str:
    return f"{_JSON} --data {shell(json.dumps(value, ensure_ascii=False))}"


def _path(kind: AttestationType) -> str:
    return f"/policies/{kind.value}"


def _with_token(method: str, url: str, audience: str) -> str:
    ask = f"az account get-access-token --resource {shell(audience)} --query accessToken -o tsv"
    return f'curl -X {method} -H "Authorization: Bearer $({ask})" {shell(url)}'
