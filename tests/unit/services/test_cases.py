"""Saved cases: kept by name, run as tests, compared between texts, given away and taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
import yaml

from helpers.simulators import World
from sealwright.claims import SERVICE_ISSUER, AttestationType, Claim
from sealwright.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from sealwright.services.model import SavedCase

SGX, TPM = AttestationType.SGX_ENCLAVE, AttestationType.TPM
STRICT = (
    'version=1.0;\nauthorizationrules {\n    [type=="x-ms-sgx-svn", value>=7] => permit();\n};\n'
)
LAX = STRICT.replace(">=7", ">=1")


def svn(value: int) -> tuple[Claim, ...]:
    return (Claim("x-ms-sgx-svn", value, SERVICE_ISSUER),)


def test_a_case_is_kept_for_its_type_and_its_name_is_free_only_once() -> None:
    cases = World().services().cases

    async def scene() -> tuple[tuple[SavedCase, ...], tuple[SavedCase, ...]]:
        await cases.keep("  old   release ", svn(3), "deny", SGX)
        with pytest.raises(UsageError, match="There is a case `old release` already"):
            await cases.keep("Old release", svn(4), "deny", SGX)
        await cases.keep("old release", (), "deny", TPM)
        return await cases.cases(SGX), await cases.cases()

    of_sgx, every = anyio.run(scene)
    assert [case.name for case in of_sgx] == ["old release"]
    assert len(every) == 2


def test_cases_run_as_tests_and_a_failure_says_where_it_turned() -> None:
    cases = World().services().cases

    async def scene() -> None:
        await cases.keep("new", svn(9), "permit", SGX)
        await cases.keep("old", svn(3), "permit", SGX)
        report = await cases.run(STRICT, SGX)
        assert [(each.case.name, bool(each.failure)) for each in report.outcomes] == [
            ("new", False),
            ("old", True),
        ]
        assert report.failures == 1
        assert "line 3" in report.outcomes[1].turned_at
        broken = await cases.run("version=1.0;\nauthorizationrules {", SGX)
        assert broken.problem
        assert broken.outcomes == ()

    anyio.run(scene)


def test_a_review_learns_which_cases_change_their_outcome() -> None:
    cases = World().services().cases

    async def scene() -> None:
        await cases.keep("new", svn(9), "permit", SGX)
        await cases.keep("old", svn(3), "deny", SGX)
        report = await cases.compare(STRICT, LAX, SGX)
        assert report.tried == 2
        assert [tuple(each) for each in report.changes] == [("old", "deny", "permit")]

    anyio.run(scene)


def test_cases_go_out_as_a_test_file_and_come_back_the_same() -> None:
    first, second = World(), World()

    async def scene() -> None:
        kept = first.services().cases
        await kept.keep("plain", svn(9), "permit", SGX)
        own = (*svn(1), Claim("x-ms-sgx-svn", 2, "CustomClaim"))
        await kept.keep("two issuers", own, "deny", SGX)
        data = await kept.export("a.policy", SGX)
        parsed = yaml.safe_load(data)
        assert parsed["attestationType"] == "SgxEnclave"
        assert parsed["cases"][0]["claims"] == {"x-ms-sgx-svn": 9}
        taken = second.services().cases
        await taken.take_in(data)
        await taken.take_in(data)
        before, after = await kept.cases(), await taken.cases()
        assert [(case.name, case.claims, case.decision) for case in before] == [
            (case.name, case.claims, case.decision) for case in after
        ]

    anyio.run(scene)


ON_EVIDENCE = (
    b"policy: a.policy\nattestationType: SgxEnclave\ncases:\n  - name: quote\n    evidence: q.bin\n"
    b"    with: [chain.pem]\n    expect: {decision: deny}\n"
)


def test_a_case_on_evidence_takes_in_its_claims() -> None:
    asked: list[tuple[str, ...]] = []

    async def claims_of(files: tuple[str, ...]) -> tuple[Claim, ...]:
        asked.append(files)
        return svn(3)

    (case,) = anyio.run(World().services().cases.take_in, ON_EVIDENCE, None, claims_of)
    assert asked == [("q.bin", "chain.pem")]
    assert (case.name, case.attestation_type) == ("quote", SGX)
    assert (case.claims, case.decision) == (svn(3), "deny")


def test_a_case_on_evidence_that_cannot_be_read_is_refused_by_name() -> None:
    async def claims_of(_files: tuple[str, ...]) -> tuple[Claim, ...]:
        raise EvidenceError("This is no evidence of a known kind.")

    cases = World().services().cases
    with pytest.raises(UsageError, match=r"`quote` needs the claims of `q\.bin`\. This is no"):
        anyio.run(cases.take_in, ON_EVIDENCE, None, claims_of)
    with pytest.raises(UsageError, match="Evidence is not read here"):
        anyio.run(cases.take_in, ON_EVIDENCE)
    assert anyio.run(cases.cases) == ()
