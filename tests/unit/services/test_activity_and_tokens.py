"""The log can be filtered and taken away; tokens are judged by the provider's own keys."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.issuing import Issuer
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import KeyMaterialError, StorageError, TokenError, UsageError
from sealwright.secret import Secret
from sealwright.services.activity import ActivityFilter
from sealwright.services.model import LogForm, NewActivity
from sealwright.services.ports import NewKey
from sealwright.services.tokens.key_source import KeyOrigin, KeySource
from sealwright.services.tokens.tokens import Terms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SGX = AttestationType.SGX_ENCLAVE


def asked(provider: str) -> KeySource:
    return KeySource(KeyOrigin.PROVIDER, provider)


def in_world(scene: Callable[[World], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene(World())

    anyio.run(run)


async def fill(world: World, count: int = 3) -> None:
    for number in range(count):
        await world.log.append(
            NewActivity(
                who="tester",
                where="open" if number % 2 else "isolated",
                what=f"set policy {number}",
                result="proven" if number % 2 else "refused",
                detail="=HYPERLINK(1) <b>&",
            )
        )
        world.clock.advance(hours=1)


def test_rows_are_filtered_over_all_pages() -> None:
    async def scene(world: World) -> None:
        await fill(world, 2500)
        service = world.services().activity
        found = await service.list(ActivityFilter(text="POLICY 7"), limit=5000)
        assert {row.what for row in found} >= {
            "set policy 7",
            "set policy 77",
            "set policy 2"[:-1] + "7",
        }
        assert len(await service.list(ActivityFilter(results=frozenset({"proven"})))) == 1000
        assert len(await service.list(ActivityFilter(where="open"), limit=9999)) == 1250
        page = await service.list(limit=10)
        following = await service.list(limit=10, before=page[-1].seq)
        assert [row.seq for row in (*page, *following)] == list(range(2500, 2480, -1))
        since = world.log.rows[-2].time
        assert len(await service.list(ActivityFilter(since=since))) == 2
        assert len(await service.list(ActivityFilter(until=world.log.rows[1].time))) == 2

    in_world(scene)


def test_export_holds_every_row_oldest_first_and_runs_nothing() -> None:
    async def scene(world: World) -> None:
        await fill(world)
        service = world.services().activity
        rows = list(csv.reader(io.StringIO((await service.export(LogForm.CSV)).decode())))
        assert rows[0][:3] == ["seq", "time", "who"]
        assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
        assert all(row[9].startswith("'=") for row in rows[1:])
        document = json.loads(await service.export(LogForm.JSON))
        assert document["chain"] == {"holds": True, "rows": 3, "firstBroken": None}
        assert document["items"][0]["time"].endswith("Z")
        page = (await service.export(LogForm.HTML)).decode()
        assert "<b>&" not in page
        assert "&lt;b&gt;&amp;" in page

    in_world(scene)


def test_changed_row_breaks_the_chain() -> None:
    async def scene(world: World) -> None:
        await fill(world)
        service = world.services().activity
        assert (await service.verify()).holds
        object.__setattr__(world.log.rows[1], "result", "proven, really")
        state = await service.verify()
        assert (state.holds, state.first_broken) == (False, 2)
        assert b"broken at row 2" in await service.export(LogForm.HTML)

    in_world(scene)


def test_work_on_keys_is_logged_and_so_is_what_failed() -> None:
    async def scene(world: World) -> None:
        keys = world.services().keys
        await keys.generate(NewKey("mine"))
        await keys.rename("mine", "ours")
        await keys.export_key("ours", form="pkcs8", passphrase=Secret("pass phrase"))
        await keys.delete("ours")
        with pytest.raises(KeyMaterialError):
            await keys.import_key("bad", b"garbage")
        world.vault.broken = StorageError("The keyring is locked.")
        with pytest.raises(StorageError):
            await keys.generate(NewKey("other"))
        found = [(row.what, row.result) for row in world.log.rows]
        assert found == [
            ("Generate key mine", "done"),
            ("Rename key mine", "done"),
            ("Export key ours", "done"),
            ("Delete key ours", "done"),
            ("Import key bad", "failed"),
            ("Generate key other", "failed"),
        ]
        assert not any("pass phrase" in repr(row) for row in world.log.rows)

    in_world(scene)


def test_token_is_checked_with_the_keys_of_the_provider_that_is_named() -> None:
    async def scene(world: World) -> None:
        tokens = world.services().tokens
        token = (await world.open.get_policy(SGX)).token
        assert (await tokens.verify(f'{{"token": "{token}"}}', asked("open"))).valid
        other = await tokens.verify(token, asked("isolated"))
        assert not other.valid
        forged = Issuer(world.open.attest_uri, "stranger").token()
        assert not (await tokens.verify(forged, asked(world.open.attest_uri))).valid
        with pytest.raises(TokenError):
            await tokens.verify("no token", asked("open"))
        with pytest.raises(UsageError):
            await tokens.verify(token, asked("nobody"))

    in_world(scene)


def test_token_with_a_given_key_document() -> None:
    async def scene(world: World) -> None:
        tokens = world.services().tokens
        token = (await world.open.get_policy(SGX)).token
        keys = (await world.open.signing_keys("")).raw
        uri = world.open.attest_uri
        given = KeySource(KeyOrigin.DOCUMENT, uri, keys)
        assert (await tokens.verify(token, given)).valid
        assert not (await tokens.verify(token, replace(given, provider=""))).valid
        late = world.clock.now().replace(year=2030)
        assert not (await tokens.verify(token, given, Terms(at=late))).valid

    in_world(scene)


def test_samples_are_real_answers_and_results_come_before_them() -> None:
    async def scene(world: World) -> None:
        services = world.services()
        samples = await services.tokens.recent()
        assert {sample.provider_id for sample in samples} == {
            each.provider.id for each in (world.open, world.isolated, world.shared)
        }
        assert samples[0].provider_id == world.isolated.provider.id
        for sample in samples:
            assert (await services.tokens.verify(sample.token, asked(sample.provider_id))).valid
        review = await services.policies.review(
            b"version= 1.0;\nauthorizationrules{=> permit();};", world.open.provider.id, SGX
        )
        outcome = await (await services.policies.start(review, None)).run()
        newest = (await services.tokens.recent())[0]
        assert newest.token == outcome.result_token
        matches = await services.tokens.policy_matches(outcome.policy_hash)
        assert [match.provider for match in matches] == [world.open.provider] * 2
        assert await services.tokens.provider_of(world.open.attest_uri + "/") is not None

    in_world(scene)


def test_of_policies_with_one_text_that_of_the_tokens_type_comes_first() -> None:
    kinds = {"sevsnpvm": AttestationType.SEV_SNP_VM, "tdxvm": AttestationType.TDX_VM}

    async def scene(world: World) -> None:
        services, text = world.services(), b"version= 1.0;\nauthorizationrules{=> permit();};"
        for kind in kinds.values():
            review = await services.policies.review(text, world.open.provider.id, kind)
            outcome = await (await services.policies.start(review, None)).run()
        service = Issuer(world.open.attest_uri, "open")
        for name, kind in kinds.items():
            claims = {"x-ms-attestation-type": name, "x-ms-policy-hash": outcome.policy_hash}
            found = await services.tokens.examine(service.token(service.claims(**claims)))
            assert found.matches[0].provider == world.open.provider
            assert found.matches[0].entry.attestation_type is kind
            assert {match.entry.attestation_type for match in found.matches} == set(kinds.values())

    in_world(scene)


def test_first_start_makes_the_example_once_and_proves_it() -> None:
    async def scene(world: World) -> None:
        first = world.services().first_start
        made = await first.ensure()
        assert made.created
        assert made.providers == ("contoso-dev", "contoso-prod")
        assert {row.result for row in world.log.rows} <= {"proven", "done", "sent"}
        count = len(world.log.rows)
        assert not (await first.ensure()).created
        assert len(world.log.rows) == count

    in_world(scene)


def test_first_start_makes_the_example_again_in_an_emptied_sandbox() -> None:
    async def scene(world: World) -> None:
        first = world.services().first_start
        await first.ensure()
        world.cloud.start_over()
        again = await first.ensure()
        assert again.providers == ("contoso-dev", "contoso-prod")
        known = await world.services().providers.known()
        assert {each.subscription for each in known} == {world.cloud.subscription}

    in_world(scene)


def test_first_start_without_a_secret_store_goes_on_later() -> None:
    async def scene(world: World) -> None:
        first = world.services().first_start
        world.vault.broken = StorageError("No keyring answers.", hint="Choose a vault file.")
        made = await first.ensure()
        assert made.providers == ("contoso-dev",)
        assert "No keyring answers. Choose a vault file." in made.notes[0]
        assert not any("key" in row.what for row in world.log.rows)
        world.vault.broken = None
        made = await first.ensure()
        assert made.key == "contoso-policy-signer"
        names = {each.name for each in await world.services().providers.known()}
        assert names >= {"contoso-dev", "contoso-prod"}

    in_world(scene)


def test_first_run_card_remembers_its_steps() -> None:
    async def scene(world: World) -> None:
        first = world.services().first_start
        assert not (await first.card()).uploaded
        await first.mark("look")
        card = await first.mark("upload")
        assert (card.looked_at_policy, card.uploaded, card.checked_token) == (True, True, False)
        assert await world.services().first_start.card() == card
        with pytest.raises(UsageError):
            await first.mark("nothing")

    in_world(scene)


def test_a_beginning_is_listed_only_where_its_end_is_not_known() -> None:
    async def scene(world: World) -> None:
        upload = NewActivity("me", "open", "Policy Tpm upload", "sent")
        for entry in (upload, replace(upload, result="proven"), upload, upload):
            await world.log.append(entry)
        await world.log.append(replace(upload, result="failed"))
        service = world.services().activity

        assert [row.seq for row in await service.list()] == [5, 3, 2]
        assert [row.seq for row in await service.list(limit=2)] == [5, 3]
        # The end of the newest row of a page may stand on the page before.
        assert [row.seq for row in await service.list(before=5)] == [3, 2]
        exported = json.loads(await service.export(LogForm.JSON))
        assert len(exported["items"]) == 5

    in_world(scene)
