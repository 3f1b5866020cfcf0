"""Everything there is to say about a policy, kept current from edit to edit.

What a piece of the text says by itself is remembered with it. What follows from several rules is
kept as what it follows from: after an edit only the names and verdicts that the edit touches are
looked at again.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress, count
from operator import itemgetter, not_
from typing import TYPE_CHECKING, Final

from sealwright.pace import paced
from sealwright.policy.checking.checks import check_structure, version_index
from sealwright.policy.checking.findings import Findings, Said
from sealwright.policy.checking.lint_claims import MOST_LOOKED_UP, ClaimLinter
from sealwright.policy.checking.lint_names import ANY, NameFinding, PlacedFacts, follow_names
from sealwright.policy.checking.lint_piece import (
    KnownPiece,
    PieceContext,
    added_by,
    read_piece_facts,
    section_after,
)
from sealwright.policy.checking.lint_verdicts import NO_BEARING, PlacedHeader, VerdictFinding, weigh
from sealwright.policy.reading.parser import allow, kept_chunks, parse, reparse, without_collector
from sealwright.policy.reading.piece import INSIDE
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, SECTIONS, Chunk, Policy, Rule, SectionOpen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue
    from sealwright.policy.diagnostics import Diagnostic


def lint(
    policy: Policy, catalogue: Catalogue, attestation_type: AttestationType | None = None
) -> tuple[Diagnostic, ...]:
    """Syntax errors, static findings and lint in the order of the text."""
    return Analysis(policy, catalogue, attestation_type).diagnostics


class Analysis:
    """A policy and what there is to say about it. Values are never changed; edits make new ones.

    Args:
        policy: the parsed text.
        catalogue: what is known about claims.
        attestation_type: of the policy, when it is known.
        before: the analysis of the text before an edit, to take over from.
        most: rules that may be read for it.
    """

    __slots__ = (
        "_added",
        "_catalogue",
        "_earlier",
        "_findings",
        "_made",
        "_most",
        "_names",
        "_pieces",
        "_structure",
        "_type",
        "_verdicts",
        "policy",
    )

    def __init__(
        self,
        policy: Policy,
        catalogue: Catalogue,
        attestation_type: AttestationType | None = None,
        before: Analysis | None = None,
        most: int | None = None,
    ) -> None:
        self.policy = policy
        self._catalogue = catalogue
        self._type = attestation_type
        self._most = most
        self._earlier: tuple[Findings, int] | None = None
        self._findings: Findings | None = None
        self._pieces: tuple[KnownPiece, ...] = ()
        self._added: Counter[str] = Counter()
        self._made: frozenset[str] = frozenset()
        self._names: tuple[tuple[NameFinding, ...], ...] = ()
        self._verdicts: tuple[VerdictFinding, ...] | None = None
        self._structure: tuple[Diagnostic, ...] | None = None
        with without_collector():
            if before is None:
                self._start()
            else:
                self._take_over(before)

    @classmethod
    def of(
        cls, text: str, catalogue: Catalogue, attestation_type: AttestationType | None = None
    ) -> Analysis:
        """Parse and look at a text."""
        return cls(parse(text), catalogue, attestation_type)

    def edited(self, start: int, end: int, new_text: str, most: int | None = None) -> Analysis:
        """The analysis after the characters `start` to `end` were replaced.

        Raises:
            TooMuchError: it would take longer than reading `most` rules.
        """
        policy = reparse(self.policy, start, end, new_text, most)
        return Analysis(policy, self._catalogue, self._type, self, most)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every finding in the order of the text."""
        with without_collector():
            return tuple(self.findings)

    @property
    def findings(self) -> Findings:
        """The same, each placed when it is looked at."""
        if self._findings is None:
            header = self._header()
            if self._structure is None:
                policy = self.policy
                self._structure = tuple(check_structure(policy, policy.sections, self._type))
            names: tuple[tuple[NameFinding, ...], ...] = ()
            verdicts: tuple[VerdictFinding, ...] = ()
            # A text that cannot be read, or that decides nothing, says nothing as a whole.
            if header is not None and self.policy.parses:
                if self._verdicts is None:
                    self._verdicts = self._weighed(header)
                names, verdicts = self._names, self._verdicts
            said = Said(self.policy, self._pieces, names, verdicts, self._structure)
            self._findings = Findings(said)
            if self._earlier is not None:
                self._findings.take_over(*self._earlier)
                self._earlier = None
        return self._findings

    # --- reading ------------------------------------------------------------------------------

    def _start(self) -> None:
        """Look at every piece."""
        chunks = self.policy.chunks
        allow(len(chunks), self._most)
        self._added = Counter([name for chunk in chunks for name in added_by(chunk)])
        self._made = frozenset(self._added)
        self._pieces = self._read(chunks, "")
        self._names = ((),) * len(chunks)
        self._follow(None)

    def _take_over(self, before: Analysis) -> None:
        """Look at the pieces that an edit changed, and at what hangs on them."""
        old, new = before.policy.chunks, self.policy.chunks
        head, tail = kept_chunks(old, new)
        stop = len(old) - tail
        self._earlier = (before._findings, head) if before._findings is not None else None
        self._added, self._made = before._added, before._made
        self._count_added(before._pieces[head:stop], new[head : len(new) - tail])
        section = before._pieces[head - 1].section if head else ""
        more = _taken_in(before._pieces, old, stop, new[head : len(new) - tail], section)
        stop += more
        fresh = new[head : len(new) - tail + more]
        allow(len(fresh), self._most)
        gone, read = before._pieces[head:stop], self._read(fresh, section)
        self._pieces = (*before._pieces[:head], *read, *before._pieces[stop:])
        touched = _touched(gone, read)
        places = self._sharing(touched, before._made)
        versioned = [] if self._version == before._version else self._versioned()
        self._reread(before._made, places, versioned)
        edited = (*old[head:stop], *fresh)
        # Whatever is said about the structure has its place in the text, which the edit moves.
        if before._structure == () and not any(map(_is_frame, edited)) and self._header():
            self._structure = () if _count(new) <= self.policy.limits.rules else None
        self._keep_names(before, head, gone, read)
        if touched:
            blind = _blind(gone) == _blind(read)
            # Where no rule makes a claim, each condition about it stands for itself.
            near = {*places, *range(head, head + len(read))} if blind else None
            self._follow(touched - {ANY} if blind else None, near)
        if not any(map(_opens, edited)):
            self._keep_verdicts(before, head, gone, read)

    def _count_added(self, gone: Sequence[KnownPiece], fresh: Sequence[Chunk]) -> None:
        less = [name for piece in gone for name in piece.added]
        more = [name for chunk in fresh for name in added_by(chunk)]
        if less != more:
            self._added = self._added.copy()
            self._added.subtract(less)
            self._added.update(more)
            self._made = frozenset([name for name, count in self._added.items() if count > 0])

    def _read(self, chunks: Sequence[Chunk], section: str) -> tuple[KnownPiece, ...]:
        linter, context = self._tools()
        found = []
        for chunk in paced(chunks):
            piece = read_piece_facts(chunk, section, context, linter)
            section = piece.section
            found.append(piece)
        return tuple(found)

    def _tools(self) -> tuple[ClaimLinter, PieceContext]:
        linter = ClaimLinter(self._catalogue, self._type, self._version, self._made)
        return linter, PieceContext(self._catalogue, self._version, self.policy.limits)

    @property
    def _version(self) -> int:
        return version_index(self.policy.version)

    def _sharing(self, touched: frozenset[str], before: frozenset[str]) -> list[int]:
        """Pieces that mention a touched name that rules make or made, or any claim at all."""
        if self._made is not before:
            # A rule that cannot be read adds names that its piece does not mention.
            touched |= before ^ self._made
        shared = {name for name in touched if name in before or name in self._made}
        return self._mentioning({*shared, ANY}) if touched else []

    def _mentioning(self, names: set[str]) -> list[int]:
        """Pieces that mention one of the names; every edit asks this of thousands."""
        strangers = map(names.isdisjoint, map(_MENTIONED, self._pieces))
        return list(compress(count(), map(not_, strangers)))

    def _versioned(self) -> list[int]:
        """Pieces that may say something else under another version."""
        return list(compress(count(), map(_VERSIONED, self._pieces)))

    def _reread(self, before: frozenset[str], places: list[int], versioned: list[int]) -> None:
        """Look again at pieces that test claims which rules began or ceased to add.

        Args:
            before: what rules added before.
            places: pieces that may test them.
            versioned: pieces to look at for another reason.
        """
        after = self._made
        names = before ^ after
        stale = {place for place in places if not names.isdisjoint(self._pieces[place].tested)}
        stale.update(versioned)
        # Names that nobody knows are held against the ones that rules add, unless these are many.
        if names and min(len(before), len(after)) <= MOST_LOOKED_UP:
            known = self._catalogue.incoming_names | after | {ANY}
            familiar = map(known.issuperset, map(_TESTED, self._pieces))
            stale.update(compress(count(), map(not_, familiar)))
        if not stale:
            return
        allow(len(stale), self._most)
        linter, context = self._tools()
        pieces = list(self._pieces)
        for place in paced(stale):
            section = pieces[place - 1].section if place else ""
            chunk = self.policy.chunks[place]
            pieces[place] = read_piece_facts(chunk, section, context, linter)
        self._pieces = tuple(pieces)

    # --- what follows from several rules -------------------------------------------------------

    def _keep_names(
        self,
        before: Analysis,
        head: int,
        gone: Sequence[KnownPiece],
        fresh: Sequence[KnownPiece],
    ) -> None:
        """Take over what follows about names in pieces that stay, or mention the same ones."""
        known = before._names
        if [piece.names for piece in gone] == [piece.names for piece in fresh]:
            self._names = known
        else:
            stop = head + len(gone)
            self._names = (*known[:head], *((),) * len(fresh), *known[stop:])

    def _follow(self, names: frozenset[str] | None, places: Iterable[int] | None = None) -> None:
        """Follow names, or every one, through the pieces that mention them."""
        pieces = self._pieces
        asked = range(len(pieces)) if places is None else sorted(places)
        allow(len(asked) // _FOLLOWED, self._most)
        rules = [
            PlacedFacts(facts, section, place, number)
            for place in asked
            for number, (facts, section) in enumerate(pieces[place].rules)
            if section
        ]
        # The order of evaluation; sections may stand in the wrong order.
        rules.sort(key=lambda rule: SECTIONS.index(rule.section))
        told = list(self._names)
        for place in {rule.piece for rule in rules}:
            if told[place]:
                kept = [
                    each for each in told[place] if names is not None and each.name not in names
                ]
                told[place] = tuple(kept)
        for place, finding in follow_names(rules, names, self._catalogue):
            told[place] = (*told[place], finding)
        self._names = tuple(told)

    def _keep_verdicts(
        self,
        before: Analysis,
        head: int,
        gone: Sequence[KnownPiece],
        fresh: Sequence[KnownPiece],
    ) -> None:
        """Take over what follows about the verdict, when nothing that it hangs on has changed."""
        known, stop, shift = before._verdicts, head + len(gone), len(fresh) - len(gone)
        if known is None or not _bear_alike(gone, fresh):
            return
        if not shift:
            self._verdicts = known
        elif not any(head <= each.piece < stop for each in known):
            self._verdicts = tuple(
                [
                    each if each.piece < head else each._replace(piece=each.piece + shift)
                    for each in known
                ]
            )

    def _weighed(self, header: PlacedHeader) -> tuple[VerdictFinding, ...]:
        bearings = [
            (place, piece.bearing)
            for place, piece in enumerate(self._pieces)
            if piece.bearing is not NO_BEARING
        ]
        return tuple(weigh(bearings, header, self._type))

    def _header(self) -> PlacedHeader | None:
        for place, chunk in enumerate(self.policy.chunks):
            for node in chunk.nodes:
                if isinstance(node, SectionOpen) and node.name == AUTHORIZATION:
                    return PlacedHeader(place, Span(node.start, node.end))
        return None


def _taken_in(
    pieces: Sequence[KnownPiece],
    old: Sequence[Chunk],
    stop: int,
    fresh: Sequence[Chunk],
    section: str,
) -> int:
    """How many pieces from `stop` on now belong to another section: one was opened or closed."""
    for chunk in fresh:
        section = section_after(chunk, section)
    place = stop
    while place < len(old) and section != (pieces[place - 1].section if place else ""):
        section = section_after(old[place], section)
        place += 1
    return place - stop


def _touched(gone: Sequence[KnownPiece], fresh: Sequence[KnownPiece]) -> frozenset[str]:
    """Names about which something else is said than before."""
    if [piece.names for piece in gone] == [piece.names for piece in fresh]:
        return frozenset()
    return frozenset([name for piece in (*gone, *fresh) for name in piece.mentioned])


def _blind(pieces: Sequence[KnownPiece]) -> list[tuple[object, ...]]:
    """What pieces say about claims of any name."""
    return [piece.blind for piece in pieces if piece.blind]


def _is_frame(chunk: Chunk) -> bool:
    """Whether a piece stands outside the sections, or opens or closes one."""
    inside = chunk.before == chunk.after == INSIDE
    return not inside or any(not isinstance(node, Rule) for node in chunk.nodes)


def _opens(chunk: Chunk) -> bool:
    """Whether a section begins in a piece."""
    return any(isinstance(node, SectionOpen) for node in chunk.nodes)


def _bear_alike(gone: Sequence[KnownPiece], fresh: Sequence[KnownPiece]) -> bool:
    """Whether pieces have the same to do with the verdict."""
    before = [piece.bearing for piece in gone]
    after = [piece.bearing for piece in fresh]
    if len(before) == len(after):
        return before == after
    return [each for each in before if each is not NO_BEARING] == [
        each for each in after if each is not NO_BEARING
    ]


def _count(chunks: tuple[Chunk, ...]) -> int:
    return sum(map(len, map(_NODES, chunks)))


_FOLLOWED: Final = 40
"""Rules that a name is followed through in the time of reading one."""
_MENTIONED: Final[itemgetter[int]] = itemgetter(KnownPiece._fields.index("mentioned"))
_TESTED: Final[itemgetter[int]] = itemgetter(KnownPiece._fields.index("tested"))
_VERSIONED: Final[itemgetter[int]] = itemgetter(KnownPiece._fields.index("versioned"))
_NODES: Final[itemgetter[int]] = itemgetter(Chunk._fields.index("nodes"))
