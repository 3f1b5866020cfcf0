"""The same actions in az, PowerShell and curl: what a shell makes of them, and where they go."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from typing import Final

import pytest

from sealwright.claims.attestation_type import AttestationType
from sealwright.services.equivalents import Equivalents, Three
from sealwright.services.model import Provider, TrustModel
from sealwright.services.ports import CloudPlaces

SGX, TDX = AttestationType.SGX_ENCLAVE, AttestationType.TDX_VM
ID: Final = "/subscriptions/s-1/resourceGroups/my (group)/providers/Microsoft.Attestation"
PUBLIC: Final = CloudPlaces(
    "https://login.microsoftonline.com",
    "https://management.azure.com",
    "https://management.azure.com",
    "https://attest.azure.net",
)
OWN: Final = CloudPlaces(
    "https://login.tst", "https://arm.tst:8443", "https://arm.tst/$(id)", "https://attest.tst"
)
ONE: Final = Provider(
    id=f"{ID}/attestationProviders/one".lower(),
    name="one",
    attest_uri="https://one.wus.attest.azure.net",
    trust_model=TrustModel.AAD,
    location="westus",
    status="Ready",
    cloud="Azure public",
    resource_id=f"{ID}/attestationProviders/one",
    subscription="s-1",
    resource_group="my (group)",
)
ISOLATED: Final = replace(ONE, trust_model=TrustModel.ISOLATED)
SHARED: Final = replace(
    ONE,
    trust_model=TrustModel.SHARED,
    location="West US",
    resource_id="providers/Microsoft.Attestation/attestationProviders/one",
    subscription="",
    resource_group="",
)
BY_ADDRESS: Final = replace(ONE, resource_id="", subscription="", resource_group="", location="")
NASTY: Final = "$(touch x) `id` \"q\" 'a' \\ ; & | \u2019"


def every(one: Provider, places: CloudPlaces = PUBLIC, kind: AttestationType = SGX) -> list[Three]:
    same = Equivalents(one, places)
    return [
        same.sign_in(),
        same.show_policy(kind),
        same.set_policy(kind),
        same.reset_policy(kind),
        same.list_signers(),
        same.add_signer(),
        same.remove_signer(),
        same.signing_keys(),
        same.attest(kind),
        same.create_provider(),
        same.update_tags(),
        same.update_access(),
        same.delete_provider(),
        same.list_providers(),
        same.show_provider(),
        same.default_providers(),
        same.register(),
        same.list_endpoints(),
        same.set_endpoint(),
        same.delete_endpoint(),
    ]


def words(text: str) -> list[str]:
    """What `az` is started with."""
    return shlex.split(text.splitlines()[-1])


def heard(text: str) -> list[list[str]]:
    """What the programs of a POSIX shell are started with, by a real one; nothing is run."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not here")
    stubs = (
        'az() { case $1 in account) printf TOKEN;; *) tell az "$@";; esac; }\n'
        'curl() { tell curl "$@"; }\n'
        "cat() { printf JWS; }\n"
        "tell() { printf '%s\\0' \"$@\"; printf '\\1'; }\n"
    )
    done = subprocess.run(
        [bash, "--norc", "-e"],
        input=(stubs + text).encode(),
        capture_output=True,
        check=True,
        env={"PATH": "/nonexistent"},
    )
    assert not done.stderr, done.stderr
    calls = done.stdout.decode().split("\1")[:-1]
    return [call.split("\0")[:-1] for call in calls]


@pytest.mark.parametrize("one", [ONE, ISOLATED, SHARED, BY_ADDRESS])
def test_each_action_says_something_in_each_tool(one: Provider) -> None:
    for group in every(one):
        assert [each.tool for each in group] == ["az", "PowerShell", "REST"]
        for each in group:
            starts = {
                "az": ("az ", "#"),
                "PowerShell": (
                    *("Get-", "Set-", "New-", "Add-", "Remove-", "Update-", "Reset-"),
                    *("Register-", "Connect-", "Invoke-", "#"),
                ),
                "REST": ("curl -X ", "#"),
            }[each.tool]
            assert all(line.startswith(starts) for line in each.text.splitlines())


@pytest.mark.parametrize("one", [ONE, ISOLATED, SHARED, BY_ADDRESS])
def test_a_real_shell_takes_them(one: Provider) -> None:
    nasty = replace(one, name=NASTY, tags={NASTY: NASTY}, cloud=NASTY)
    if one.resource_group:
        nasty = replace(nasty, resource_group=NASTY, subscription=NASTY, location=NASTY)
    groups = every(nasty, OWN)
    calls = heard("\n".join(group[0].text for group in groups))
    for call in calls:
        assert call[0] == "az"
        for option, value in pairwise(call):
            if option in ("--name", "--resource-group", "--subscription", "--location"):
                assert value in (NASTY, "westus")
            if option == "--tags":
                assert value == f"{NASTY}={NASTY}"
    for call in heard("\n".join(group[2].text for group in groups)):
        assert call[:2] == ["curl", "-X"]
        assert call[3:5] == ["-H", "Authorization: Bearer TOKEN"]
        assert call[5].startswith("https://")
        if "--data" in call and (body := call[call.index("--data") + 1]).startswith("{"):
            assert isinstance(json.loads(body), dict)


