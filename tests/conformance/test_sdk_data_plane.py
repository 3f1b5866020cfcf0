"""azure-security-attestation 1.0.0 against `sandbox serve`: every administration call.

Both kinds of client, all trust models, over TLS, signed in with azure-identity, and with the
package's own validation of tokens switched on as far as it goes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.security.attestation import (
    AttestationPolicyToken,
    CertificateModification,
    PolicyModification,
)
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from helpers.administrator import POLICY, Administrator
from helpers.issuing import rsa_key
from helpers.sdk_clients import KINDS, Clients, done, signed_in
from helpers.served_sandbox import ServedSandbox, served_sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = [
    pytest.mark.anyio,
    # The packages call what newer Pythons warn of.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

TYPES = (
    "SgxEnclave",
    "OpenEnclave",
    "Tpm",
    "SevSnpVm",
    "AzureGuest",
    "TdxVm",
    "Pluton",
    "KeyGuard",
    "MdepTz",
    "AiHsm",
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("sdk")
    with served_sandbox(home, "--provider", "plain:AAD", "--provider", "strict:Isolated") as it:
        yield it


@pytest.fixture(params=KINDS)
async def clients(request: pytest.FixtureRequest, served: ServedSandbox) -> AsyncIterator[Clients]:
    async with signed_in(served, request.param) as found:
        yield found


class Signing:
    """A key and its certificate as the package takes them (PEM texts)."""

    def __init__(self, key: str, certificate: str) -> None:
        self.key = key
        self.certificate = certificate

    def options(self) -> dict[str, str]:
        return {"signing_key": self.key, "signing_certificate": self.certificate}


def signer_of(served: ServedSandbox) -> Signing:
    """The first signer of the isolated provider."""
    facts = served.provider("strict")
    texts = []
    for name in ("signerKeyFile", "signerCertificateFile"):
        with open(facts[name], encoding="utf-8") as file:  # noqa: PTH123 - one call, one line
            texts.append(file.read())
    return Signing(*texts)


def another(name: str) -> Signing:
    key = rsa_key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    der = Administrator(name).certificate
    pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    return Signing(key.decode(), pem.decode())


@pytest.mark.parametrize("kind", TYPES)
async def test_policies_of_an_aad_provider(clients: Clients, kind: str) -> None:
    admin = clients.admin("plain")
    default, _ = await done(admin.get_policy(kind))

    result, token = await done(admin.set_policy(kind, POLICY))
    assert result.policy_resolution == PolicyModification.UPDATED
    assert token.issuer == clients.served.attest_uri("plain")
    assert (await done(admin.get_policy(kind)))[0] == POLICY

    signed, _ = await done(admin.set_policy(kind, f"{POLICY}\n", **another("anybody").options()))
    assert signed.policy_signer is not None
    assert (await done(admin.get_policy(kind)))[0] == f"{POLICY}\n"

    reset, _ = await done(admin.reset_policy(kind))
    assert reset.policy_resolution == PolicyModification.REMOVED
    assert (await done(admin.get_policy(kind)))[0] == default
    await done(admin.close())


@pytest.mark.parametrize("kind", TYPES)
async def test_policies_of_an_isolated_provider(clients: Clients, kind: str) -> None:
    admin, signer = clients.admin("strict"), signer_of(clients.served)

    with pytest.raises(HttpResponseError) as unsigned:
        await done(admin.set_policy(kind, POLICY))
    with pytest.raises(HttpResponseError) as stranger:
        await done(admin.set_policy(kind, POLICY, **another("stranger").options()))
    result, _ = await done(admin.set_policy(kind, POLICY, **signer.options()))
    stored, _ = await done(admin.get_policy(kind))
    with pytest.raises(HttpResponseError):
        await done(admin.reset_policy(kind))
    reset, _ = await done(admin.reset_policy(kind, **signer.options()))

    assert (unsigned.value.status_code, stranger.value.status_code) == (400, 400)
    assert "Unable to find issuer certificate" in str(stranger.value)
    assert result.policy_resolution == PolicyModification.UPDATED
    assert stored == POLICY
    assert reset.policy_resolution == PolicyModification.REMOVED
    await done(admin.close())


async def test_the_hash_is_the_one_of_what_was_sent(clients: Clients) -> None:
    signing = another("anybody")
    admin = clients.admin("plain", **signing.options())

    result, _ = await done(admin.set_policy("SgxEnclave", POLICY))
    sent = AttestationPolicyToken(POLICY, **signing.options()).to_jwt_string()

    assert result.policy_token_hash == hashlib.sha256(sent.encode()).digest()
    await done(admin.reset_policy("SgxEnclave"))
    await done(admin.close())


@pytest.mark.parametrize("kind", TYPES)
async def test_a_shared_provider_can_only_be_read(clients: Clients, kind: str) -> None:
    admin = clients.admin("sharedlocal")

    policy, _ = await done(admin.get_policy(kind))
    certificates, _ = await done(admin.get_policy_management_certificates())
    with pytest.raises(HttpResponseError) as put:
        await done(admin.set_policy(kind, POLICY))
    with pytest.raises(HttpResponseError) as reset:
        await done(admin.reset_policy(kind))

    assert policy.startswith("version=") or (kind, policy) == ("Tpm", "")
    assert certificates == []
    assert (put.value.status_code, reset.value.status_code) == (400, 400)
    await done(admin.close())


async def test_policy_certificates(clients: Clients) -> None:
    signer, second = signer_of(clients.served), another("second")
    admin = clients.admin("strict", **signer.options())

    def names(listed: list[list[str]]) -> list[str]:
        loaded = (x509.load_pem_x509_certificate(chain[0].encode()) for chain in listed)
        return [item.subject.rfc4514_string() for item in loaded]

    before, _ = await done(admin.get_policy_management_certificates())
    added, _ = await done(admin.add_policy_management_certificate(second.certificate))
    between, _ = await done(admin.get_policy_management_certificates())
    result, _ = await done(admin.set_policy("SgxEnclave", POLICY, **second.options()))
    removed, _ = await done(admin.remove_policy_management_certificate(second.certificate))
    after, _ = await done(admin.get_policy_management_certificates())
    with pytest.raises(HttpResponseError) as last:
        await done(admin.remove_policy_management_certificate(signer.certificate))

    assert names(before) == names(after) == ["CN=Sandbox policy signer of strict"]
    assert names(between) == [*names(before), "CN=second"]
    assert added.certificate_resolution == CertificateModification.IS_PRESENT
    assert removed.certificate_resolution == CertificateModification.IS_ABSENT
    assert added.certificate_thumbprint == removed.certificate_thumbprint
    assert result.policy_resolution == PolicyModification.UPDATED
    assert last.value.status_code == 400
    await done(admin.reset_policy("SgxEnclave"))
    await done(admin.close())


@pytest.mark.parametrize("provider", ["plain", "sharedlocal"])
async def test_only_isolated_providers_have_certificates(clients: Clients, provider: str) -> None:
    signing = another("anybody")
    admin = clients.admin(provider, **signing.options())

    listed, _ = await done(admin.get_policy_management_certificates())
    for change in (
        admin.add_policy_management_certificate,
        admin.remove_policy_management_certificate,
    ):
        with pytest.raises(HttpResponseError) as refused:
            await done(change(signing.certificate))
        assert refused.value.status_code == 400

    assert listed == []
    await done(admin.close())


@pytest.mark.parametrize("provider", ["plain", "strict", "sharedlocal"])
async def test_keys_and_metadata(clients: Clients, provider: str) -> None:
    client, uri = clients.client(provider), clients.served.attest_uri(provider)

    metadata = await done(client.get_open_id_metadata())
    signers = await done(client.get_signing_certificates())

    assert metadata["issuer"] == uri
    assert metadata["jwks_uri"] == f"{uri}/certs"
    [signer] = signers
    certificate = x509.load_pem_x509_certificate(signer.certificates[0].encode())
    assert certificate.subject.rfc4514_string() == f"CN={uri}"
    await done(client.close())


async def test_a_policy_that_does_not_parse(clients: Clients) -> None:
    admin = clients.admin("plain")

    with pytest.raises(HttpResponseError) as refused:
        await done(admin.set_policy("SgxEnclave", "version= 1.0;\nauthorizationrules{=>"))

    assert "PolicyParsingError" in str(refused.value)
    await done(admin.close())


async def test_a_wrong_secret_is_refused_by_the_authority(served: ServedSandbox) -> None:
    with (
        ClientSecretCredential(
            served.ready["tenant"],
            served.ready["clientId"],
            "not the secret",
            authority=served.ready["authority"],
            disable_instance_discovery=True,
            connection_verify=served.ca_file,
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token("https://attest.azure.net/.default")
