"""Evidence: read it in, examine it off the loop, compare two pieces of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from sealwright.errors import EvidenceError, KeyMaterialError, UsageError
from sealwright.services.evidence.reading import (
    MAX_EVIDENCE,
    carried_by,
    evidence_of_file,
    evidence_of_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sealwright.claims.claim import Claim
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.examination import Examination, Kind
    from sealwright.evidence.synthetic.made import Synthetic
    from sealwright.evidence.synthetic.roots import SandboxRoots
    from sealwright.evidence.synthetic.settings import Setting
    from sealwright.services.attestation.request import TpmResponder
    from sealwright.services.evidence.anchors import AnchorRow
    from sealwright.services.evidence.difference import EvidenceDifference
    from sealwright.services.ports import Clock, Files, PretendedMachines
    from sealwright.services.providers.providers import ProvidersService

R = TypeVar("R")
_NO_LOG: Final = (
    "A quote holds no `events` and no claims of the boot; give the event log beside it."
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence, and what it is to be examined with."""

    data: bytes = field(repr=False)
    title: str
    kind: Kind | None = None
    """What it is; guessed from its bytes when None."""
    certificates: tuple[bytes, ...] = field(repr=False, default=())
    """DER, in any order."""
    collateral: tuple[bytes, ...] = field(repr=False, default=())
    """Files of the vendor's collateral, in any of their forms."""
    runtime_data: bytes | None = field(repr=False, default=None)
    init_data: bytes | None = field(repr=False, default=None)
    companions: tuple[bytes, ...] = field(repr=False, default=())
    """Other files of the same evidence."""
    at: datetime | None = None
    """The time at which all must hold; now when None."""
    tpm: TpmResponder | None = field(repr=False, default=None)
    """The TPM behind it, where attesting it means to answer a challenge."""
    guest_key: bytes = field(repr=False, default=b"")
    """What opens a token that comes sealed, where somebody has it."""


@dataclass(frozen=True, slots=True)
class EvidenceClaims:
    """What a service would derive from evidence, and whether it would get that far."""

    title: str
    claims: tuple[Claim, ...]
    problem: str = ""
    """The first check that does not hold: a service refuses before it asks any policy."""
    unproven: str = ""
    """What nobody vouches for, and what to give beside it; a service would not take it so."""
    kind: str = ""
    """What it is, in the words of `Kind`."""


