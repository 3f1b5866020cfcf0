"""Processes that die, meddle or talk: kill -9 in an upload, a provider deleted by another process.

Real homes, the real sandbox behind the real client; also what a whole main job leaves behind.
"""

from __future__ import annotations

import base64
import logging
import signal
import subprocess
import sys
import traceback
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from sealwright.claims.attestation_type import AttestationType
from sealwright.composition.logs import keep_log
from sealwright.composition.opening import services_of
from sealwright.errors import AppError, UnreachableError, UsageError
from sealwright.secret import Secret
from sealwright.services.activity import ActivityFilter
from sealwright.services.changes.steps import StepId
from sealwright.services.documents import document
from sealwright.services.model import LogForm
from sealwright.services.ports import NewKey, NewProvider
from sealwright.store.home import Home, find_home

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider

SGX = AttestationType.SGX_ENCLAVE
TEXT = "version=1.0;\nauthorizationrules{=>permit();};\nissuancerules{};\n"
WORDS = "correct horse battery staple"
"""A passphrase."""

_KILLED = """
import os, signal, sys
import anyio
from sealwright.claims.attestation_type import AttestationType
from sealwright.composition.opening import services_of
from sealwright.services.documents import document
from sealwright.store.home import find_home

home, text, moment, status = sys.argv[1:]

def on_step(step):
    if (step.id.value, step.status.value) == (moment, status):
        os.kill(os.getpid(), signal.SIGKILL)

async def scene():
    async with services_of(find_home(home)) as services:
        provider = await services.providers.find("mine")
        kind = AttestationType.SGX_ENCLAVE
        await services.documents.keep_draft(
            document(text.encode(), title="typed"), provider_id=provider.id, attestation_type=kind
        )
        review = await services.policies.review(text.encode(), provider.id, kind)
        await (await services.policies.start(review, None)).run(on_step)

anyio.run(scene)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return find_home(str(tmp_path / "home"))


@asynccontextmanager
async def opened(home: Home) -> AsyncIterator[Services]:
    async with services_of(home) as services:
        yield services


async def make_provider(services: Services, *certificates: bytes) -> Provider:
    subscriptions = await services.providers.subscriptions("Sandbox")
    new = NewProvider(
        subscription=subscriptions[0][0],
        resource_group="sandbox",
        name="mine",
        location="sandbox",
        signing_certificates=certificates,
    )
    return await services.providers.create("Sandbox", new)


MOMENTS = [
    (id_.value, status)
    for id_ in StepId
    for status in ("running", "done")
    if (id_, status) != (StepId.EQUAL, "done")
]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(("moment", "status"), MOMENTS)
def test_a_killed_upload_keeps_the_draft_and_is_safe_to_repeat(
    moment: str, status: str, home: Home
) -> None:
    async def before() -> None:
        async with opened(home) as services:
            await make_provider(services)

    async def after() -> None:
        async with opened(home) as services:
            provider = await services.providers.find("mine")
            drafts = await services.documents.drafts()
            assert [draft.data.decode() for draft in drafts] == [TEXT]
            assert drafts[0].provider_id == provider.id
            # Whatever became of it, it is told: the text there is the old one or the new one.
            review = await services.policies.review(drafts[0].data, provider.id, SGX)
            assert review.deployed_problem is None
            sent = moment != "sign" and (moment, status) != ("send", "running")
            assert review.unchanged == sent
            # A change that left has a row, though nobody was left to say how it ended.
            logged = [row.result for row in await services.activity.list() if "upload" in row.what]
            assert logged == (["sent"] if sent else [])
            outcome = await (await services.policies.start(review, None)).run()
            assert outcome.proven, outcome.failed
            assert (await services.policies.deployed(provider.id, SGX)).text == TEXT
            rows = await services.policies.history(provider.id, SGX)
            assert TEXT in {row.text for row in rows}
            assert (await services.activity.verify()).holds

    anyio.run(before)
    ran = subprocess.run(
        (sys.executable, "-c", _KILLED, str(home.root), TEXT, moment, status), check=False
    )
    assert ran.returncode == -signal.SIGKILL
    anyio.run(after)


@pytest.mark.parametrize("when", ["reviewed", "started"])
def test_a_provider_deleted_by_another_process_is_said_so_and_loses_nothing(
    when: str, home: Home
) -> None:
    async def scene() -> None:
        async with opened(home) as services:
            provider = await make_provider(services)
            policies = services.policies
            review = await policies.review(TEXT.encode(), provider.id, SGX)
            await services.documents.keep_draft(document(TEXT.encode()), provider_id=provider.id)
            run = await policies.start(review, None) if when == "started" else None
            async with opened(home) as other:
                await other.providers.delete(provider.id, typed_name="mine")
            if run is None:
                with pytest.raises(UsageError, match="`mine`") as refused:
                    await policies.start(review, None)
                error: AppError | None = refused.value
            else:
                outcome = await run.run()
                assert not outcome.proven
                error = outcome.failed.error if outcome.failed else None
            assert error is not None
            assert "mine" in error.summary
            assert "deleted" in error.summary + error.hint
            assert [held.data.decode() for held in await services.documents.drafts()] == [TEXT]

    anyio.run(scene)


def test_an_address_where_nothing_is_names_the_deleted_provider(home: Home) -> None:
    async def scene() -> None:
        async with opened(home) as services:
            with pytest.raises(UnreachableError, match=r"gone\.sandbox\.invalid") as caught:
                await services.providers.find("https://gone.sandbox.invalid")
            assert "cannot be reached" in caught.value.summary
            assert "deleted" in caught.value.hint

    anyio.run(scene)


def test_a_main_job_leaves_no_secret_in_home_log_or_errors(home: Home, tmp_path: Path) -> None:
    """The private key in any common form, and the passphrases, in every byte that is left."""
    keep_log(home)
    ours = logging.getLogger("sealwright")
    ours.setLevel(logging.DEBUG)
    # The libraries below us may talk too.
    root = logging.getLogger()
    handler = logging.FileHandler(tmp_path / "all.log", encoding="utf-8")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    exported: list[bytes] = []
    try:
        anyio.run(_main_job, home, exported)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
        for kept in list(ours.handlers):
            ours.removeHandler(kept)
            kept.close()
    fragments = _fragments(exported[0])
    fragments |= {"passphrase": WORDS.encode(), "file": b"export words"}
    left = [path for path in home.root.rglob("*") if path.is_file()] + [tmp_path / "all.log"]
    assert home.vault_file in left
    assert home.logs / "sealwright.log" in left
    for path in left:
        data = path.read_bytes()
        found = [name for name, part in fragments.items() if part in data]
        assert not found, (path, found)
    everything = exported[1]
    assert not [name for name, part in fragments.items() if part in everything]


async def _main_job(home: Home, exported: list[bytes]) -> None:
    log = logging.getLogger("sealwright.test")
    said: list[str] = []
    async with opened(home) as services:
        await services.keys.choose_vault("file", Secret(WORDS))
        key = await services.keys.generate(NewKey("mine", 2048))
        provider = await make_provider(services, key.certificate.der)
        second = await services.keys.generate(NewKey("second", 2048))
        signing = await services.signers.add(
            provider.id, second.certificate.der, signing_key="mine"
        )
        assert (await signing.run()).proven
        review = await services.policies.review(TEXT.encode(), provider.id, SGX)
        run = await services.policies.start(review, "mine")
        outcome = await run.run()
        assert outcome.proven
        said += [repr(run), repr(outcome), repr(review), repr(key), repr(services)]
        exported.append(
            await services.keys.export_key("mine", form="pkcs8", passphrase=Secret("export words"))
        )
        for wrong in (
            services.keys.choose_vault("file", Secret("wrong passphrase words")),
            services.keys.import_key(
                "again", exported[0], certificates=b"", passphrase=Secret("wrong words")
            ),
            services.keys.rename("nothing", "other"),
        ):
            try:
                await wrong
            except AppError as error:
                said.append(
                    "".join(traceback.format_exception(error)) + repr(error) + str(error.details)
                )
                log.exception("refused")
        for form in LogForm:
            said.append((await services.activity.export(form, ActivityFilter())).decode("utf-8"))
    exported.append("\n".join(said).encode())


def _fragments(pkcs8: bytes) -> dict[str, bytes]:
    """The private key as it might turn up: numbers, DER, PEM lines, hex, base64url."""
    load = load_pem_private_key if pkcs8.startswith(b"-----") else load_der_private_key
    key = load(pkcs8, b"export words")
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.private_numbers()
    found: dict[str, bytes] = {}
    for name, value in (("p", numbers.p), ("q", numbers.q), ("d", numbers.d)):
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")[8:40]
        found |= {
            f"{name} raw": raw,
            f"{name} hex": raw.hex().encode(),
            f"{name} decimal": str(value)[20:60].encode(),
        }
    forms = {"PKCS#8": PrivateFormat.PKCS8, "PKCS#1": PrivateFormat.TraditionalOpenSSL}
    for kind, form in forms.items():
        der = key.private_bytes(Encoding.DER, form, NoEncryption())
        for shift in range(3):
            text = base64.b64encode(der[300 + shift : 348 + shift])
            found[f"{kind} base64 {shift}"] = text
            found[f"{kind} base64url {shift}"] = text.translate(bytes.maketrans(b"+/", b"-_"))
        pem = key.private_bytes(Encoding.PEM, form, NoEncryption()).splitlines()
        found[f"{kind} PEM"] = pem[8]
    found["PEM head"] = b"-----BEGIN PRIVATE KEY"
    found["PEM head of RSA"] = b"-----BEGIN RSA PRIVATE KEY"
    return found
