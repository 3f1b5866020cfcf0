"""Everything there is to say about a policy, kept current from edit to edit.

What a piece of the text says by itself is remembered with it; what follows from all rules together
is only worked out again when an edit changes what it follows from.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from sealwright.policy.checks import check_structure, version_index, with_version_fixes
from sealwright.policy.lint_carry import carry
from sealwright.policy.lint_claims import MOST_LOOKED_UP, ClaimLinter
from sealwright.policy.lint_flow import PlacedFacts, PlacedFinding, PlacedHeader, lint_flow
from sealwright.policy.lint_piece import KnownPiece, PieceContext, added_by, read_piece_facts
from sealwright.policy.parser import parse, reparse, without_collector
from sealwright.policy.piece import INSIDE
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, SECTIONS, Chunk, Policy, Rule, SectionOpen

if TYPE_CHECKING:
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
    """

    __slots__ = (
        "_added",
        "_catalogue",
        "_kept",
        "_kept_pieces",
        "_pieces",
        "_placed",
        "_structure",
        "_together",
        "_type",
        "policy",
    )

    def __init__(
        self,
        policy: Policy,
        catalogue: Catalogue,
        attestation_type: AttestationType | None = None,
        before: Analysis | None = None,
    ) -> None:
        self.policy = policy
        self._catalogue = catalogue
        self._type = attestation_type
        self._placed: tuple[Diagnostic, ...] | None = None
        self._pieces: tuple[KnownPiece, ...] = ()
        self._added: Counter[str] = Counter()
        self._together: tuple[PlacedFinding, ...] = ()
        self._kept: tuple[Diagnostic, ...] = ()
        self._kept_pieces = 0
        self._structure: tuple[Diagnostic, ...] = ()
        with without_collector(policy.starts[-1]):
            if before is None or not self._take_over(before):
                self._start()

    @classmethod
    def of(
        cls, text: str, catalogue: Catalogue, attestation_type: AttestationType | None = None
    ) -> Analysis:
        """Parse and look at a text."""
        return cls(parse(text), catalogue, attestation_type)

    def edited(self, start: int, end: int, new_text: str) -> Analysis:
        """The analysis after the characters `start` to `end` were replaced."""
        policy = reparse(self.policy, start, end, new_text)
        return Analysis(policy, self._catalogue, self._type, self)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every finding in the order of the text; placed when first asked for."""
        if self._placed is None:
            with without_collector(self.policy.starts[-1]):
                self._placed = self._place()
            self._kept = ()
        return self._placed

    def _place(self) -> tuple[Diagnostic, ...]:
        starts, first = self.policy.starts, self._kept_pieces
        found = list(self._structure)
        for place, piece in enumerate(self._pieces[first:], first):
            if piece.findings:
                base = starts[place]
                found += [each.shifted(base) for each in piece.findings]
        together = [each for each in self._together if each.chunk >= first]
        found += [each.shifted(starts[chunk]) for chunk, each in together]
        found = with_version_fixes(self.policy, found)
        found.sort(key=_order)
        if self._kept and self._structure:
            return tuple(sorted((*self._kept, *found), key=_order))
        return (*self._kept, *found)

    def _start(self) -> None:
        """Look at every piece."""
        for chunk in self.policy.chunks:
            self._added.update(added_by(chunk))
        self._pieces = self._read(self.policy.chunks, "")
        self._weigh_structure()
        self._weigh_together()

    def _take_over(self, before: Analysis) -> bool:
        """Look at the pieces that an edit changed; False when too much hangs on them."""
        old, new = before.policy.chunks, self.policy.chunks
        head, tail = _shared(old, new)
        stop = len(old) - tail
        fresh = new[head : len(new) - tail]
        if any(map(_is_frame, (*old[head:stop], *fresh))):
            return False
        gone = before._pieces[head:stop]
        self._added = before._added.copy()
        self._added.subtract(name for piece in gone for name in piece.added)
        self._added.update(name for chunk in fresh for name in added_by(chunk))
        section = before._pieces[head - 1].section if head else ""
        read = self._read(fresh, section)
        self._pieces = (*before._pieces[:head], *read, *before._pieces[stop:])
        changed = self._reread(_names(before._added), _names(self._added))
        if before._structure or _count(new) > self.policy.limits.rules:
            self._weigh_structure()
        carried = None
        if _keys(gone) == _keys(read) and before.policy.parses is self.policy.parses:
            carried = carry(before._together, head, gone, read)
        if carried is None:
            self._weigh_together()
        else:
            self._together = carried
            self._keep(before, min(head, changed))
        return True

    def _keep(self, before: Analysis, head: int) -> None:
        """Take over the findings that are already placed in the first pieces."""
        if before._placed is not None:
            bound = self.policy.starts[head]
            count = bisect_left(before._placed, bound, key=lambda each: each.span.start)
            of_all = set(map(id, before._structure))
            first = before._placed[:count]
            self._kept = tuple([each for each in first if id(each) not in of_all])
            self._kept_pieces = head

    def _read(self, chunks: tuple[Chunk, ...], section: str) -> tuple[KnownPiece, ...]:
        linter, context = self._tools()
        found = []
        for chunk in chunks:
            piece = read_piece_facts(chunk, section, context, linter)
            section = piece.section
            found.append(piece)
        return tuple(found)

    def _tools(self) -> tuple[ClaimLinter, PieceContext]:
        version = version_index(self.policy.version)
        names = _names(self._added)
        linter = ClaimLinter(self._catalogue, self._type, version, frozenset(names))
        return linter, PieceContext(self._catalogue, version, self.policy.limits)

    def _reread(self, before: set[str], after: set[str]) -> int:
        """Look again at pieces that test claims which rules began or ceased to add.

        Returns:
            the place of the first of them; the number of pieces when there is none.
        """
        first = len(self._pieces)
        names = before ^ after
        if not names:
            return first
        # Names that nobody knows are held against the ones that rules add, unless these are many.
        suggests = min(len(before), len(after)) <= MOST_LOOKED_UP
        known = self._catalogue.incoming_names | after | {""}
        linter, context = self._tools()
        pieces = list(self._pieces)
        for place, piece in enumerate(pieces):
            doubtful = suggests and not piece.tested <= known
            if doubtful or not names.isdisjoint(piece.tested):
                section = pieces[place - 1].section if place else ""
                chunk = self.policy.chunks[place]
                pieces[place] = read_piece_facts(chunk, section, context, linter)
                first = min(first, place)
        self._pieces = tuple(pieces)
        return first

    def _weigh_structure(self) -> None:
        policy = self.policy
        self._structure = tuple(check_structure(policy, policy.sections, self._type))

    def _weigh_together(self) -> None:
        header = self._header()
        if header is None or not self.policy.parses:
            self._together = ()
            return
        rules = [
            PlacedFacts(facts, section, place)
            for place, piece in enumerate(self._pieces)
            for facts, section in piece.rules
            if section
        ]
        rules.sort(key=lambda rule: SECTIONS.index(rule.section))
        self._together = tuple(lint_flow(rules, header, self._catalogue, self._type))

    def _header(self) -> PlacedHeader | None:
        for place, chunk in enumerate(self.policy.chunks):
            for node in chunk.nodes:
                if isinstance(node, SectionOpen) and node.name == AUTHORIZATION:
                    return PlacedHeader(place, Span(node.start, node.end))
        return None


def _order(finding: Diagnostic) -> tuple[int, int, str]:
    return (*finding.span, finding.code)


def _shared(old: tuple[Chunk, ...], new: tuple[Chunk, ...]) -> tuple[int, int]:
    """How many chunks both have at the beginning and at the end."""
    most = min(len(old), len(new))
    head = 0
    while head < most and old[head] is new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] is new[-1 - tail]:
        tail += 1
    return head, tail


def _is_frame(chunk: Chunk) -> bool:
    """Whether a piece stands outside the sections, or opens or closes one."""
    inside = chunk.before == chunk.after == INSIDE
    return not inside or any(not isinstance(node, Rule) for node in chunk.nodes)


def _names(added: Counter[str]) -> set[str]:
    return {name for name, count in added.items() if count > 0}


def _count(chunks: tuple[Chunk, ...]) -> int:
    return sum([len(chunk.nodes) for chunk in chunks])


def _keys(pieces: tuple[KnownPiece, ...]) -> list[object]:
    return [key for piece in pieces for key in piece.key]