class EvidenceService:
    """Examines on worker threads; nothing is sent anywhere."""

    def __init__(
        self,
        providers: ProvidersService,
        files: Files,
        clock: Clock,
        machines: PretendedMachines,
    ) -> None:
        self._providers = providers
        self._files = files
        self._clock = clock
        self._machines = machines

    async def anchors(self) -> tuple[AnchorRow, ...]:
        """The roots that evidence is checked up to, the sandbox's own ones among them."""
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        from sealwright.services.evidence.anchors import anchor_rows  # noqa: PLC0415 - as above

        pinned, now = self._providers.anchors(), self._clock.now()
        own = await to_thread.run_sync(self._machines.anchors)
        return anchor_rows((*pinned, *own), now)

    async def read(self, path: str) -> Evidence:
        """The evidence in a file, decoded when the file is hex or Base64 text.

        Raises:
            StorageError: not there, not readable, or too large.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        raw = await self._files.read(path, limit=MAX_EVIDENCE)
        title = path.replace("\\", "/").rsplit("/", 1)[-1]
        return await to_thread.run_sync(lambda: _taken(evidence_of_file(raw), title))

    async def of_text(self, text: str, title: str) -> Evidence:
        """The evidence that a pasted text stands for.

        Raises:
            UsageError: it is none.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        return await to_thread.run_sync(lambda: _taken(evidence_of_text(text), title))

    async def add_files(self, evidence: Evidence, paths: Iterable[str]) -> Evidence:
        """The same evidence with further files: certificates, collateral or companions.

        Raises:
            StorageError: one is not there, not readable, or too large.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        for path in paths:
            raw = await self._files.read(path, limit=MAX_EVIDENCE)
            evidence = await to_thread.run_sync(add_file, evidence, raw)
        return evidence

    async def examine(self, evidence: Evidence) -> Examination:
        """Take it apart and check it; what cannot be read is part of the answer.

        Raises:
            EvidenceError: the collateral or the certificates beside it cannot be read.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        anchors, now = self._providers.anchors(), evidence.at or self._clock.now()

        def examined() -> Examination:
            known = (*anchors, *self._machines.anchors())
            beside = (*evidence.certificates, *self._machines.certificates())
            return examine_evidence(replace(evidence, certificates=beside), known, now)

        return await to_thread.run_sync(examined)

    async def synthesize(
        self, kind: Kind, values: Mapping[str, str], at: datetime | None = None
    ) -> Synthetic:
        """Evidence of the sandbox's pretended machines; `synthetic.catalogue` says what to set.

        Raises:
            UsageError: a setting is unknown, or of another type or size.
            StorageError: the machines cannot be kept.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        from sealwright.evidence.synthetic.making import synthesize  # noqa: PLC0415 - as above

        when = at or self._clock.now()
        return await to_thread.run_sync(
            lambda: synthesize(kind, self._machines.roots(), values, when)
        )

    async def settings(self) -> Mapping[str, tuple[Setting, ...]]:
        """What can be set about synthetic evidence, by the name of its kind."""
        from anyio import to_thread  # noqa: PLC0415 - as above

        return await to_thread.run_sync(_settings)

    async def make(self, kind: Kind, values: Mapping[str, str]) -> Evidence:
        """Synthetic evidence with all that belongs beside it, ready to be attested.

        Raises:
            UsageError: a setting is unknown, or of another type or size.
            StorageError: the machines cannot be kept.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        made = await self.synthesize(kind, values)
        roots = await to_thread.run_sync(self._machines.roots)
        return await to_thread.run_sync(_of_machine, made, roots, values)

    async def pretended_tpm(self, log: bytes, enclave: bytes = b"") -> TpmResponder:
        """The TPM of the sandbox's pretended machines, after a boot that wrote this log.

        `enclave` is the report of a VBS enclave above it, if there is one.

        Raises:
            EvidenceError: the log or the report cannot be read.
            StorageError: the machines cannot be kept.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        from sealwright.evidence.azure.vbs import parse_vbs_report  # noqa: PLC0415 - as above
        from sealwright.tokens.tpm.response import PretendedTpm  # noqa: PLC0415 - as above

        def made() -> PretendedTpm:
            report = parse_vbs_report(enclave) if enclave else None
            return PretendedTpm(self._machines.roots().tpm, log, report)

        return await to_thread.run_sync(made)

    async def claims_of(self, path: str, beside: Iterable[str] = ()) -> EvidenceClaims:
        """The claims that a service would derive from the evidence in a file, and files beside it.

        Raises:
            StorageError: one is not there, not readable, or too large.
            EvidenceError: it cannot be read.
            UsageError: no claim comes from evidence of this kind.
        """
        return await self.derive(await self.add_files(await self.read(path), beside))

    async def derive(self, evidence: Evidence) -> EvidenceClaims:
        """The claims that a service would derive from evidence and what lies beside it.

        Raises:
            EvidenceError: it cannot be read.
            UsageError: no claim comes from evidence of this kind.
        """
        return claims_from(evidence.title, await self.examine(evidence))

    async def compare(self, first: Examination, second: Examination) -> EvidenceDifference:
        """What differs between two."""
        from anyio import to_thread  # noqa: PLC0415 - as above

        from sealwright.services.evidence.difference import compare  # noqa: PLC0415 - as above

        return await to_thread.run_sync(compare, first, second)


def claims_from(title: str, found: Examination) -> EvidenceClaims:
    """The claims of evidence that has been examined.

    Raises:
        EvidenceError: it could not be read.
        UsageError: no claim comes from evidence of this kind.
    """
    if found.refusal is not None:
        refusal = found.refusal
        raise EvidenceError(refusal.summary, hint=refusal.hint, offset=refusal.offset)
    if not found.claims:
        raise UsageError(
            f"No claim comes from `{title}` by itself: it is {found.form}.",
            hint=_given_beside(found) or "Take a quote, a report, or a request that holds one.",
        )
    from sealwright.evidence.derived.hardware import former_names  # noqa: PLC0415 - after the first paint

    failed = found.failed()
    return EvidenceClaims(
        title,
        (*found.claims, *former_names(found.claims)),
        failed[0].title if failed else "",
        _given_beside(found),
        found.kind.value,
    )


def _given_beside(found: Examination) -> str:
    """What has to come along before the claims are complete and proven; empty when all is there."""
    from sealwright.evidence.basis.checks import NOT_EVALUATED  # noqa: PLC0415 - as above
    from sealwright.evidence.examination import Kind  # noqa: PLC0415 - as above

    if found.kind is Kind.TPM_QUOTE and found.log is None:
        return _NO_LOG
    for check in found.missing():
        why = check.detail.removeprefix(NOT_EVALUATED).removeprefix(": ")
        if why:
            return f"{why[:1].upper()}{why[1:]}."
    return ""


def _taken(data: bytes, title: str) -> Evidence:
    """The evidence itself, out of a request or a saved exchange where it is in one."""
    found = carried_by(data)
    if found is None:
        return Evidence(data, title)
    return Evidence(
        found.evidence, title, runtime_data=found.runtime_data, init_data=found.init_data
    )


def _settings() -> Mapping[str, tuple[Setting, ...]]:
    from sealwright.evidence.synthetic.catalogue import SETTINGS  # noqa: PLC0415 - as above
    from sealwright.evidence.synthetic.settings import one_by_one  # noqa: PLC0415 - as above

    return {kind.value: one_by_one(settings) for kind, settings in SETTINGS.items()}


def _of_machine(made: Synthetic, roots: SandboxRoots, values: Mapping[str, str]) -> Evidence:
    """What was made, with the TPM or the key that attesting it needs.

    A pretended machine has no secrets: its token opens where it was made.
    """
    from sealwright.evidence.azure.vbs import parse_vbs_report  # noqa: PLC0415 - after the first paint
    from sealwright.evidence.synthetic.catalogue import SETTINGS  # noqa: PLC0415 - as above
    from sealwright.evidence.synthetic.settings import Values  # noqa: PLC0415 - as above
    from sealwright.evidence.synthetic.tpm_kinds import boot_log  # noqa: PLC0415 - as above
    from sealwright.tokens.tpm.response import PretendedTpm  # noqa: PLC0415 - as above

    kind, chosen = made.kind.value, Values(SETTINGS[made.kind], values)
    log = made.evidence if kind == "tpm-eventlog" else made.companions.get("eventlog.bin", b"")
    if kind == "tpm-quote" and not log:
        # A quote of registers that were set comes without the log; its TPM tells it all the same.
        log = boot_log(chosen, roots)
    tpm = None
    if kind in {"tpm-quote", "tpm-eventlog", "vbs-report"} and log:
        enclave = parse_vbs_report(made.evidence) if kind == "vbs-report" else None
        tpm = PretendedTpm(roots.tpm, log, enclave, chosen.registers())
    return Evidence(
        made.evidence,
        f"synthetic {kind}",
        kind=made.kind,
        certificates=made.certificates,
        collateral=(made.collateral,) if made.collateral else (),
        runtime_data=made.runtime_data,
        companions=tuple(made.companions.values()),
        tpm=tpm,
        guest_key=roots.tpm.encryption_key if kind == "azure-guest" else b"",
    )


def add_file(evidence: Evidence, data: bytes) -> Evidence:
    """The evidence with a further file, taken for what it can be read as."""
    from sealwright.evidence.given_files import (  # noqa: PLC0415 - as above
        read_certificates,
        read_collateral,
    )
    from sealwright.evidence.intel.endorsements import is_endorsements  # noqa: PLC0415 - as above

    certificates = _read(lambda: read_certificates(data))
    if certificates is not None:
        return replace(evidence, certificates=(*evidence.certificates, *certificates))
    if _read(lambda: (read_collateral((data,)),)) is not None:
        evidence = replace(evidence, collateral=(*evidence.collateral, data))
        # Endorsements are a part of Open Enclave evidence, too.
        if not is_endorsements(data):
            return evidence
    return replace(evidence, companions=(*evidence.companions, data))


def _read(read: Callable[[], tuple[R, ...]]) -> tuple[R, ...] | None:
    try:
        return read()
    except (EvidenceError, KeyMaterialError):
        return None


def examine_evidence(
    evidence: Evidence, anchors: tuple[TrustAnchor, ...], now: datetime
) -> Examination:
    """Examine; blocking.

    Raises:
        EvidenceError: it is of no kind that is known here, or its collateral cannot be read.
    """
    from sealwright.evidence.basis.trust import Trust  # noqa: PLC0415 - as above
    from sealwright.evidence.examination import Given  # noqa: PLC0415 - after the first paint
    from sealwright.evidence.examine import examine  # noqa: PLC0415 - as above
    from sealwright.evidence.given_files import read_collateral  # noqa: PLC0415 - as above

    collateral = read_collateral(evidence.collateral) if evidence.collateral else None
    given = Given(
        Trust(anchors, now),
        certificates=evidence.certificates,
        collateral=collateral,
        runtime_data=evidence.runtime_data,
        init_data=evidence.init_data,
        companions=evidence.companions,
    )
    return examine(evidence.data, given, evidence.kind)
