"""azure-identity at the sandbox's authority: each of its credentials, in front of both SDKs."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    AzurePowerShellCredential,
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from azure.mgmt.attestation import AttestationManagementClient
from azure.security.attestation import AttestationAdministrationClient
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from helpers.azure_programs import AzurePrograms
from helpers.entra import OWNER, READER
from helpers.issuing import certificate, rsa_key
from helpers.served_sandbox import ServedSandbox, served_sandbox
from helpers.sign_in_browser import Browser, operate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    # The packages call what newer Pythons warn of, and msal what its caller does not ask for.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:response_mode:UserWarning"),
    pytest.mark.filterwarnings("ignore:Change in behavior:UserWarning"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("identity")
    with served_sandbox(home, "--operator", "--provider", "plain:AAD") as running:
        yield running


def options(served: ServedSandbox) -> dict[str, Any]:
    return {
        "authority": served.ready["authority"],
        "disable_instance_discovery": True,
        "connection_verify": served.ca_file,
    }


def opens_both_planes(served: ServedSandbox, credential: Any) -> None:  # noqa: ANN401 - any kind
    """See that a credential works in Resource Manager's SDK and in that of the data plane."""
    with AttestationManagementClient(
        credential,
        served.ready["subscription"],
        base_url=served.ready["armEndpoint"],
        connection_verify=served.ca_file,
        credential_scopes=["https://management.azure.com/.default"],
    ) as arm:
        provider = arm.attestation_providers.get("sandbox", "plain")
        assert provider.trust_model == "AAD"
    with AttestationAdministrationClient(
        served.attest_uri("plain"), credential, connection_verify=served.ca_file
    ) as admin:
        policy, _ = admin.get_policy("SgxEnclave")
        assert "version" in policy
    credential.close()


def test_client_secret(served: ServedSandbox) -> None:
    ready = served.ready
    opens_both_planes(
        served,
        ClientSecretCredential(
            ready["tenant"], ready["clientId"], ready["clientSecret"], **options(served)
        ),
    )


def test_certificate(served: ServedSandbox, tmp_path: Path) -> None:
    key = rsa_key("automation")
    der = certificate(key, "automation")
    pem = load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    operate(served, "proofs", {"certificate": pem.decode()})
    file = tmp_path / "automation.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    opens_both_planes(
        served,
        CertificateCredential(
            served.ready["tenant"], served.ready["clientId"], str(file), **options(served)
        ),
    )


def test_workload_identity(served: ServedSandbox) -> None:
    found = served.ready["managedIdentity"]
    opens_both_planes(
        served,
        WorkloadIdentityCredential(
            tenant_id=found["AZURE_TENANT_ID"],
            client_id=found["AZURE_CLIENT_ID"],
            token_file_path=found["AZURE_FEDERATED_TOKEN_FILE"],
            **options(served),
        ),
    )


def test_managed_identity(served: ServedSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.setenv(name, served.ready["managedIdentity"][name])
    opens_both_planes(served, ManagedIdentityCredential(connection_verify=served.ca_file))


def test_interactive_browser(served: ServedSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(served.ca_file, OWNER)
    monkeypatch.setattr("webbrowser.open", browser.open)
    monkeypatch.setattr("webbrowser.get", lambda *_: browser)
    opens_both_planes(
        served, InteractiveBrowserCredential(tenant_id=served.ready["tenant"], **options(served))
    )
    browser.join()


def prompt_for(browser: Browser) -> Callable[[str, str, object], None]:
    """Enters the code elsewhere, as soon as it is shown."""

    def show(url: str, code: str, _ends: object) -> None:
        threading.Thread(target=browser.enter_code, args=(url, code)).start()

    return show


def test_device_code(served: ServedSandbox) -> None:
    credential = DeviceCodeCredential(
        tenant_id=served.ready["tenant"],
        prompt_callback=prompt_for(Browser(served.ca_file, READER)),
        timeout=60,
        **options(served),
    )
    assert credential.get_token("https://attest.azure.net/.default").token
    credential.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are scripts")
@pytest.mark.parametrize("kind", [AzureCliCredential, AzurePowerShellCredential])
def test_sessions_of_programs(
    served: ServedSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Any]
) -> None:
    programs = AzurePrograms(tmp_path, served)
    monkeypatch.setenv("PATH", programs.path)
    opens_both_planes(served, kind(process_timeout=60))
    programs.feel("signed out")
    with pytest.raises(ClientAuthenticationError):
        kind(process_timeout=60).get_token("https://attest.azure.net/.default")


def test_a_refusal_is_what_the_package_knows(served: ServedSandbox) -> None:
    ready = served.ready
    credential = ClientSecretCredential(
        ready["tenant"], ready["clientId"], "not the one", **options(served)
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token("https://attest.azure.net/.default")
    credential.close()
