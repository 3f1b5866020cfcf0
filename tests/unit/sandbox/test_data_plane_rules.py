"""Policies: what is stored comes back, who may change it, and answers that verify."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from helpers.administrator import POLICY, Administrator, claims_of
from helpers.issuing import b64, certificate, rsa_key
from helpers.sandbox_client import (
    NOW,
    SandboxClient,
    error_of,
    message_of,
    stored,
)
from sealwright.claims.attestation_type import AttestationType
from sealwright.sandbox.issuing import anchor_of
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.keyset import parse_key_set
from sealwright.tokens.policy_jws import token_hash, unsecured_policy, unsecured_reset
from sealwright.tokens.results import Wire, verify_policy_answer, verify_policy_result
from sealwright.tokens.unwrap import read_policy
from sealwright.tokens.verification.report import Verdict

pytestmark = pytest.mark.anyio

SGX = "/policies/SgxEnclave"
OLD_TYPES = ("CyResComponent", "VSMEnclave", "VbsEnclave")


# --- what is stored comes back -------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*(item.value for item in AttestationType), *OLD_TYPES])
async def test_every_type_takes_a_policy(client: SandboxClient, kind: str) -> None:
    jws = unsecured_policy(POLICY)

    put = await client.data("PUT", "plain", f"/policies/{kind.upper()}", jws)

    assert claims_of(put.json())["x-ms-policy-result"] == "Updated"
    assert claims_of(put.json())["x-ms-policy-token-hash"] == token_hash(jws)
    assert await stored(client, "plain", f"/policies/{kind}") == jws


@pytest.mark.parametrize(
    "version",
    [
        "2020-10-01",
        "2022-08-01",
        "2022-09-01-preview",
        "2023-04-01-preview",
        "2025-06-01",
        "2026-03-11-preview",
    ],
)
async def test_every_version_answers(client: SandboxClient, version: str) -> None:
    answer = await client.data("GET", "plain", SGX, version=version)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-ms-request-id"].startswith("00-")
    assert "x-ms-maa-service-version" in answer.headers


@pytest.mark.parametrize("version", [None, "", "2018-09-01-preview", "2099-01-01"])
async def test_other_versions_are_refused(client: SandboxClient, version: str | None) -> None:
    assert error_of(await client.data("GET", "plain", SGX, version=version))[0] == 400


@pytest.mark.parametrize("form", ["{}", '"{}"', ' \r\n"{}"\n', "\t{} "])
async def test_bare_and_quoted_bodies_are_the_same(client: SandboxClient, form: str) -> None:
    jws = unsecured_policy(POLICY)

    put = await client.data("PUT", "plain", SGX, form.format(jws))

    assert claims_of(put.json())["x-ms-policy-token-hash"] == token_hash(jws)
    assert await stored(client, "plain") == jws


async def test_a_policy_comes_back_byte_for_byte(client: SandboxClient) -> None:
    text = POLICY.replace(";", ";\r\n\t") + "\r\n"
    jws = Administrator("root").policy(text)

    await client.data("PUT", "plain", SGX, jws)

    assert await stored(client, "plain") == jws
    assert read_policy(await stored(client, "plain")).text == text


async def test_a_percent_encoded_colon_resets(client: SandboxClient) -> None:
    default = await stored(client, "plain")
    await client.data("PUT", "plain", SGX, unsecured_policy(POLICY))

    reset = await client.data("POST", "plain", f"{SGX}%3Areset", unsecured_reset())

    assert claims_of(reset.json())["x-ms-policy-result"] == "Removed"
    assert "x-ms-policy-token-hash" not in claims_of(reset.json())
    assert await stored(client, "plain") == default


@pytest.mark.parametrize("payload", ["", "e30", "eyJBdHRlc3RhdGlvblBvbGljeSI6IiJ9"])
async def test_every_form_of_an_empty_reset(client: SandboxClient, payload: str) -> None:
    body = f"eyJhbGciOiJub25lIn0.{payload}."

    assert (await client.data("POST", "plain", f"{SGX}:reset", body)).status_code == 200


async def test_a_reset_with_a_policy_changes_nothing(client: SandboxClient) -> None:
    jws = unsecured_policy(POLICY)
    await client.data("PUT", "plain", SGX, jws)

    refused = await client.data("POST", "plain", f"{SGX}:reset", jws)

    assert error_of(refused) == (400, "InvalidOperation")
    assert await stored(client, "plain") == jws


async def test_tpm_has_no_default(client: SandboxClient) -> None:
    assert await stored(client, "plain", "/policies/Tpm") == "eyJhbGciOiJub25lIn0.."


async def test_defaults_pass_the_sandboxs_own_checks(client: SandboxClient) -> None:
    for kind in AttestationType:
        text = read_policy(await stored(client, "plain", f"/policies/{kind}")).text
        if text:
            put = await client.data("PUT", "plain", f"/policies/{kind}", unsecured_policy(text))
            assert put.status_code == 200, kind


# --- answers can be verified ---------------------------------------------------------------------


async def test_results_verify_with_our_own_verifier(client: SandboxClient) -> None:
    uri = "https://plain.sandbox.invalid"
    keys = parse_key_set((await client.data("GET", "plain", "/certs", version=None)).content)
    jws = Administrator("root").policy()

    put = (await client.data("PUT", "plain", SGX, jws)).json()
    got = (await client.data("GET", "plain", SGX)).json()

    wire = Wire(keys, uri, NOW, anchors=(anchor_of(client.sandbox.core.state),))
    root = Administrator("root").certificate
    result = verify_policy_result(put["token"], wire, result="Updated", jws=jws, signer=root)
    answer = verify_policy_answer(got["token"], wire)
    assert (result.verdict, answer.verdict) == (Verdict.VALID, Verdict.VALID), result.checks


async def test_one_key_under_every_name(client: SandboxClient) -> None:
    documents = [
        (await client.data("GET", name, "/certs", version=None)).json()
        for name in ("plain", "plain", "isolated")
    ]

    kids = {document["keys"][0]["kid"] for document in documents}
    certificates = {document["keys"][0]["x5c"][0] for document in documents}
    assert (len(kids), len(certificates)) == (1, 3)


async def test_metadata_names_the_address_of_the_call(client: SandboxClient) -> None:
    path = "/.well-known/openid-configuration"

    metadata = (await client.data("GET", "isolated", path, version=None)).json()

    assert metadata["issuer"] == "https://isolated.sandbox.invalid"
    assert metadata["jwks_uri"] == "https://isolated.sandbox.invalid/certs"


async def test_the_pair_signs_with_its_own_key(client: SandboxClient) -> None:
    before = (await client.data("GET", "plain", "/certs")).json()["keys"][0]["kid"]
    await client.operate("PUT", "region", {"failedOver": True})

    after = (await client.data("GET", "plain", "/certs")).json()["keys"][0]["kid"]

    assert before != after
    assert (await client.data("GET", "plain", SGX)).status_code == 200


# --- trust models --------------------------------------------------------------------------------


async def test_a_shared_provider_reads_without_a_token_and_takes_nothing(
    client: SandboxClient,
) -> None:
    signed = await client.data("PUT", "sharedlocal", SGX, Administrator("root").policy())
    added = await client.data("POST", "sharedlocal", "/certificates:add", "x")
    client.attestation_token = ""
    read = await client.data("GET", "sharedlocal", SGX)
    certificates = await client.data("GET", "sharedlocal", "/certificates")
    anonymous = await client.data("PUT", "sharedlocal", SGX, unsecured_policy(POLICY))

    assert error_of(signed) == error_of(added) == (400, "InvalidOperation")
    assert read.status_code == 200
    assert claims_of(certificates.json())["x-ms-policy-certificates"] == {"keys": []}
    assert error_of(anonymous) == (401, "Unauthorized")


async def test_an_aad_provider_takes_any_signer_and_names_it(client: SandboxClient) -> None:
    stranger = Administrator("stranger", ca=False)

    put = claims_of((await client.data("PUT", "plain", SGX, stranger.policy())).json())

    signer = put["x-ms-policy-signer"]
    assert isinstance(signer, dict)
    assert sorted(signer) == ["alg", "kty", "use", "x5c"]


async def test_an_aad_provider_has_no_policy_certificates(client: SandboxClient) -> None:
    root = Administrator("root")

    listed = await client.data("GET", "plain", "/certificates")
    added = await client.data(
        "POST", "plain", "/certificates:add", root.certificate_request(root.certificate)
    )

    assert claims_of(listed.json())["x-ms-policy-certificates"] == {"keys": []}
    assert error_of(added) == (400, "InvalidOperation")


async def test_an_isolated_provider_refuses_what_is_unsigned(client: SandboxClient) -> None:
    before = await stored(client, "isolated")

    refused = [
        await client.data("PUT", "isolated", SGX, unsecured_policy(POLICY)),
        await client.data("POST", "isolated", f"{SGX}:reset", unsecured_reset()),
    ]

    assert [error_of(answer) for answer in refused] == [(400, "InvalidOperation")] * 2
    assert await stored(client, "isolated") == before


async def test_an_isolated_provider_takes_its_signer(client: SandboxClient) -> None:
    jws = Administrator("root").policy()

    put = await client.data("PUT", "isolated", SGX, jws)
    reset = await client.data("POST", "isolated", f"{SGX}:reset", Administrator("root").reset())

    assert (put.status_code, reset.status_code) == (200, 200)


async def test_a_stranger_is_not_found(client: SandboxClient) -> None:
    refused = await client.data("PUT", "isolated", SGX, Administrator("stranger").policy())

    assert error_of(refused) == (400, "InvalidParameter")
    assert "Msg:[Unable to find issuer certificate CN=stranger]" in message_of(refused)


async def test_a_name_alone_does_not_make_a_signer(client: SandboxClient) -> None:
    imposter = certificate(rsa_key("imposter key"), "root", ca=True)
    stranger = Administrator("imposter key")

    refused = await client.data("PUT", "isolated", SGX, stranger.policy(chain=(imposter,)))

    assert error_of(refused) == (400, "InvalidParameter")


async def test_a_chain_leads_to_the_trusted_root(client: SandboxClient) -> None:
    root = Administrator("root")
    middle = Administrator("middle", issuer=root)
    leaf = Administrator("leaf", ca=False, issuer=middle)

    whole = await client.data("PUT", "isolated", SGX, leaf.policy())
    without_root = await client.data("PUT", "isolated", SGX, leaf.policy(chain=leaf.chain[:2]))
    without_middle = await client.data("PUT", "isolated", SGX, leaf.policy(chain=leaf.chain[:1]))

    assert (whole.status_code, without_root.status_code) == (200, 200)
    assert error_of(without_middle) == (400, "InvalidParameter")


@pytest.mark.parametrize("sent", [3, 2])
async def test_a_leaf_does_not_issue(client: SandboxClient, sent: int) -> None:
    middle = Administrator("no ca", ca=False, issuer=Administrator("root"))
    leaf = Administrator("leaf", ca=False, issuer=middle)

    refused = await client.data("PUT", "isolated", SGX, leaf.policy(chain=leaf.chain[:sent]))

    assert error_of(refused) == (400, "InvalidParameter")


async def test_a_trusted_certificate_that_is_no_ca_signs_nothing(client: SandboxClient) -> None:
    plain = Administrator("no ca", ca=False)
    await client.create("strict", plain.certificate)

    refused = await client.data("PUT", "strict", SGX, plain.policy())

    assert "Unable to find issuer certificate CN=no ca" in message_of(refused)


@pytest.mark.parametrize("provider", ["plain", "isolated"])
async def test_a_changed_policy_is_not_the_signed_one(client: SandboxClient, provider: str) -> None:
    header, _, signature = Administrator("root").policy().split(".")
    other = unsecured_policy("version= 1.0;authorizationrules{=> deny();};").split(".")[1]

    refused = await client.data("PUT", provider, SGX, f"{header}.{other}.{signature}")

    assert error_of(refused) == (400, "InvalidOperation")


async def test_a_signature_under_alg_none_is_refused(client: SandboxClient) -> None:
    refused = await client.data("PUT", "plain", SGX, f"{unsecured_policy(POLICY)}c2ln")

    assert error_of(refused) == (400, "InvalidOperation")


@pytest.mark.parametrize(("version", "status"), [("2020-10-01", 200), ("2026-03-11-preview", 204)])
async def test_the_service_is_healthy(client: SandboxClient, version: str, status: int) -> None:
    answer = await client.data("GET", "plain", "/servicehealth", version=version)

    assert (answer.status_code, answer.content) == (status, b"")


async def test_who_may_ask_comes_before_what_there_is(client: SandboxClient) -> None:
    client.attestation_token = ""

    refused = await client.data("GET", "plain", "/policies/Nothing")

    assert error_of(refused) == (401, "Unauthorized")


@pytest.mark.parametrize(("path", "allowed"), [(SGX, "GET, PUT"), ("/attest/SgxEnclave", "POST")])
async def test_a_refused_method_names_each_other_once(
    client: SandboxClient, path: str, allowed: str
) -> None:
    refused = await client.data("DELETE", "plain", path)

    assert (refused.status_code, refused.headers["allow"]) == (405, allowed)


# --- signers with a key of an elliptic curve -----------------------------------------------------


def by_curve(algorithm: str, payload: str) -> tuple[str, bytes]:
    """A policy JWS signed on P-256 as one SDK does, or as RFC 7518 says; the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    der = certificate(key, "Curve", ca=True)
    header = b64url_encode(json.dumps({"alg": algorithm, "jwk": {"x5c": [b64(der)]}}).encode())
    signature = key.sign(f"{header}.{payload}".encode(), ec.ECDSA(SHA256()))
    if algorithm == "ES256":
        signature = b"".join(part.to_bytes(32) for part in decode_dss_signature(signature))
    return f"{header}.{payload}.{b64url_encode(signature)}", der


@pytest.mark.parametrize("algorithm", ["ECDH256", "ES256"])
async def test_any_key_signs_where_nobody_is_trusted(client: SandboxClient, algorithm: str) -> None:
    jws, der = by_curve(algorithm, unsecured_policy(POLICY).split(".")[1])

    put = await client.data("PUT", "plain", SGX, jws)

    assert claims_of(put.json())["x-ms-policy-signer"] == {
        "alg": "ES256",
        "kty": "EC",
        "use": "sig",
        "x5c": [b64(der)],
    }
    assert await stored(client, "plain") == jws


@pytest.mark.parametrize("algorithm", ["ECDH256", "ES256"])
async def test_a_curve_signs_nothing_else(client: SandboxClient, algorithm: str) -> None:
    payload = unsecured_policy(POLICY).split(".")[1]
    jws, _ = by_curve(algorithm, payload)
    signature = by_curve(algorithm, payload)[0].rpartition(".")[2]

    foreign = await client.data("PUT", "plain", SGX, f"{jws.rpartition('.')[0]}.{signature}")
    isolated = await client.data("PUT", "isolated", SGX, jws)

    assert error_of(foreign) == error_of(isolated) == (400, "InvalidOperation")
