"""Everything that is said about a text, each finding placed when somebody looks at it.

An edit moves all that stands behind it, and of thousands of findings forty are in sight.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import add, itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple, overload

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.checking.checks import with_version_fixes
from sealwright.policy.checking.lint_names import name_diagnostic
from sealwright.policy.checking.lint_order import FirstPermit, first_permit, move_up
from sealwright.policy.checking.lint_piece import NOTHING_SAID, KnownPiece
from sealwright.policy.checking.lint_verdicts import verdict_diagnostic
from sealwright.policy.diagnostics import Diagnostic, order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sealwright.policy.checking.lint_names import NameFinding
    from sealwright.policy.checking.lint_verdicts import VerdictFinding
    from sealwright.policy.syntax import Policy


class Said(NamedTuple):
    """Who says what.

    Args:
        policy: the text.
        pieces: what each of its pieces says by itself.
        names: what follows about names, a tuple for each piece; none when the text does not parse.
        verdicts: what follows about the verdict.
        structure: about version and sections, placed.
    """

    policy: Policy
    pieces: tuple[KnownPiece, ...]
    names: tuple[tuple[NameFinding, ...], ...]
    verdicts: tuple[VerdictFinding, ...]
    structure: tuple[Diagnostic, ...]


class Findings(Sequence[Diagnostic]):
    """The findings in the order of the text."""

    __slots__ = (
        "_permit",
        "_permit_sought",
        "_placed",
        "_ranks",
        "_said",
        "_structure",
        "_verdicts",
    )

    def __init__(self, said: Said) -> None:
        self._said = said
        self._placed: dict[int, tuple[Diagnostic, ...]] = {}
        self._permit: FirstPermit | None = None
        self._permit_sought = False
        counts = list(map(len, map(_FINDINGS, said.pieces)))
        if any(said.names):
            counts = list(map(add, counts, map(len, said.names)))
        self._verdicts: dict[int, list[VerdictFinding]] = {}
        for finding in said.verdicts:
            self._verdicts.setdefault(finding.piece, []).append(finding)
            counts[finding.piece] += 1
        self._structure: dict[int, list[Diagnostic]] = {}
        for placed in said.structure:
            piece = self._piece_at(placed.span.start)
            self._structure.setdefault(piece, []).append(placed)
            counts[piece] += 1
        self._ranks = list(accumulate(counts, initial=0))

    @classmethod
    def of(cls, policy: Policy, diagnostics: Iterable[Diagnostic]) -> Findings:
        """Findings that are placed already."""
        pieces = tuple([NOTHING_SAID] * len(policy.chunks))
        return cls(Said(policy, pieces, (), (), tuple(diagnostics)))

    def __len__(self) -> int:
        """How many there are."""
        return self._ranks[-1]

    @overload
    def __getitem__(self, index: int) -> Diagnostic: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Diagnostic, ...]: ...

    def __getitem__(self, index: int | slice) -> Diagnostic | tuple[Diagnostic, ...]:
        """One of them or some, by their rank."""
        if isinstance(index, slice):
            return tuple([self[place] for place in range(*index.indices(len(self)))])
        rank = index + len(self) if index < 0 else index
        if not 0 <= rank < len(self):
            raise IndexError(index)
        piece = bisect_right(self._ranks, rank) - 1
        return self._of_piece(piece)[rank - self._ranks[piece]]

    def __iter__(self) -> Iterator[Diagnostic]:
        """All of them."""
        ranks = self._ranks
        for piece, rank in enumerate(ranks[:-1]):
            if ranks[piece + 1] != rank:
                yield from self._of_piece(piece)

    def take_over(self, before: Findings, head: int) -> None:
        """Keep what was placed in the first pieces of the text before an edit, where it stands."""
        said, old = self._said, before._said
        if said.policy.chunks[0] is not old.policy.chunks[0]:
            return
        for place, placed in before._placed.items():
            if place >= head or said.pieces[place] is not old.pieces[place]:
                continue
            # What is said about the verdict also hangs on what stands elsewhere.
            if place in self._verdicts or place in before._verdicts:
                continue
            names = said.names[place] if said.names else ()
            same = names == (old.names[place] if old.names else ())
            if same and self._structure.get(place) == before._structure.get(place):
                self._placed[place] = placed

    def touching(self, first: int, last: int) -> Iterator[Diagnostic]:
        """Those that reach into the characters from `first` to `last`, both included."""
        starts = self._said.policy.starts
        begin = max(0, bisect_left(starts, first) - 1)
        stop = min(len(starts) - 1, bisect_right(starts, last))
        # Only what is said about the structure can reach beyond its piece.
        for piece, found in self._structure.items():
            if piece < begin:
                yield from [each for each in found if each.span.end >= first]
        for piece in range(begin, stop):
            for each in self._of_piece(piece):
                if each.span.end >= first and each.span.start <= last:
                    yield each

    def severities(self) -> list[str]:
        """How bad each of them is, in no order; nothing is placed for it."""
        said = self._said
        own = filter(None, map(_FINDINGS, said.pieces))
        found: list[str] = [each.severity for findings in own for each in findings]
        found += [SEVERITIES[each.code] for names in said.names for each in names]
        found += [SEVERITIES[each.code] for each in said.verdicts]
        found += [each.severity for each in said.structure]
        return found

    def _piece_at(self, offset: int) -> int:
        last = len(self._said.pieces) - 1
        return max(0, min(last, bisect_right(self._said.policy.starts, offset) - 1))

    def _of_piece(self, place: int) -> tuple[Diagnostic, ...]:
        placed = self._placed.get(place)
        if placed is None:
            placed = self._placed[place] = self._place(place)
        return placed

    def _place(self, place: int) -> tuple[Diagnostic, ...]:
        said, base = self._said, self._said.policy.starts[place]
        piece = said.pieces[place]
        alone = place not in self._verdicts and place not in self._structure
        if alone and not (said.names and said.names[place]) and len(piece.findings) == 1:
            # Where all are asked for, there are thousands of these.
            return tuple(with_version_fixes(said.policy, [piece.findings[0].shifted(base)]))
        found = list(piece.findings)
        if said.names:
            found += [
                name_diagnostic(each, piece.rules[each.rule][0]) for each in said.names[place]
            ]
        for each in self._verdicts.get(place, ()):
            facts = None if each.header else piece.rules[each.rule][0]
            found.append(verdict_diagnostic(each, facts))
        found = [self._in_order(each.shifted(base)) for each in found]
        found += self._structure.get(place, ())
        found = with_version_fixes(said.policy, found)
        found.sort(key=order)
        return tuple(found)

    def _in_order(self, placed: Diagnostic) -> Diagnostic:
        """A denial that stands too low is told how to move up."""
        if placed.code != "SW409":
            return placed
        if not self._permit_sought:
            self._permit_sought = True
            self._permit = first_permit(self._said.policy, self._said.pieces)
        if self._permit is None:
            return placed
        return placed._replace(fix=move_up(self._said.policy, self._permit, placed.span))


_FINDINGS: Final[itemgetter[int]] = itemgetter(KnownPiece._fields.index("findings"))
