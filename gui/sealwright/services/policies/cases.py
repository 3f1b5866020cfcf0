"""Saved cases: claim sets with the expected decision, run as tests and given away as a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeAlias
from uuid import uuid4

from sealwright.claims.claim import CUSTOM_CLAIM, SERVICE_ISSUER, Claim, ClaimSet
from sealwright.claims.notation import claim_to_json
from sealwright.errors import AppError, PolicyError, UsageError
from sealwright.services.model import SavedCase
from sealwright.services.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue
    from sealwright.policy.comparison import DecisionChange
    from sealwright.policy.policy_tests import PolicyCase, PolicyTests
    from sealwright.policy.syntax import Policy
    from sealwright.services.ports import CaseStore, Clock
    from sealwright.services.reference import Reference

    ClaimsOf: TypeAlias = Callable[[tuple[str, ...]], Awaitable[Iterable[Claim]]]

ENDING: Final = ".policytest.yaml"
DECISIONS: Final = ("permit", "deny", "error")
_NAME_MOST: Final = 120
_FILE_MOST: Final = 8 * 2**20


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """How a saved case came out; `failure` is empty when as expected."""

    case: SavedCase
    decision: str
    failure: str
    turned_at: str


@dataclass(frozen=True, slots=True)
class CasesReport:
    """All cases against one text. `problem` says why none could be tried."""

    outcomes: tuple[CaseOutcome, ...]
    problem: str = ""
    uncovered: tuple[str, ...] = ()
    """Conditions that no case made true, or none made false, one sentence each."""

    @property
    def failures(self) -> int:
        """How many came out otherwise than expected."""
        return sum(bool(each.failure) for each in self.outcomes)


@dataclass(frozen=True, slots=True)
class DecisionsReport:
    """Which cases come out differently. `problem` says why they could not be compared."""

    tried: int
    changes: tuple[DecisionChange, ...] = ()
    problem: str = ""


class CasesService:
    """Keeps cases and tries them."""

    def __init__(self, store: CaseStore, reference: Reference, clock: Clock) -> None:
        self._store = store
        self._reference = reference
        self._clock = clock

    async def cases(self, attestation_type: AttestationType | None = None) -> tuple[SavedCase, ...]:
        """Cases for a type, or all of them, by name."""
        found = await self._store.cases()
        if attestation_type is None:
            return found
        fits = (attestation_type, None)
        return tuple(case for case in found if case.attestation_type in fits)

    async def keep(
        self,
        name: str,
        claims: Iterable[Claim],
        decision: str,
        attestation_type: AttestationType | None,
    ) -> SavedCase:
        """Keep a new case.

        Raises:
            UsageError: no name, or another case of this type has it.
            StorageError: it cannot be kept.
        """
        name = await self._free_name(name, attestation_type)
        if decision not in DECISIONS:
            raise UsageError(f"A case expects one of {', '.join(DECISIONS)}, not `{decision}`.")
        made = SavedCase(
            uuid4().hex, name, attestation_type, tuple(claims), decision, self._clock.now()
        )
        await self._store.save(made)
        return made

    async def change(self, case: SavedCase) -> SavedCase:
        """Keep other claims, another name or another expectation for a case.

        Raises:
            UsageError: no name, or another case of this type has it.
            StorageError: it cannot be kept.
        """
        name = await self._free_name(case.name, case.attestation_type, but=case.id)
        changed = replace(case, name=name, saved=self._clock.now())
        await self._store.save(changed)
        return changed

    async def discard(self, case_id: str) -> None:
        """Forget a case."""
        await self._store.discard(case_id)

    async def run(
        self, text: str | Policy, attestation_type: AttestationType | None
    ) -> CasesReport:
        """Try every case of the type on a policy, parsed or not."""
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        cases = await self.cases(attestation_type)
        return await to_thread.run_sync(run_cases, text, attestation_type, cases)

    async def compare(
        self, before: str, after: str, attestation_type: AttestationType | None
    ) -> DecisionsReport:
        """Which cases of the type come out differently under another text."""
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        cases = await self.cases(attestation_type)
        return await to_thread.run_sync(compare_cases, before, after, attestation_type, cases)

    async def export(self, policy: str, attestation_type: AttestationType | None) -> bytes:
        """The cases of a type as a policy test file about the file `policy`, a relative path.

        Raises:
            UsageError: there are none.
        """
        cases = await self.cases(attestation_type)
        if not cases:
            raise UsageError("There is no saved case to export.", hint="Save one from a dry run.")
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        call = partial(case_file, policy, attestation_type, cases, self._reference)
        return await to_thread.run_sync(call)

    async def take_in(
        self,
        data: bytes,
        attestation_type: AttestationType | None = None,
        claims_of: ClaimsOf | None = None,
    ) -> tuple[SavedCase, ...]:
        """Keep the cases of a policy test file; those of a known name are replaced.

        Args:
            data: the file.
            attestation_type: of the cases, where the file does not say.
            claims_of: claims of evidence, by the paths of its files in the case.

        Raises:
            UsageError: it is no policy test file, or there are no claims of a case's evidence.
            StorageError: they cannot be kept.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        file = await to_thread.run_sync(_read_tests, data, self._reference)
        read = [await self._case(each, file.attestation_type, claims_of) for each in file.cases]
        known = {(case.name, case.attestation_type): case for case in await self._store.cases()}
        kept = []
        for case in read:
            kind = case.attestation_type or attestation_type
            old = known.get((case.name, kind))
            made = replace(
                case,
                id=old.id if old is not None else uuid4().hex,
                attestation_type=kind,
                saved=self._clock.now(),
            )
            await self._store.save(made)
            kept.append(made)
        return tuple(kept)

    async def _case(
        self, case: PolicyCase, kind: AttestationType | None, claims_of: ClaimsOf | None
    ) -> SavedCase:
        """A case of a test file without id; what its evidence says becomes its claims."""
        claims: Iterable[Claim] | None = case.claims
        if claims is None:
            try:
                claims = await (claims_of or _no_claims)(case.evidence)
            except AppError as error:
                raise UsageError(
                    f"The case `{case.name}` needs the claims of `{case.evidence[0]}`. "
                    f"{error.summary}",
                    hint=error.hint,
                ) from error
        return SavedCase("", case.name, kind, tuple(claims), case.decision, self._clock.now())

    async def _free_name(self, name: str, kind: AttestationType | None, *, but: str = "") -> str:
        name = " ".join(name.split())
        if not name:
            raise UsageError("A case needs a name.", hint="Say what it stands for.")
        if len(name) > _NAME_MOST:
            raise UsageError(f"The name of a case has at most {_NAME_MOST} characters.")
        for case in await self._store.cases():
            same = case.name.casefold() == name.casefold() and case.attestation_type == kind
            if same and case.id != but:
                raise UsageError(
                    f"There is a case `{case.name}` already.", hint="Choose another name."
                )
        return name


