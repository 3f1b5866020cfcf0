"""Evidence whose first bytes are those of another kind, or of a kind that nobody can judge."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from helpers.issuing import certificate, rsa_key
from helpers.synthetic_evidence import failed, made, synthetic
from sealwright.evidence.examination import Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.guess import guess


def test_a_preview_report_is_not_taken_for_an_enclaves() -> None:
    report, given = synthetic(Kind.SNP_REPORT)
    preview = (1).to_bytes(4, "little") + (2).to_bytes(4, "little") + report[8:]
    assert guess(preview) is Kind.SNP_REPORT
    assert "signature" in failed(examine(preview, given))


def test_a_local_report_is_known_and_refused_for_what_it_is() -> None:
    report, given = synthetic(Kind.OE_REPORT)
    found = examine(report[:4] + b"\1\0\0\0" + report[8:], given)
    assert found.kind is Kind.OE_REPORT
    assert found.refusal is not None
    assert "local" in found.refusal.summary


def test_an_optional_member_may_be_null() -> None:
    data, given = synthetic(Kind.SNP_ACI)
    document = json.loads(data)
    found = examine(json.dumps({**document, "Endorsements": None}).encode(), given)
    assert found.kind is Kind.SNP_ACI
    assert (found.refusal, failed(found)) == (None, set())


def test_a_clouds_key_that_names_no_chip_is_no_mismatch() -> None:
    chip, cloud = (made(Kind.SNP_REPORT, signer=signer) for signer in ("vcek", "vlek"))
    assert chip.facts["chip_id_matches_certificate"] is True
    assert "chip_id_matches_certificate" not in cloud.facts
    assert (chip.valid, cloud.valid) == (True, True)


@pytest.mark.parametrize("payload", [{}, {"ClientPayload": None}])
def test_a_guest_may_send_no_payload(payload: dict[str, None]) -> None:
    data, given = synthetic(Kind.AZURE_GUEST)
    document = json.loads(data)
    del document["ClientPayload"]
    found = examine(json.dumps(document | payload).encode(), given)
    assert (found.refusal, found.valid) == (None, True)


def test_the_issuers_of_another_product_do_not_leave_the_chain_open() -> None:
    report, given = synthetic(Kind.SNP_REPORT)
    leaf = given.certificates[0]
    key = rsa_key()
    others = (
        certificate(key, "SEV-Other", issuer="ARK-Other", ca=True),
        certificate(key, "ARK-Other", ca=True),
    )
    alone = examine(report, replace(given, certificates=(leaf,)))
    found = examine(report, replace(given, certificates=(leaf, *others)))
    assert (alone.valid, found.valid) == (None, False)
    assert "chain.links" in failed(found)
    assert found.facts["chain_valid"] is False
