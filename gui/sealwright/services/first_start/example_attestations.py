"""Attested tokens for the example of a first start: real attestations of synthetic evidence."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import AppError
from sealwright.services.attestation.request import AttachedData, DataType
from sealwright.services.evidence.request import Order, attestation_type_of, request_of
from sealwright.services.first_start import example

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sealwright.services.attestation.attest import AttestService
    from sealwright.services.evidence.evidence import EvidenceService
    from sealwright.services.model import Provider

_RUNTIME: Final = json.dumps({"service": "payments", "instance": 7})


@dataclass(frozen=True, slots=True)
class _Machine:
    """What is attested where."""

    provider: str
    kind: str
    values: Mapping[str, str] = field(default_factory=dict)


_MACHINES: Final = (
    _Machine(example.OPEN, "snp-aci"),
    _Machine(example.OPEN, "sgx-quote", {"debug": "true", "isvprodid": "4", "isvsvn": "1"}),
    _Machine(example.ISOLATED, "snp-aci", {"guest_svn": "3"}),
    _Machine(
        example.ISOLATED, "sgx-quote", {"isvprodid": "4", "isvsvn": "3", "runtime_data": _RUNTIME}
    ),
)
"""The last one is the newest token, which is shown first."""


class ExampleAttestations:
    """Has a few of the sandbox's pretended machines attested."""

    def __init__(self, attest: AttestService, evidence: EvidenceService) -> None:
        self._attest = attest
        self._evidence = evidence

    async def make(self, providers: Iterable[Provider]) -> tuple[str, ...]:
        """Attest at those of the example's providers that are there; why some were not, in words.

        The tokens lie on the shelf of recent ones, newest first.
        """
        there = {provider.name: provider for provider in providers}
        notes: list[str] = []
        for machine in _MACHINES:
            provider = there.get(machine.provider)
            if provider is None:
                continue
            try:
                await self._one(machine, provider)
            except AppError as error:
                notes.append(f"Nothing was attested at {provider.name}: {error.summary}")
        return tuple(notes)

    async def _one(self, machine: _Machine, provider: Provider) -> None:
        from sealwright.evidence.examination import Kind  # noqa: PLC0415 - after the first paint

        kind = Kind(machine.kind)
        made = await self._evidence.make(kind, machine.values)
        operation = attestation_type_of(kind.value)
        if operation is None:
            return
        order = Order(provider.id, operation)
        if made.runtime_data is not None:
            order = replace(order, runtime_data=AttachedData(made.runtime_data, DataType.JSON))
        found = await self._attest.attest(request_of(made, order))
        found.require()