def test_no_command_has_an_empty_option() -> None:
    same = Equivalents(ONE, PUBLIC)
    az, ps, rest = same.update_tags()
    assert words(az.text)[-2:] == ["--tags", ""], "an empty word is how az takes tags away"
    assert ps.text.endswith("-Tag @{}")
    assert json.loads(words(rest.text)[-1]) == {"tags": {}}
    assert "--tags" not in same.create_provider()[0].text
    tagged = Equivalents(replace(ONE, tags={"env": "a b"}), PUBLIC)
    assert words(tagged.update_tags()[0].text)[-1] == "env=a b"
    assert words(tagged.create_provider()[0].text)[-1] == "env=a b"
    assert "@{ 'env' = 'a b' }" in tagged.create_provider()[1].text


def test_every_tool_acts_in_the_subscription_of_the_provider() -> None:
    for az, ps, _ in every(ONE)[1:]:
        if az.text.startswith("az rest"):
            assert "/subscriptions/s-1/" in az.text
        elif az.text.startswith("az "):
            assert words(az.text)[words(az.text).index("--subscription") + 1] == "s-1"
        if not ps.text.startswith("#"):
            assert ps.text.splitlines()[0] == "Set-AzContext -Subscription 's-1' | Out-Null"


def test_curl_goes_to_the_provider_s_own_cloud() -> None:
    for _, _, rest in every(ONE, OWN)[1:]:
        call = words(rest.text.replace("$(", "").replace(")", ""))
        url = next(each for each in call if each.startswith("https://"))
        at_provider = url.startswith("https://one.wus.attest.azure.net/")
        assert at_provider or url.startswith("https://arm.tst:8443/")
        audience = "https://attest.tst" if at_provider else "'https://arm.tst/$(id)'"
        assert f"--resource {audience} " in rest.text
        assert "management.azure.com" not in rest.text


def test_a_tool_is_turned_to_the_cloud_first() -> None:
    az, ps, _ = Equivalents(ONE, PUBLIC).sign_in()
    assert az.text == "az cloud set --name AzureCloud\naz login"
    assert ps.text == "Connect-AzAccount -Environment 'AzureCloud'"
    own = replace(ONE, cloud="My cloud")
    az, ps, _ = Equivalents(own, OWN).sign_in()
    assert "az cloud register --name 'My cloud' --endpoint-resource-manager https://arm.tst" in (
        az.text
    )
    assert ps.text.startswith("Add-AzEnvironment -Name 'My cloud' -ResourceManagerEndpoint 'https")


def test_what_is_sent_fits_the_trust_model_and_the_type() -> None:
    az, ps, rest = Equivalents(ISOLATED, PUBLIC).set_policy(SGX)
    assert az.text.endswith("--policy-format JWT --new-attestation-policy-file policy.jws")
    assert "-Tee SgxEnclave -PolicyFormat JWT" in ps.text
    assert "-X PUT" in rest.text
    assert (
        "--certs-input-path signers.pem" in Equivalents(ISOLATED, PUBLIC).create_provider()[0].text
    )
    body = json.loads(words(Equivalents(ISOLATED, PUBLIC).create_provider()[2].text)[-1])
    (key,) = body["properties"]["policySigningCertificates"]["keys"]
    assert set(key) == {"kty", "use", "alg", "x5c"}
    az, _, rest = Equivalents(ONE, PUBLIC).show_policy(TDX)
    assert az.text == "# The Azure CLI does not know TdxVm."
    # The older version does not know the type (spec rest-api, 2.1).
    assert "api-version=2025-06-01" in rest.text
    # The body is one JSON string (spec rest-api, 3.6).
    (call,) = heard(Equivalents(ONE, PUBLIC).add_signer()[2].text)
    assert call[-1] == '"JWS"'


def test_what_cannot_be_done_is_said() -> None:
    shared = Equivalents(SHARED, PUBLIC)
    for group in (shared.set_policy(SGX), shared.add_signer(), shared.delete_provider()):
        assert all("belongs to the region" in each.text for each in group)
    assert words(shared.show_provider()[0].text)[-1] == "westus"
    assert "/locations/westus/defaultProvider?" in shared.show_provider()[2].text
    stranger = Equivalents(BY_ADDRESS, PUBLIC)
    assert all("known by its address only" in each.text for each in stranger.delete_provider())
    az, ps, rest = stranger.show_policy(SGX)
    assert (
        az.text
        == ps.text
        == ("# This tool reaches a provider by its resource group; this one has none here.")
    )
    assert rest.text.startswith("curl -X GET")
