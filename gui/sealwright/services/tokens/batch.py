"""Many tokens at once: each judged as one alone would be, in worker processes.

What crosses to a process is plain JSON, one document a line: first the terms, then a line for each
token; what comes back is a line for each token, in the order of the work, not of the list.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import anyio
import anyio.to_thread

from sealwright.claims.catalogue import Catalogue
from sealwright.errors import AppError, TokenError
from sealwright.evidence.basis.checks import reason_of
from sealwright.evidence.basis.trust import TrustAnchor
from sealwright.services.tokens.keys import issuer_of
from sealwright.tokens.expectations import parse_expectations
from sealwright.tokens.inspect import kind_of, without_scheme
from sealwright.tokens.jose import MAX_TOKEN, ShapeError, split
from sealwright.tokens.keyset import KeySet, parse_key_set
from sealwright.tokens.pasted import Pasted, guess
from sealwright.tokens.sealed import sealed_answer
from sealwright.tokens.unwrap import compact_of
from sealwright.tokens.verification.case import NOTHING, Rules
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sealwright.services.tokens.key_source import KeySource
    from sealwright.services.tokens.keys import KeyChoice, TokenKeys
    from sealwright.tokens.jose import Jws
    from sealwright.tokens.verification.report import Report

T = TypeVar("T")
R = TypeVar("R")

_REST = 0.002
_SEALED: Final = (
    "A sealed answer of Azure guest attestation: open it alone, and give the key of the machine"
    " that asked."
)
_ENCRYPTED: Final = "An encrypted token (JWE): whoever it is for must decrypt it first."
SLICE = 50
"""Tokens that are judged before the results are told."""


@dataclass(frozen=True, slots=True)
class BatchToken:
    """A token of the list and what it is called there."""

    name: str
    text: str
    problem: str = ""
    """Why there is no text: a file that cannot be read is one failure among others."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What one token came to."""

    number: int
    """Its place in the list."""
    name: str
    verdict: str
    """A word of the verdict; `sealed` for what only its key opens, or `unreadable`."""
    check: str = ""
    """Id of the first check that failed, or that leaves the token unproven."""
    detail: str = ""
    issuer: str = ""
    kind: str = ""
    """The attestation type, or the kind of token."""
    expires: int | None = None
    """NumericDate."""


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """What all tokens of a batch are judged by."""

    at: datetime
    rules: str = ""
    """JSON of the relying party's rules; empty for none."""


class TokenJudges(Protocol):
    """Workers that judge tokens beside this process."""

    async def judge(
        self, setup: str, lines: Sequence[str], tell: Callable[[Sequence[str]], Awaitable[None]]
    ) -> None:
        """Judge all lines; `tell` hears of answers in slices, as they come.

        `setup` and lines are those of this module.

        Raises:
            StorageError: a worker cannot be started, or ended before its work was done.
        """
        ...


async def run_batch(  # noqa: PLR0913 - the parts of a batch
    tokens: Sequence[BatchToken],
    *,
    keys: TokenKeys,
    source: KeySource,
    terms: BatchTerms,
    catalogue: str,
    judges: TokenJudges,
    on_rows: Callable[[tuple[BatchRow, ...]], None],
) -> int:
    """Judge all tokens; `on_rows` hears of each slice. How many are valid."""
    unread = _unread(tokens)
    if unread:
        on_rows(unread)
    read = await _gently(_read_all, tokens)
    choices: dict[tuple[str, str], KeyChoice] = {}
    for jws in read:
        place = _place(jws)
        if place not in choices:
            choices[place] = await keys.choose(source, jws, terms.at)
    setup = await anyio.to_thread.run_sync(_setup, choices, terms, catalogue)
    numbers = {place: number for number, place in enumerate(choices)}
    there = [(at, jws) for at, jws in enumerate(read) if not tokens[at].problem]
    lines = await _gently(partial(_lines, tokens, numbers), there)
    valid = 0

    async def tell(answers: Sequence[str]) -> None:
        nonlocal valid
        rows = await anyio.to_thread.run_sync(_rows, tokens, answers)
        valid += sum(row.verdict == "valid" for row in rows)
        on_rows(rows)

    await judges.judge(setup, lines, tell)
    return valid


def _unread(tokens: Sequence[BatchToken]) -> tuple[BatchRow, ...]:
    return tuple(
        BatchRow(number, token.name, "unreadable", detail=token.problem)
        for number, token in enumerate(tokens)
        if token.problem
    )


async def _gently(call: Callable[[Sequence[T]], list[R]], items: Sequence[T]) -> list[R]:
    """What a call makes of all items; now and then a window gets the interpreter for itself."""
    found: list[R] = []
    for at in range(0, len(items), SLICE):
        found += await anyio.to_thread.run_sync(call, items[at : at + SLICE])
        await anyio.sleep(_REST)
    return found


