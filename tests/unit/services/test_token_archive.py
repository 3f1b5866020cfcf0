"""Keys by time, rules by name, recent tokens, batches and reports."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.issuing import Issuer
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import TokenError, UnreachableError, UsageError
from sealwright.services.tokens.batch import BatchRow, BatchTerms, BatchToken
from sealwright.services.tokens.key_source import KeyOrigin, KeySource
from sealwright.services.tokens.recent import RecentToken
from sealwright.services.tokens.report import batch_csv, batch_json, report_html, report_json
from sealwright.services.tokens.tokens import Terms
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.verification.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SGX = AttestationType.SGX_ENCLAVE


def in_world(scene: Callable[[World], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene(World())

    anyio.run(run)


def test_what_was_fetched_once_checks_tokens_offline_and_at_their_own_time() -> None:
    async def scene(world: World) -> None:
        tokens = world.services().tokens
        token = (await world.open.get_policy(SGX)).token
        unknown = await tokens.examine(token)
        assert unknown.report.verdict is Verdict.UNTRUSTED
        assert unknown.keys.keys.entries == ()
        assert world.open.calls.count("signing_keys") == 0
        asked = await tokens.examine(token, KeySource(KeyOrigin.PROVIDER, "open"))
        assert asked.report.verdict is Verdict.VALID
        issued = world.clock.now()
        offline = await tokens.examine(token)
        assert offline.report.verdict is Verdict.VALID
        assert "saved" in offline.keys.words
        world.clock.advance(days=400)
        assert (await tokens.examine(token)).report.verdict is Verdict.EXPIRED
        world.open.faults.fail_before("signing_keys", UnreachableError("The provider is away."))
        provider = KeySource(KeyOrigin.PROVIDER, "open")
        then = await tokens.examine(token, provider, Terms(at=issued + timedelta(minutes=1)))
        assert then.report.verdict is Verdict.VALID

    in_world(scene)


def test_nothing_is_fetched_from_where_a_token_points_to() -> None:
    async def scene(world: World) -> None:
        tokens = world.services().tokens
        now = int(world.clock.now().timestamp())
        issuer = Issuer("https://stranger.invalid", "stranger")
        stranger = issuer.token(issuer.claims(iat=now, nbf=now, exp=now + 60))
        found = await tokens.examine(stranger)
        assert found.keys.keys.entries == ()
        assert found.report.signed_by is None
        assert not await tokens.can_fetch("https://stranger.invalid")
        assert await tokens.can_fetch(world.open.attest_uri)
        with pytest.raises(UsageError):
            await tokens.examine(
                stranger, KeySource(KeyOrigin.PROVIDER, "https://stranger.invalid")
            )
        own = await tokens.examine(stranger, KeySource(KeyOrigin.TOKEN))
        assert not own.report.valid

    in_world(scene)


def test_a_broken_token_is_examined_and_what_is_none_is_refused() -> None:
    async def scene(world: World) -> None:
        tokens = world.services().tokens
        found = await tokens.examine("eyJhbGciOiJSUzI1NiJ9.e30")
        assert found.inspection is None
        assert found.chain.stops[0].reason
        with pytest.raises(TokenError):
            await tokens.examine("hello")

    in_world(scene)


def test_rules_are_kept_by_name_and_refused_when_they_are_none() -> None:
    async def scene(world: World) -> None:
        book = world.services().tokens.rules
        await book.save(" payments ", '{"allowDebug": false}')
        assert [each.name for each in await book.all()] == ["payments"]
        for name, text in (("", "{}"), ("x", "no"), ("x", '{"color": 1}')):
            with pytest.raises(UsageError):
                await book.save(name, text)
        world.settings.kept["tokens.rules"] = json.dumps({"old": '{"gone": 1}', "b": "{}"})
        assert [each.name for each in await book.all()] == ["b"]
        await book.remove("b")
        await book.remove("b")
        assert await book.all() == ()
        world.settings.kept["tokens.rules"] = "damaged"
        assert await book.all() == ()

    in_world(scene)


def test_recent_tokens_are_kept_only_on_request_and_never_in_plain_text() -> None:
    async def scene(world: World) -> None:
        recent = world.services().tokens.recent_tokens
        await recent.add(RecentToken("a", "eyJ.a.b"))
        assert await recent.all() == ()
        assert "tokens.recent" not in world.settings.kept
        await recent.keep(on=True)
        await recent.add(RecentToken("a", "eyJ.a.b"))
        await recent.add(RecentToken("b", "eyJ.c.d"))
        await recent.add(RecentToken("a again", "eyJ.a.b"))
        await recent.add(RecentToken("long", "e" * 70_000))
        assert [each.title for each in await recent.all()] == ["a again", "b"]
        assert "eyJ" not in world.settings.kept["tokens.recent"]
        world.sealer.lost = True
        assert await recent.all() == ()
        world.sealer.lost = False
        await recent.keep(on=False)
        assert "tokens.recent" not in world.settings.kept
        assert world.sealer.lost
        assert await recent.all() == ()

    in_world(scene)


def test_a_batch_judges_each_token_as_one_alone_would_be() -> None:
    async def scene(world: World) -> None:
        tokens = world.services().tokens
        await tokens.samples()
        good = [(await each.get_policy(SGX)).token for each in (world.open, world.isolated)]
        now = int(world.clock.now().timestamp())
        stranger = Issuer(world.open.attest_uri, "stranger")
        forged = stranger.token(stranger.claims(iat=now, nbf=now, exp=now + 60))
        listed = [*good, forged, f"Bearer {good[0]}", "hello", good[0][:-8] + "AAAAAAAA"] * 20
        batch = [BatchToken(f"t{number}", text) for number, text in enumerate(listed)]
        rows: list[BatchRow] = []
        terms = BatchTerms(world.clock.now())
        valid = await tokens.batch(batch, KeySource(), terms, rows.extend)
        assert valid == 60
        by_number = {row.number: row for row in rows}
        assert len(by_number) == len(batch)
        assert [by_number[at].verdict for at in range(6)] == [
            "valid",
            "valid",
            "untrusted",
            "valid",
            "unreadable",
            "invalid",
        ]
        assert by_number[5].check == "signature.value"
        assert by_number[7].name == "t7"
        alone: list[BatchRow] = []
        await tokens.batch(batch[:1], KeySource(KeyOrigin.TOKEN), terms, alone.extend)
        assert (alone[0].verdict, alone[0].check) == ("untrusted", "signature")
        assert alone[0].detail == "no key to check it with"
        strict = BatchTerms(world.clock.now(), '{"requireEvidence": true}')
        assert await tokens.batch(batch[:2], KeySource(), strict, lambda _: None) == 0
        table = batch_csv(rows).decode()
        assert table.splitlines()[1].startswith("0,t0,valid")
        assert len(json.loads(batch_json(rows))["items"]) == len(batch)
        assert "eyJ" not in table

    in_world(scene)


def test_in_a_batch_what_only_its_key_opens_is_called_sealed() -> None:
    async def scene(world: World) -> None:
        names = ("Jwt", "AuthenticationData", "EncryptedInnerKey")
        body = dict.fromkeys(names, "AAAA") | {"EncryptionParams": {"Iv": "AAAA"}}
        sealed = b64url_encode(json.dumps(body).encode())
        texts = (json.dumps({"token": sealed}), sealed, "eyJhbGciOiJkaXIifQ..a.b.c", "a.b.c.d")
        batch = [BatchToken(str(at), text) for at, text in enumerate(texts)]
        rows: list[BatchRow] = []
        terms = BatchTerms(world.clock.now())
        assert await world.services().tokens.batch(batch, KeySource(), terms, rows.extend) == 0
        rows.sort(key=lambda row: row.number)
        verdicts = [row.verdict for row in rows]
        assert verdicts == ["sealed", "sealed", "sealed", "unreadable"]
        assert "give the key" in rows[0].detail
        assert "(JWE)" in rows[2].detail
        assert "this has 4" in rows[3].detail

    in_world(scene)


def test_a_table_for_a_spreadsheet_runs_no_formula() -> None:
    row = BatchRow(0, "=HYPERLINK(1)", "invalid", detail="@x")
    assert b"'=HYPERLINK" in batch_csv([row])


def test_a_report_leaves_out_what_names_a_request_or_machine() -> None:
    async def scene(world: World) -> None:
        tokens = world.services().tokens
        service = Issuer(world.open.attest_uri, "open")
        now = int(world.clock.now().timestamp())
        token = service.token(
            service.claims(
                iat=now,
                nbf=now,
                exp=now + 60,
                nonce="secret-nonce",
                color="<b>blue</b>\u202egnp",
                **{"x-ms-attestation-type": "sgx", "x-ms-ver": "1.0"},
                **{"x-ms-runtime": {"keys": ["secret-key"]}},
            )
        )
        found = await tokens.examine(token, KeySource(KeyOrigin.PROVIDER, "open"))
        whole = report_html(found, "<ticket>", redact=False).decode()
        assert "secret-nonce" in whole
        assert token in whole
        assert "<b>blue" not in whole
        assert "\u202e" not in whole
        assert (
            f"{now + 60} ({world.clock.now() + timedelta(seconds=60):%Y-%m-%d %H:%M:%S} UTC)"
            in whole
        )
        assert "&lt;ticket&gt;" in whole
        assert "http-equiv" not in whole
        assert "<script" not in whole
        less = report_html(found, "t", redact=True).decode()
        assert "secret" not in less
        assert token.split(".")[2] not in less
        assert "blue" in less
        document = json.loads(report_json(found, redact=True))
        assert document["valid"] is True
        assert document["claims"]["nonce"] == "(redacted)"
        assert json.loads(report_json(found, redact=False))["claims"]["nonce"] == "secret-nonce"

    in_world(scene)


def test_of_another_services_token_a_report_keeps_what_names_nobody() -> None:
    async def scene(world: World) -> None:
        service = Issuer("https://login.example", "stranger")
        token = service.token(service.claims(upn="mira@contoso.example", oid="4711"))
        found = await world.services().tokens.examine(token)
        claims = json.loads(report_json(found, redact=True))["claims"]
        assert claims["iss"] == "https://login.example"
        assert (claims["upn"], claims["oid"]) == ("(redacted)", "(redacted)")
        assert "mira" not in report_html(found, "t", redact=True).decode()

    in_world(scene)
