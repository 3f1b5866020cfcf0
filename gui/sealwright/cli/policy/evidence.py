"""Claims of evidence for `policy eval` and `policy test`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.cli.evidence.inputs import Examiner, trust_at
from sealwright.cli.inputs import read_input

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sealwright.claims.claim import Claim
    from sealwright.cli.context import Context

_OPTIONS: Final = "(--with, --certs and --collateral take files.)"


def given_evidence(arguments: Namespace, context: Context) -> Sequence[Claim]:
    """The claims of the evidence that `--evidence` names, checked as the other options say.

    Raises:
        UsageError: a file cannot be read, or no claim comes from evidence of this kind.
        EvidenceError: the evidence cannot be read.
    """
    from sealwright.services.evidence.evidence import claims_from  # noqa: PLC0415 - after the options

    found = claims_from(arguments.evidence, Examiner(arguments, context).file(arguments.evidence))
    if found.problem:
        context.output.note(
            f"Warning: This evidence does not hold ({found.problem}). "
            "A provider refuses it before it asks any policy; see `sealwright evidence verify`."
        )
    if found.unproven:
        context.output.note(f"Note: {found.unproven} {_OPTIONS}")
    return found.claims


def evidence_of_case(paths: Sequence[str], context: Context) -> Sequence[Claim]:
    """The claims of the evidence of a policy test, in a file and those that lie beside it.

    Whether it holds is not the question.

    Raises:
        UsageError: a file cannot be read, or no claim comes from evidence of this kind.
        EvidenceError: the evidence cannot be read.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 - only for evidence

    from sealwright.services.evidence.evidence import (  # noqa: PLC0415 - as above
        Evidence,
        add_file,
        claims_from,
        examine_evidence,
    )

    given = trust_at(context, datetime.now(UTC))
    evidence = Evidence(read_input(paths[0]), paths[0], certificates=given.certificates)
    for path in paths[1:]:
        evidence = add_file(evidence, read_input(path))
    found = examine_evidence(evidence, given.trust.anchors, given.trust.when)
    return claims_from(paths[0], found).claims