def _read_all(tokens: Sequence[BatchToken]) -> list[Jws | None]:
    return [_jws(token.text) for token in tokens]


def _compact(text: str) -> str:
    try:
        return compact_of(without_scheme(text))[0]
    except TokenError:
        return text.strip()


def _jws(text: str) -> Jws | None:
    try:
        return split(_compact(text), canonical=False)
    except ShapeError:
        return None


def _place(jws: Jws | None) -> tuple[str, str]:
    kid = jws.header.get("kid", jws.header.get("x5t")) if jws is not None else ""
    return issuer_of(jws), kid if isinstance(kid, str) else ""


def _setup(choices: Mapping[tuple[str, str], KeyChoice], terms: BatchTerms, catalogue: str) -> str:
    setup = {
        "at": terms.at.isoformat(),
        "rules": terms.rules,
        "catalogue": catalogue,
        "keys": [_choice(choice) for choice in choices.values()],
    }
    return json.dumps(setup)


def _lines(
    tokens: Sequence[BatchToken],
    numbers: Mapping[tuple[str, str], int],
    read: Sequence[tuple[int, Jws | None]],
) -> list[str]:
    # What was not taken apart goes whole: the worker says what it is instead.
    return [
        json.dumps(
            [
                number,
                numbers[_place(jws)],
                _compact(tokens[number].text)[: MAX_TOKEN + 1] if jws is None else jws.compact,
            ]
        )
        for number, jws in read
    ]


def _choice(choice: KeyChoice) -> dict[str, object]:
    return {
        "document": base64.b64encode(choice.keys.raw).decode("ascii"),
        "issuer": choice.issuer,
        "trusted": choice.trusted,
        "anchors": [asdict(anchor) for anchor in choice.anchors],
    }


def _rows(tokens: Sequence[BatchToken], answers: Sequence[str]) -> tuple[BatchRow, ...]:
    rows = (BatchRow(**json.loads(answer)) for answer in answers)
    return tuple(replace(row, name=tokens[row.number].name) for row in rows)


# --- inside a worker ----------------------------------------------------------------------------


class Judge:
    """Judges the tokens of one batch; made from the line that describes it."""

    def __init__(self, setup: str) -> None:
        found: Mapping[str, Any] = json.loads(setup)
        self._at = datetime.fromisoformat(found["at"])
        rules = str(found["rules"])
        self._expect = parse_expectations(rules.encode("utf-8")) if rules else NOTHING
        self._catalogue = _catalogue(str(found["catalogue"]))
        self._keys = [_Keys.read(each) for each in found["keys"]]

    def answer(self, line: str) -> str:
        """The result of one token, as a line."""
        number, place, text = json.loads(line)
        try:
            row = self._row(int(number), str(text), self._keys[int(place)])
        except AppError as error:
            row = BatchRow(int(number), "", "unreadable", "shape", error.summary)
        return json.dumps(asdict(row))

    def _row(self, number: int, text: str, keys: _Keys) -> BatchRow:
        report = verify(
            text,
            keys.keys,
            issuer=keys.issuer,
            now=self._at,
            rules=Rules(keys_trusted=keys.trusted),
            anchors=keys.anchors,
            catalogue=self._catalogue,
            expect=self._expect,
        )
        if not report.header:
            first = report.decisive
            detail = first.detail if first is not None else "There is no token in it."
            if sealed_answer(text) is not None:
                return BatchRow(number, "", "sealed", "shape", _SEALED)
            if guess(text) is Pasted.ENCRYPTED:
                return BatchRow(number, "", "sealed", "shape", _ENCRYPTED)
            return BatchRow(number, "", "unreadable", first.id if first else "shape", detail)
        return _judged(number, report, split(text, canonical=False))


@lru_cache(maxsize=1)
def _catalogue(text: str) -> Catalogue | None:
    return Catalogue.from_json(text) if text else None


def _judged(number: int, report: Report, jws: Jws) -> BatchRow:
    first = report.decisive or report.doubt
    claims, expires = report.claims, report.claims.get("exp")
    kind = claims.get("x-ms-attestation-type")
    known = isinstance(expires, int) and not isinstance(expires, bool)
    return BatchRow(
        number=number,
        name="",
        verdict=str(report.verdict),
        check=first.id if first is not None else "",
        detail=reason_of(first) if first is not None else "",
        issuer=str(claims.get("iss", ""))[:200],
        kind=kind if isinstance(kind, str) else kind_of(jws, claims),
        expires=expires if known and isinstance(expires, int) else None,
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    keys: KeySet
    issuer: str
    trusted: bool
    anchors: tuple[TrustAnchor, ...]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> _Keys:
        document = base64.b64decode(found["document"])
        return cls(
            keys=parse_key_set(document) if document else KeySet(()),
            issuer=str(found["issuer"]),
            trusted=bool(found["trusted"]),
            anchors=tuple(TrustAnchor(**each) for each in found["anchors"]),
        )
