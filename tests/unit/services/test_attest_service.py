"""The attest service over a sandbox: the way from evidence to a verified token, and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from helpers.attesting import Attesting, attesting, quote_of
from helpers.tpm_client import SoftTpm
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import RejectedError, UsageError
from sealwright.evidence.examination import Kind
from sealwright.services.attestation.flow import FlowStep, FlowStepId
from sealwright.services.attestation.reason import Guilty, reason_of
from sealwright.services.attestation.request import AttachedData, AttestRequest, DataType
from sealwright.services.changes.steps import StepStatus
from sealwright.services.evidence.evidence import claims_from
from sealwright.services.evidence.request import Order
from sealwright.services.evidence.request import request_of as request_from
from sealwright.services.exchanges import read_exchange
from sealwright.services.first_start.example_attestations import ExampleAttestations
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

SGX = AttestationType.SGX_ENCLAVE
RUNTIME = b'{"jwk":{"kty":"EC"}}'
DENY = 'version= 1.0;authorizationrules{[type=="x-ms-sgx-svn", value<3] => deny(); => permit();};'


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Attesting]:
    async with attesting(tmp_path) as it:
        yield it


def request_of(scene: Attesting, **changes: object) -> AttestRequest:
    values: dict[str, object] = {
        "provider": scene.provider,
        "attestation_type": SGX,
        "evidence": quote_of(scene.client, RUNTIME),
        "runtime_data": AttachedData.guessed(RUNTIME),
        "nonce": "17",
    }
    return AttestRequest(**(values | changes))  # type: ignore[arg-type] # a test names the members


async def test_evidence_becomes_a_verified_token_step_by_step(scene: Attesting) -> None:
    told: list[FlowStep] = []

    found = await scene.services.attest.attest(request_of(scene), told.append)

    assert found.error is None
    assert found.report is not None
    assert found.report.valid, found.report.failures
    assert found.secured
    assert found.claims["x-ms-runtime"] == json.loads(RUNTIME)
    assert [step.status for step in found.steps] == [StepStatus.DONE] * 6
    assert [step.id for step in told][:2] == [FlowStepId.EVIDENCE, FlowStepId.REQUEST]
    assert found.policy is not None
    assert found.policy.confirmed is True
    assert "x-ms-sgx-svn" in {claim.type for claim in found.incoming}
    assert {claim.type for claim in found.outgoing} >= {"tee", "svn"}
    assert found.run is not None
    assert found.run.decision == "permit"
    assert scene.world.shelf.all()[0].token == found.token
    assert scene.world.log.rows == []


async def test_a_saved_exchange_is_read_again_and_replayed(scene: Attesting) -> None:
    first = await scene.services.attest.attest(request_of(scene))
    saved = first.exchange.to_json()

    again = await scene.services.attest.replay(read_exchange(saved), scene.provider)

    moving = {"exp", "iat", "nbf", "jti"}
    assert b"Bearer" not in saved
    assert json.loads(saved)["status"] == 200
    assert again.request.runtime_data == AttachedData(RUNTIME, DataType.JSON)
    assert {name: value for name, value in again.claims.items() if name not in moving} == {
        name: value for name, value in first.claims.items() if name not in moving
    }


async def test_a_draft_is_shown_as_unsecured_and_not_as_a_failure(scene: Attesting) -> None:
    draft = "version= 1.0;authorizationrules{=> permit();};"

    found = await scene.services.attest.attest(request_of(scene, draft_policy=draft))

    assert not found.secured
    assert found.report is not None
    assert not found.report.valid
    assert found.steps[-1].status is StepStatus.DONE
    assert found.policy is not None
    assert (found.policy.draft, found.policy.confirmed) == (True, True)


async def test_a_denial_says_which_rule_and_goes_into_the_log(scene: Attesting) -> None:
    found = await scene.services.attest.attest(request_of(scene, draft_policy=DENY))

    assert isinstance(found.error, RejectedError)
    assert found.error.service_code == "PolicyEvaluationError"
    assert [step.id for step in found.steps if step.error] == [FlowStepId.POLICY]
    assert found.run is not None
    assert "deny()" in found.run.reason
    assert (found.token, found.claims) == ("", {})
    assert [entry.result for entry in scene.world.log.rows] == ["refused"]
    assert scene.world.shelf.all() == ()
    with pytest.raises(RejectedError):
        found.require()


async def test_broken_evidence_fails_at_its_own_step(scene: Attesting) -> None:
    quote = bytearray(quote_of(scene.client, RUNTIME))
    quote[48 + 128] ^= 1

    found = await scene.services.attest.attest(request_of(scene, evidence=bytes(quote)))

    assert [step.id for step in found.steps if step.error] == [FlowStepId.EVIDENCE]
    assert found.steps[-1].status is StepStatus.SKIPPED
    assert found.error is not None
    assert "evidence verify" in found.error.hint
    assert found.exchange.messages[0].status == 400


async def test_a_tpm_answers_the_challenge(scene: Attesting) -> None:
    policy = (
        'version=1.2;configurationrules{=> issueproperty(type="require_valid_aik_cert", '
        "value=false);};authorizationrules{=> permit();};"
    )
    await scene.client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(policy))
    request = AttestRequest("plain", AttestationType.TPM, tpm=SoftTpm())

    found = await scene.services.attest.attest(request)

    assert found.error is None
    assert found.secured
    assert found.claims["rp_data"] == "cnAtZGF0YQ"
    incoming = {claim.type: claim.value for claim in found.incoming}
    assert (incoming["secureBootEnabled"], incoming["aikValidated"]) == (True, False)
    assert found.run is not None
    assert found.run.decision == "permit"
    assert [message.status for message in found.exchange.messages] == [200, 200]
    assert len(json.loads(found.exchange.to_json())["messages"]) == 2
    assert read_exchange(found.exchange.to_json()).messages[1].request_id


async def test_a_tpm_without_a_policy_is_refused_at_the_policy(scene: Attesting) -> None:
    request = AttestRequest("plain", AttestationType.TPM, tpm=SoftTpm())

    found = await scene.services.attest.attest(request)

    assert found.error is not None
    assert "policy has not been set" in found.error.summary
    assert [step.id for step in found.steps if step.error] == [FlowStepId.POLICY]
    assert len(found.exchange.messages) == 1


async def test_one_message_of_the_protocol_can_be_sent_by_itself(scene: Attesting) -> None:
    await scene.client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(DENY))
    request = AttestRequest("plain", AttestationType.TPM, b'{"payload":{"type":"aikcert"}}')

    found = await scene.services.attest.attest(request)

    assert (found.error, found.token) == (None, "")
    assert json.loads(found.exchange.messages[0].response)["data"]


async def test_a_sealed_token_is_opened_by_who_has_the_key(scene: Attesting) -> None:
    made = await scene.services.evidence.make(Kind.AZURE_GUEST, {"isolation": "SevSnp"})
    request = AttestRequest(scene.provider, AttestationType.AZURE_GUEST, made.data)

    closed = await scene.services.attest.attest(request)
    opened = await scene.services.attest.attest(replace(request, guest_key=made.guest_key))
    foreign = await scene.services.attest.attest(replace(request, guest_key=b"x" * 16))

    assert (closed.sealed, closed.report, closed.error) == (True, None, None)
    assert (foreign.sealed, foreign.error) == (True, None)
    assert opened.report is not None
    assert opened.report.valid
    assert opened.claims["secureboot"] is True
    assert closed.examination is not None
    assert closed.examination.valid is True
    assert "secureboot" in {claim.type for claim in closed.incoming}


async def test_the_examples_tokens_are_real_ones(scene: Attesting) -> None:
    provider = await scene.services.providers.find("contoso-dev")
    example = ExampleAttestations(scene.services.attest, scene.services.evidence)

    notes = await example.make([provider])

    assert notes == ()
    titles = [sample.title for sample in scene.world.shelf.all()]
    assert titles == [
        "SgxEnclave attested by contoso-dev",
        "SevSnpVm attested by contoso-dev",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": b""},
        {"attestation_type": AttestationType.TDX_VM, "draft_policy": DENY},
        {"attestation_type": AttestationType.AZURE_GUEST},
        {"attestation_type": AttestationType.AI_HSM},
        {"attestation_type": AttestationType.SEV_SNP_VM},
        {"provider": "nobody"},
    ],
)
async def test_what_cannot_be_sent_is_said_before_anything_is_sent(
    scene: Attesting, changes: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        await scene.services.attest.attest(request_of(scene, **changes))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"messages": []}',
        b'{"method": "GET", "url": "https://x/attest/SgxEnclave"}',
        b'{"method": "POST", "url": "https://x/policies/SgxEnclave"}',
        b'{"method": "POST", "url": "https://x/attest/SgxEnclave", "request_body": "x"}',
    ],
)
async def test_a_file_that_is_no_attest_call_is_not_replayed(scene: Attesting, data: bytes) -> None:
    with pytest.raises(UsageError):
        await scene.services.attest.replay(read_exchange(data), scene.provider)


async def test_a_dry_run_on_evidence_has_the_claims_that_the_sandbox_derives(
    scene: Attesting,
) -> None:
    policy = (
        'version=1.2;authorizationrules{[type=="aikValidated", value==true] => permit();};'
        'issuancerules{c:[type=="events", issuer=="AttestationService"] => issue(type="measured",'
        ' value=JmesPath(c.value, "length(Events)"));};'
    )
    await scene.client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(policy))
    for kind in (Kind.TPM_QUOTE, Kind.VBS_REPORT):
        made = await scene.services.evidence.make(kind, {})
        request = AttestRequest("plain", AttestationType.TPM, tpm=made.tpm)
        found = await scene.services.attest.attest(request)
        assert found.error is None
        told = claims_from("evidence", await scene.services.evidence.examine(made))
        seen = {claim.type: claim.value for claim in told.claims}
        sent = {claim.type: claim.value for claim in found.incoming}
        # Only a request has a key of its own.
        assert set(sent) - set(seen) == {"x-ms-tpm-request-key"}
        assert {name: sent[name] for name in seen} == seen


async def test_open_enclave_evidence_is_read_as_the_sandbox_reads_it(scene: Attesting) -> None:
    made = await scene.services.evidence.make(Kind.OE_EVIDENCE, {})
    request = AttestRequest(scene.provider, AttestationType.OPEN_ENCLAVE, made.data)
    found = await scene.services.attest.attest(request)
    assert found.error is None
    assert found.examination is not None
    assert found.examination.kind is Kind.OE_EVIDENCE
    assert "x-ms-sgx-mrenclave" in {claim.type for claim in found.incoming}


async def test_a_type_without_a_policy_says_what_to_do(scene: Attesting) -> None:
    made = await scene.services.evidence.make(Kind.TPM_EVENTLOG, {})
    request = AttestRequest("plain", AttestationType.TPM, tpm=made.tpm)
    found = await scene.services.attest.attest(request)
    assert found.error is not None
    assert found.error.hint.endswith("Set one, then attest again.")


async def test_a_platform_that_is_too_old_is_named_with_its_rating(scene: Attesting) -> None:
    values = {"tcb_status": "OutOfDate", "advisories": "INTEL-SA-00001"}
    made = await scene.services.evidence.make(Kind.SGX_QUOTE, values)
    request = AttestRequest(
        scene.provider, AttestationType.SGX_ENCLAVE, made.data, collateral=made.collateral
    )
    found = await scene.services.attest.attest(request)
    reason = reason_of(found, found.examination)
    assert reason is not None
    assert (reason.guilty, reason.check) == (Guilty.EVIDENCE, "tcb")
    assert reason.sentence.endswith("Its vendor rates it OutOfDate: INTEL-SA-00001.")
    assert "firmware" in reason.hint


async def test_collateral_may_come_in_several_files(scene: Attesting) -> None:
    values = {"tcb_status": "SWHardeningNeeded"}
    made = await scene.services.evidence.make(Kind.TDX_QUOTE, values)
    whole: dict[str, object] = json.loads(made.collateral[0])
    about = [name for name in whole if "tcb" in name]
    parts = ({name: whole[name] for name in about}, {n: whole[n] for n in set(whole) - set(about)})
    beside = replace(made, collateral=tuple(json.dumps(part).encode() for part in parts))
    order = Order(scene.provider, AttestationType.TDX_VM)
    found = await scene.services.attest.attest(request_from(beside, order))
    assert found.error is None
    assert found.claims["attester_tcb_status"] == "SWHardeningNeeded"
    again = await scene.services.attest.replay(found.exchange, scene.provider)
    assert again.request.collateral == beside.collateral
    assert again.examination is not None
    assert again.examination.tcb_status == "SWHardeningNeeded"