def run_cases(
    text: str | Policy, attestation_type: AttestationType | None, cases: Sequence[SavedCase]
) -> CasesReport:
    """Try cases on a policy; blocking."""
    if not cases:
        return CasesReport(())
    from sealwright.policy.policy_tests import (  # noqa: PLC0415 - as above
        PolicyCase,
        PolicyTests,
        run_tests,
    )
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - after the first paint

    asked = tuple(
        PolicyCase(case.name, ClaimSet(case.claims).service_first(), (), case.decision, {})
        for case in cases
    )
    policy = parse(text) if isinstance(text, str) else text
    try:
        report = run_tests(PolicyTests("", attestation_type, asked), policy, _no_file, monotonic)
    except PolicyError as error:
        return CasesReport((), error.summary)
    outcomes = tuple(
        CaseOutcome(case, result.decision, result.failure, result.turned_at)
        for case, result in zip(cases, report.results, strict=True)
    )
    uncovered = tuple(
        f"Line {policy.position(each.span.start).line}: no case makes this condition {each.never}."
        for each in report.uncovered
    )
    return CasesReport(outcomes, "", uncovered)


def compare_cases(
    before: str,
    after: str,
    attestation_type: AttestationType | None,
    cases: Sequence[SavedCase],
) -> DecisionsReport:
    """Which cases come out differently; blocking."""
    from sealwright.policy.comparison import semantic_diff  # noqa: PLC0415 - after the first paint
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - as above

    named = [(case.name, case.claims) for case in cases]
    try:
        diff = semantic_diff(parse(before), parse(after), named, attestation_type)
    except PolicyError as error:
        return DecisionsReport(0, (), error.summary)
    return DecisionsReport(len(cases), diff.decisions)


def case_file(
    policy: str,
    attestation_type: AttestationType | None,
    cases: Sequence[SavedCase],
    reference: Reference,
) -> bytes:
    """A policy test file (spec cli, Policy test files)."""
    import yaml  # noqa: PLC0415 - only when a file is written

    document: dict[str, object] = {"policy": policy}
    if attestation_type is not None:
        document["attestationType"] = attestation_type.value
    catalogue = reference.catalogue()
    document["cases"] = [
        {
            "name": case.name,
            "claims": _claims_out(case.claims, catalogue),
            "expect": {"decision": case.decision},
        }
        for case in cases
    ]
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
    return text.encode("utf-8")


def _claims_out(claims: Sequence[Claim], catalogue: Catalogue) -> object:
    """Names and values when nothing of the claims is lost by it, else the list of claims."""
    known = catalogue.incoming_names
    short: dict[str, object] = {}
    for claim in claims:
        issuer = SERVICE_ISSUER if claim.type in known else CUSTOM_CLAIM
        if claim.issuer != issuer or claim.type in short:
            return [claim_to_json(each) for each in claims]
        short[claim.type] = claim.value
    return short


def _read_tests(data: bytes, reference: Reference) -> PolicyTests:
    """A policy test file; blocking.

    Raises:
        UsageError: it is none.
    """
    from sealwright.policy.policy_tests import read_test_file  # noqa: PLC0415 - as above

    if len(data) > _FILE_MOST:
        raise UsageError("The file is too large for a policy test file.")
    return read_test_file(read_yaml(data, "The file"), reference.catalogue())


async def _no_claims(_files: tuple[str, ...]) -> Sequence[Claim]:
    raise UsageError("Evidence is not read here.", hint="Give the claims themselves.")


def _no_file(files: tuple[str, ...]) -> Sequence[Claim]:
    raise UsageError(f"The claims of `{files[0]}` are not known.")
