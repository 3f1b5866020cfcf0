"""Tokens of other times and endpoints: the 2018 preview, sealed answers, lists, and comparisons."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from helpers.issuing import ISSUER, NOW, Issuer, rsa_key
from helpers.simulators import bundled
from sealwright.claims.catalogue import Catalogue
from sealwright.errors import TokenError, UsageError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.policy.digest import policy_hash
from sealwright.tokens.advice import ADVICE, advice_for
from sealwright.tokens.comparison import Difference, compare_claims
from sealwright.tokens.expectations import Expectations, parse_expectations
from sealwright.tokens.inspect import inspect
from sealwright.tokens.jose import b64url_encode, split
from sealwright.tokens.keyset import issued_kid
from sealwright.tokens.listing import tokens_in, tokens_in_file
from sealwright.tokens.sealed import sealed_answer, unseal
from sealwright.tokens.sections import policy_hash_of
from sealwright.tokens.spans import claim_spans
from sealwright.tokens.verification.case import NOTHING
from sealwright.tokens.verification.report import Report, Verdict
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from datetime import datetime

CATALOGUE = Catalogue.from_json(bundled("claims.json").decode())
SERVICE = Issuer()
TEXT = "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
INNER = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"


def check(
    claims: dict[str, Any],
    *,
    expect: Expectations = NOTHING,
    server_time: datetime | None = None,
) -> Report:
    return verify(
        SERVICE.token(claims),
        SERVICE.key_set(),
        issuer=ISSUER,
        now=NOW,
        catalogue=CATALOGUE,
        expect=expect,
        server_time=server_time,
    )


def preview(**members: object) -> dict[str, Any]:
    digest = hashlib.sha256(b64url_encode(TEXT.encode()).encode()).hexdigest()
    values: dict[str, Any] = {"maa-policyHash": digest, "tee": "sgx", "is-debuggable": False}
    return SERVICE.claims(**(values | members))


def test_a_token_of_the_preview_is_judged_by_its_own_rules() -> None:
    report = check(preview(), expect=Expectations(policy_hashes=frozenset({policy_hash(TEXT)})))
    assert report.verdict is Verdict.VALID, report.failures
    assert policy_hash_of(report.claims) == policy_hash(TEXT)
    assert inspect(SERVICE.token(preview())).kind == "maa-attestation"
    wrong = check(preview(**{"maa-policyHash": "z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU"}))
    assert "schema.policy-hash" in {item.id for item in wrong.failures}
    other = check(preview(), expect=Expectations(attestation_type="tpm"))
    assert "schema.type" in {item.id for item in other.failures}


def test_both_spellings_of_the_policy_hash_may_stand_in_one_token() -> None:
    both = preview() | {
        "x-ms-ver": "1.0",
        "x-ms-attestation-type": "sgx",
        "x-ms-policy-hash": policy_hash(TEXT),
    }
    assert check(both).verdict is Verdict.VALID
    both["x-ms-policy-hash"] = policy_hash("version=1.0;")
    assert "schema.names" in {item.id for item in check(both).failures}


@pytest.mark.parametrize(
    ("behind", "words"),
    [(timedelta(hours=3), "3 hours ahead"), (timedelta(days=-2), "2 days behind")],
)
def test_this_computers_clock_is_doubted_when_the_providers_differs(
    behind: timedelta, words: str
) -> None:
    report = check(SERVICE.claims(), server_time=NOW - behind)
    clock = report.check("times.clock")
    assert clock is not None
    assert clock.status is CheckStatus.WARN
    assert words in clock.detail
    agreed = check(SERVICE.claims(), server_time=NOW - timedelta(seconds=30)).check("times.clock")
    assert agreed is not None
    assert agreed.status is CheckStatus.PASS
    assert check(SERVICE.claims()).check("times.clock") is None


def test_rules_may_ask_for_more_of_the_signing_key() -> None:
    weak = Issuer(bits=1024, key="small")
    token, keys = weak.token(), weak.key_set()
    assert verify(token, keys, issuer=ISSUER, now=NOW).verdict is Verdict.VALID
    strict = parse_expectations(b'{"minimumKeyBits": 2048, "requireEvidence": true}')
    report = verify(token, keys, issuer=ISSUER, now=NOW, expect=strict)
    names = {item.id for item in report.failures}
    assert {"signature.strength", "key-attestation.evidence"} <= names
    for text in (
        '{"minimumKeyBits": true}',
        '{"enclaveSigners": ["ab"]}',
        '{"requireEvidence": 1}',
    ):
        with pytest.raises(UsageError):
            parse_expectations(text.encode())


def test_rules_that_name_another_issuer_are_not_met() -> None:
    expect = Expectations(issuer="https://other.eus.attest.azure.net")
    names = {item.id for item in check(SERVICE.claims(), expect=expect).failures}
    assert "issuer.expected" in names
    assert check(SERVICE.claims(), expect=Expectations(issuer=f"{ISSUER}/")).valid


def test_the_key_of_a_tpms_report_may_be_named_by_thumbprint() -> None:
    thumbprint = issued_kid(SERVICE.der)
    header = SERVICE.header(kid=..., x5t=thumbprint)
    claims = SERVICE.claims(**{"x-ms-attestation-type": "tpm", "x-ms-ver": "1.0"})
    token = SERVICE.token(claims, header)
    report = verify(token, SERVICE.key_set(kid=thumbprint), issuer=ISSUER, now=NOW)
    kid, signature = report.check("header.kid"), report.check("signature")
    assert kid is not None
    assert signature is not None
    assert (kid.status, signature.status) == (CheckStatus.PASS, CheckStatus.PASS)
    # No other kind of token may do without its key id.
    plain = verify(
        SERVICE.token(SERVICE.claims(), header),
        SERVICE.key_set(kid=thumbprint),
        issuer=ISSUER,
        now=NOW,
    )
    assert "header.kid" in {item.id for item in plain.failures}


@pytest.mark.parametrize(("minutes", "status"), [(525_600, "pass"), (525_601, "warn")])
def test_a_tpms_report_that_holds_longer_than_a_year_is_remarked_on(
    minutes: int, status: str
) -> None:
    times = {"exp": SERVICE.claims()["iat"] + 60 * minutes}
    report = check(SERVICE.claims(**{"x-ms-attestation-type": "vbs", "x-ms-ver": "1.0", **times}))
    lifetime = report.check("times.lifetime")
    assert lifetime is not None
    assert lifetime.status == CheckStatus(status)
    assert "times" not in {item.id.partition(".")[0] for item in report.failures}
    # Policies have no say in how long the others hold.
    assert check(SERVICE.claims(**times)).check("times.lifetime") is None


def sealed(secret: bytes, token: str = INNER) -> str:
    iv = bytes(12)
    whole = AESGCM(secret).encrypt(iv, token.encode(), b"Transport Key")
    inner = rsa_key("guest").public_key().encrypt(secret, padding.PKCS1v15())

    def b64(data: bytes) -> str:
        return base64.b64encode(data).decode()

    body = {
        "Jwt": b64(whole[:-16]),
        "EncryptedInnerKey": b64(inner),
        "EncryptionParams": {"Iv": b64(iv), "Cipher": "AES", "BlockMode": "ChainingModeGCM"},
        "AuthenticationData": b64(whole[-16:]),
    }
    return json.dumps({"token": b64url_encode(json.dumps(body).encode())})


def test_a_sealed_answer_opens_with_the_machines_key_or_the_inner_one() -> None:
    secret = bytes(range(200, 232))
    answer = sealed_answer(sealed(secret))
    assert answer is not None
    assert secret.hex() not in repr(answer)
    pem = rsa_key("guest").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    der = rsa_key("guest").private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for key in (pem, der, secret, secret.hex().encode(), base64.b64encode(secret) + b"\n"):
        assert unseal(answer, key) == INNER


def test_another_key_or_a_changed_answer_does_not_open() -> None:
    secret = os.urandom(32)
    answer = sealed_answer(sealed(secret))
    assert answer is not None
    stranger = rsa_key("stranger").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for key in (stranger, bytes(32).hex().encode(), b"no key", b""):
        with pytest.raises(TokenError) as caught:
            unseal(answer, key)
        assert caught.value.hint


def test_what_is_not_sealed_is_not_taken_for_it() -> None:
    answer = json.dumps({"token": INNER})
    for text in (INNER, "", "hello", answer, '{"token": "e30"}', "{}"):
        assert sealed_answer(text) is None


def test_lists_are_told_from_single_tokens() -> None:
    assert tokens_in(f"{INNER}\n\nBearer {INNER}\n# note\n") == (INNER, INNER)
    assert tokens_in(INNER) == (INNER,)
    closed = json.loads(sealed(bytes(32)))["token"]
    encrypted = "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d"
    assert tokens_in(f"{INNER}\n{closed}\n{encrypted}\n") == (INNER, closed, encrypted)
    # A token whose lines were wrapped is no list.
    assert tokens_in(f"{closed[:100]}\n{closed[100:]}") == (f"{closed[:100]}\n{closed[100:]}",)
    assert tokens_in(f"{INNER}\nhello") == (f"{INNER}\nhello",)
    assert tokens_in('{"token":\n"x"}') == ('{"token":\n"x"}',)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\u2028"])
def test_a_file_of_tokens_is_what_its_text_is(end: str) -> None:
    listed = f"{INNER}{end}Bearer {INNER}{end}"
    assert tokens_in_file(listed.encode()) == tokens_in(listed) == (INNER, INNER)
    wrapped = f"{INNER}{end}hällo"
    assert tokens_in_file(wrapped.encode()) == tokens_in(wrapped) == (wrapped,)
    assert tokens_in_file(b"%s\n\xff" % INNER.encode()) == (f"{INNER}\n\N{REPLACEMENT CHARACTER}",)


@given(st.dictionaries(st.text(min_size=1, max_size=6), st.integers() | st.text(max_size=9)))
def test_spans_hold_exactly_the_characters_of_their_claim(claims: dict[str, Any]) -> None:
    payload = json.dumps(claims, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return
    jws = split(f"e30.{b64url_encode(payload)}.")
    spans = claim_spans(jws)
    assert set(spans) == set(claims)
    for name, (start, end) in spans.items():
        # From whole groups of four characters, which may hold a little of the neighbours too.
        low, high = (start - 4) // 4 * 3, -(-(end - 4) // 4) * 3
        piece = payload[low:high]
        assert json.dumps(name, ensure_ascii=False).encode() in piece
        assert json.dumps(claims[name], ensure_ascii=False).encode() in piece
        assert len(piece) <= len(json.dumps({name: claims[name]}, ensure_ascii=False).encode()) + 4


def test_two_sets_of_claims_are_compared_value_by_value() -> None:
    left: dict[str, Any] = {"same": 1, "kind": True, "gone": "x", "in": {"a": [1, 2], "b": 3}}
    right: dict[str, Any] = {"same": 1, "kind": 1, "new": [], "in": {"a": [1, 3], "b": 3}}
    found = {claim.path: claim.difference for claim in compare_claims(left, right)}
    assert found == {
        "/same": Difference.EQUAL,
        "/kind": Difference.CHANGED,
        "/gone": Difference.LEFT,
        "/in/a/0": Difference.EQUAL,
        "/in/a/1": Difference.CHANGED,
        "/in/b": Difference.EQUAL,
        "/new": Difference.RIGHT,
    }


def test_every_check_that_can_fail_has_advice() -> None:
    assert advice_for("times.expiry") == ADVICE["times"]
    assert advice_for("relying-party.claim.x-ms-ver.v") == ADVICE["relying-party"]
    assert advice_for("nothing.known") == ""
    report = check(SERVICE.claims())
    assert all(advice_for(item.id) for item in report.checks)
