"""Evidence that a command is given, and what it is examined with."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sealwright.cli.inputs import read_input, read_time
from sealwright.errors import EvidenceError, UsageError
from sealwright.evidence.basis.trust import Trust, TrustAnchor
from sealwright.evidence.examination import Examination, Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.given_files import read_certificates, read_collateral
from sealwright.evidence.guess import guess
from sealwright.evidence.intel.endorsements import is_endorsements
from sealwright.services.evidence.reading import carried_by, evidence_of_file

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sealwright.cli.context import Context


class Examiner:
    """Examines one file after another with what the options of `add_given_options` give.

    Raises:
        UsageError: an option names a file that cannot be read, or no kind of evidence.
    """

    def __init__(self, arguments: Namespace, context: Context) -> None:
        self._kind = read_kind(arguments.kind) if arguments.kind else None
        self._given = read_given(arguments, context)

    def file(self, name: str) -> Examination:
        """Examine the evidence in a file.

        Raises:
            UsageError: the file cannot be read.
            EvidenceError: it is of no kind that is known here.
        """
        return examine(*_piece(name, self._given, self._kind))

    def together(self, names: Sequence[str]) -> Examination:
        """Examine one piece of evidence that lies in several files, itself the first."""
        files = [read_input(name) for name in names]
        beside = replace(self._given, companions=(*self._given.companions, *files[1:]))
        return examine(files[0], beside, self._kind)


def _piece(name: str, given: Given, kind: Kind | None) -> tuple[bytes, Given, Kind | None]:
    """The evidence in a file; out of hex, Base64 or a request when it is none by itself."""
    data = read_input(name)
    with suppress(EvidenceError):
        guessed = guess(data, given.companions)
        return data, given, kind or guessed
    data = evidence_of_file(data)
    held = carried_by(data)
    if held is None:
        return data, given, kind
    carried = replace(
        given,
        runtime_data=held.runtime_data if given.runtime_data is None else given.runtime_data,
        init_data=held.init_data if given.init_data is None else given.init_data,
    )
    return held.evidence, carried, kind


def read_kind(name: str) -> Kind:
    """The kind of evidence of that name.

    Raises:
        UsageError: there is none.
    """
    try:
        return Kind(name.lower())
    except ValueError:
        hint = f"Use one of: {', '.join(Kind)}."
        raise UsageError(f"`{name}` is no kind of evidence.", hint=hint) from None


def trust_at(context: Context, when: datetime) -> Given:
    """Nothing but the roots that evidence is checked against, and the time."""
    anchors, own = _roots(context)
    return Given(Trust(anchors, when), certificates=own)


def read_given(arguments: Namespace, context: Context) -> Given:
    """What the options of `add_given_options` give.

    Raises:
        UsageError: a file cannot be read.
    """
    given = trust_at(context, read_time(arguments.at) or datetime.now(UTC))
    collateral = [read_input(name) for name in arguments.collateral]
    companions = [read_input(name) for name in arguments.companions]
    # Endorsements are collateral, and a part of Open Enclave evidence: whichever option gave them.
    endorsements = [data for data in (*collateral, *companions) if is_endorsements(data)]
    collateral += [data for data in endorsements if data not in collateral]
    companions += [data for data in endorsements if data not in companions]
    certificates = [der for name in arguments.certs for der in read_certificates(read_input(name))]
    return replace(
        given,
        certificates=(*certificates, *given.certificates),
        collateral=read_collateral(collateral) if collateral else None,
        runtime_data=_optional(arguments.runtime_data),
        init_data=_optional(arguments.init_data),
        nonce=_nonce(arguments.nonce),
        companions=tuple(companions),
    )


def _roots(context: Context) -> tuple[tuple[TrustAnchor, ...], tuple[bytes, ...]]:
    """The pinned roots and those of the home's sandbox, and certificates of the latter."""
    pinned = context.world.anchors(context.options.home)
    with context.world.machines(context.options.home) as machines:
        if machines is None:
            return pinned, ()
        return (*pinned, *machines.anchors()), machines.certificates()


def _optional(name: str | None) -> bytes | None:
    return None if name is None else read_input(name)


def _nonce(text: str | None) -> bytes | None:
    try:
        return None if text is None else bytes.fromhex(text)
    except ValueError:
        raise UsageError(f"`{text}` is not hex.", hint="Write the nonce as hex digits.") from None
