"""Providers in other tools' forms: nothing of a name becomes code, and policies come back whole."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.administrator import Administrator
from helpers.issuing import b64
from helpers.memory_vault import policy_certificate
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import UsageError
from sealwright.services.exports.imports import import_policies
from sealwright.services.exports.model import ExportedPolicy, ExportedProvider, ExportForm
from sealwright.services.exports.quoting import powershell, terraform
from sealwright.services.exports.scripts import az_script, powershell_script
from sealwright.services.exports.templates import arm_file, bicep_file, terraform_file
from sealwright.services.model import TrustModel
from sealwright.services.ports import NewProvider
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sealwright.services.model import Provider

SGX, TDX = AttestationType.SGX_ENCLAVE, AttestationType.TDX_VM
TEXT = "version= 1.0;\r\nauthorizationrules { // ü ${x} 'quoted'\r\n=> permit(); };\r\n"
EVIL = "a'; touch pwned; echo \"$(touch pwned)`touch pwned` ${x} ]"


def provider(resource_group: str = "tests", tags: Mapping[str, str] | None = None) -> Provider:
    return replace(World().isolated.provider, resource_group=resource_group, tags=tags or {})


def exported(
    resource_group: str = "tests", tags: Mapping[str, str] | None = None
) -> ExportedProvider:
    policies = (
        ExportedPolicy(SGX, TEXT, unsecured_policy(TEXT), signed=False),
        ExportedPolicy(TDX, "version= 1.0;", unsecured_policy("version= 1.0;"), signed=False),
    )
    signers = (policy_certificate("root"),)
    return ExportedProvider(provider(resource_group, tags), policies, signers)


def test_a_terraform_file_gives_its_policies_back() -> None:
    text = terraform_file([exported(tags={"env": "${prod}"})])
    assert 'resource "azurerm_attestation_provider" "isolated" {' in text
    assert '"$${prod}"' in text
    assert "# Not known to this resource: the policies for TdxVm." in text
    (found,) = import_policies(text.encode())
    assert (found.attestation_type, found.text) == (SGX, TEXT)
    assert "sgx_enclave_policy_base64" in found.where


def test_the_shell_script_runs_and_keeps_every_byte(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    az = tmp_path / "az"
    az.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {calls}\n', "utf-8")
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    text = az_script([exported(resource_group=EVIL, tags={"team": EVIL})])
    path = f"{tmp_path}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["sh", "-c", text], cwd=tmp_path, env={"PATH": path}, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "pwned").exists()
    assert (tmp_path / "SgxEnclave.policy").read_bytes() == TEXT.encode()
    assert (tmp_path / "signers.pem").read_text("ascii").startswith("-----BEGIN CERTIFICATE-----")
    said = calls.read_text("utf-8")
    assert "--attestation-type SgxEnclave --policy-format Text" in said
    assert EVIL in said
    assert {each.attestation_type for each in import_policies(text.encode())} == {SGX}


def test_the_powershell_script_gives_its_policies_back() -> None:
    text = powershell_script([exported(resource_group="it's")])
    assert "-ResourceGroupName 'it''s'" in text
    (found,) = import_policies(text.encode())
    assert (found.attestation_type, found.text) == (SGX, TEXT)


def test_an_arm_template_is_json_with_the_signers() -> None:
    document = json.loads(arm_file([exported(tags={"a": "[concat('x')]"})]))
    (resource,) = document["resources"]
    assert resource["tags"] == {"a": "[[concat('x')]"}
    keys = resource["properties"]["policySigningCertificates"]["keys"]
    assert len(keys) == 1
    assert "SgxEnclave, TdxVm" in resource["comments"]


def test_bicep_escapes_what_would_be_code() -> None:
    text = bicep_file([exported(tags={"it's": "${name}"})])
    assert "'it\\'s': '\\${name}'" in text
    assert "resource isolated 'Microsoft.Attestation/attestationProviders@2021-06-01' = {" in text


def elsewhere(resource_group: str) -> ExportedProvider:
    """A provider of the same name in another group, with settings that are not the usual ones."""
    one = exported(resource_group)
    closed = replace(
        one.provider,
        public_network_access="Disabled",
        tpm_attestation_authentication="Disabled",
    )
    return replace(one, provider=closed)


def test_a_resource_has_the_members_that_resource_manager_takes() -> None:
    """Spec rest-api, 8.2."""
    document = json.loads(arm_file([elsewhere("tests")]))
    (resource,) = document["resources"]
    assert resource["type"] == "Microsoft.Attestation/attestationProviders"
    assert resource["apiVersion"] == "2021-06-01"
    assert resource["properties"] == {
        "publicNetworkAccess": "Disabled",
        "tpmAttestationAuthentication": "Disabled",
        "policySigningCertificates": {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "alg": "RS256",
                    "x5c": [b64(policy_certificate("root"))],
                }
            ]
        },
    }
    text = bicep_file([elsewhere("tests")])
    for member in ("publicNetworkAccess", "tpmAttestationAuthentication"):
        assert f"    {member}: 'Disabled'\n" in text
    assert "policySigningCertificates: {\n      keys: [" in text


def test_providers_of_several_groups_are_deployed_where_they_belong() -> None:
    both = [exported("first"), elsewhere("second\nresource evil")]
    document = json.loads(arm_file(both))
    assert [each["resourceGroup"] for each in document["resources"]] == [
        "first",
        "second\nresource evil",
    ]
    inner = document["resources"][1]["properties"]["template"]["resources"]
    assert [each["name"] for each in inner] == ["isolated"]
    text = bicep_file(both)
    assert "several resource groups" in text
    assert "// In resource group second resource evil of subscription " in text
    for written in (text, terraform_file(both)):
        assert " isolated " in written.replace('"', "")
        assert " isolated_2 " in written.replace('"', ""), "no name stands twice"


def test_settings_that_a_tool_has_no_option_for_are_set_by_rest() -> None:
    body = '{"properties": {"publicNetworkAccess": "Disabled", "tpmAttestationAuthentication": '
    az = az_script([elsewhere("tests")])
    assert "az rest --method patch --url '/subscriptions/" in az
    assert body in az
    ps = powershell_script([elsewhere("tests")])
    assert "Invoke-AzRestMethod -Method PATCH -Path '/subscriptions/" in ps
    assert body in ps
    assert "publicNetworkAccess Disabled" in terraform_file([elsewhere("tests")])
    usual = [exported()]
    assert "az rest" not in az_script(usual)
    assert "Invoke-AzRest" not in powershell_script(usual)


def test_a_signed_policy_is_sent_as_the_token_that_it_is() -> None:
    jws = Administrator("root").policy(TEXT)
    signed = replace(exported(), policies=(ExportedPolicy(SGX, TEXT, jws, signed=True),))
    encoded = b64(jws.encode())
    az, ps = az_script([signed]), powershell_script([signed])
    assert f"printf %s {encoded} " in az
    assert "--policy-format JWT" in az
    assert f"FromBase64String('{encoded}')" in ps
    assert "-PolicyFormat JWT" in ps
    for script in (az, ps):
        (found,) = import_policies(script.encode())
        assert (found.text, found.signed) == (TEXT, True)


def test_scripts_act_in_the_subscription_of_each_provider() -> None:
    id_ = provider().subscription
    assert az_script([exported()]).count(f" --subscription {id_}") == 2
    assert f"Set-AzContext -Subscription '{id_}'" in powershell_script([exported()])


@given(st.text(max_size=40))
def test_no_text_leaves_its_quotes(text: str) -> None:
    inner = powershell(text)[1:-1]
    for mark in "'\u2018\u2019\u201a\u201b":
        assert inner.count(mark) % 2 == 0
    if "{" not in text:
        assert json.loads(terraform(text)) == text


@pytest.mark.parametrize("data", [b"", b"\xff", b"nothing here", b'x_policy_base64 = "!"'])
def test_what_holds_no_policy_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError):
        import_policies(data)


def test_a_template_says_that_it_holds_no_policies() -> None:
    for template in (arm_file([exported()]), bicep_file([exported()])):
        with pytest.raises(UsageError, match="template describes providers") as caught:
            import_policies(template.encode())
        assert "Terraform" in caught.value.hint


def test_a_policy_that_names_a_providers_path_is_no_template() -> None:
    text = "// of /providers/Microsoft.Attestation/attestationProviders/open\n" + TEXT
    (found,) = import_policies(text.encode())
    assert found.text == text


def test_what_is_deployed_is_exported() -> None:
    async def scene() -> None:
        world = World()
        world.open.policies[SGX] = unsecured_policy(TEXT)
        service = world.services().exports
        signer = b64(world.isolated.certificates[0])
        for form in ExportForm:
            text = await service.export([world.open.provider, world.isolated.provider], form)
            assert "open" in text
            assert signer[:48] in text, "whoever may sign there may sign at the new one"
        with pytest.raises(UsageError, match="Shared"):
            await service.export([world.shared.provider], ExportForm.BICEP)

    anyio.run(scene)


def test_a_clone_applies_the_same_with_its_own_signer() -> None:
    async def scene() -> None:
        world = World()
        world.open.policies[SGX] = unsecured_policy(TEXT)
        services = world.services()
        signer = await world.vault.signer("root")
        new = NewProvider(
            subscription=world.cloud.subscription,
            resource_group="tests",
            name="clone",
            location="tst",
            signing_certificates=(signer.certificate_chain[0],),
        )
        cloned = await services.clones.clone(world.open.provider, "Simulated", new, "root")
        assert cloned.proven
        assert cloned.provider.trust_model is TrustModel.ISOLATED
        deployed = await services.policies.deployed(cloned.provider.id, SGX)
        assert deployed.text == TEXT
        assert deployed.signer is not None

    anyio.run(scene)


def test_a_terraform_string_that_is_none_is_named_by_its_line() -> None:
    with pytest.raises(UsageError, match=r"line 2 \(`sgx_enclave_policy_base64`\)"):
        import_policies(b'resource {\n  sgx_enclave_policy_base64 = "\\q"\n}')
