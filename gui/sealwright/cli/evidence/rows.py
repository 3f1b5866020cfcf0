"""One piece of evidence among many: what it came to, as a row and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sealwright.cli.output import encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.cli.evidence.inputs import Examiner


class Row(NamedTuple):
    """What one file came to."""

    kind: str
    verdict: str
    reason: str
    held: bool
    document: bytes
    """The result as JSON on one line, as it is written."""


def row_of(command: str, examiner: Examiner, name: str) -> Row:
    """Examine one file of many: what is no evidence is one failure among others."""
    from sealwright.cli.evidence import shapes  # noqa: PLC0415 - not for `--help`
    from sealwright.cli.outcome import error_body  # noqa: PLC0415 - as above
    from sealwright.errors import AppError  # noqa: PLC0415 - as above

    try:
        found = examiner.file(name)
    except AppError as error:
        document = _line({"file": name, "error": error_body(error)})
        return Row("", "unreadable", error.summary, held=False, document=document)
    held = found.valid is True if command == "verify" else found.refusal is None
    return Row(
        found.kind.value,
        shapes.VERDICTS[found.valid],
        shapes.reason_of(found),
        held=held,
        document=_line({"file": name, **shapes.shape_of(found)}),
    )


def _line(shape: Mapping[str, object]) -> bytes:
    return encoded(json.dumps(shape, ensure_ascii=False))
