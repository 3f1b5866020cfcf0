"""The lossless tree of a policy.

Nodes are named tuples, not dataclasses: a policy of a megabyte has a hundred thousand of them, and
they are made in a third of the time. Their offsets count from the start of the piece they stand in,
so a piece stays as it is when something changes before it.
"""

from __future__ import annotations

from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.limits import DEFAULT_LIMITS, Limits
from sealwright.policy.source import Lines, Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.policy.diagnostics import Diagnostic

SECTIONS: Final = ("configurationrules", "authorizationrules", "issuancerules")
CONFIGURATION, AUTHORIZATION, ISSUANCE = SECTIONS
VERSIONS: Final = ("1.0", "1.1", "1.2")
PROPERTIES: Final = ("type", "value", "issuer", "valueType")
VERBS: Final = ("permit", "deny", "add", "issue", "issueproperty")
COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=")
FUNCTIONS: Final = {
    "JmesPath": 2,
    "JsonToClaimValue": 1,
    "IsSubsetOf": 2,
    "AppendString": 2,
    "NegateBool": 1,
    "ContainsOnlyValue": 2,
}
"""Known functions and the number of their arguments."""


class Literal(NamedTuple):
    """A string, integer or boolean written in the policy."""

    value: str | int | bool
    start: int
    end: int


class Reference(NamedTuple):
    """`name.property`."""

    name: str
    property: str
    start: int
    end: int
    property_start: int


class Call(NamedTuple):
    """`function(argument, ...)`; the function need not exist."""

    function: str
    arguments: tuple[Expression, ...]
    start: int
    end: int


Expression = Literal | Reference | Call


class Test(NamedTuple):
    """`property comparison expression` inside a selector."""

    property: str
    comparison: str
    expression: Expression
    start: int
    end: int
    comparison_start: int


class Condition(NamedTuple):
    """`! name:[test, ...]`; `name` is empty when the condition has none."""

    negated: bool
    name: str
    tests: tuple[Test, ...]
    start: int
    end: int
    name_start: int
    selector_start: int


class Assignment(NamedTuple):
    """`property=expression` of an action."""

    property: str
    expression: Expression
    start: int
    end: int


class Action(NamedTuple):
    """What a rule does; `copy` is the name after `claim=`, empty when there is none."""

    verb: str
    assignments: tuple[Assignment, ...]
    copy: str
    start: int
    end: int
    copy_start: int

    def assigned(self, name: str) -> Expression | None:
        """The expression assigned to property `name`, the last one when there are several."""
        found = None
        for assignment in self.assignments:
            if assignment.property == name:
                found = assignment.expression
        return found


class Rule(NamedTuple):
    """One rule with its `;`."""

    conditions: tuple[Condition, ...]
    action: Action
    start: int
    end: int


class VersionLine(NamedTuple):
    """`version=MAJOR.MINOR;`; the span of the number itself is kept too."""

    version: str
    start: int
    end: int
    number_start: int
    number_end: int


class SectionOpen(NamedTuple):
    """`section-name {`; `name` is the canonical spelling, empty when it is none."""

    name: str
    start: int
    end: int


class SectionClose(NamedTuple):
    """`};`."""

    start: int
    end: int


Node = VersionLine | SectionOpen | SectionClose | Rule


class Chunk(NamedTuple):
    """A piece of the text, what stands in it, and what is wrong with it."""

    text: str
    nodes: tuple[Node, ...]
    problems: tuple[Diagnostic, ...]
    before: int
    after: int


_new: Final = tuple.__new__  # half the time of the constructor
# Every edit asks this of thousands of chunks.
_TEXT: Final[itemgetter[int]] = itemgetter(Chunk._fields.index("text"))
_PROBLEMS: Final[itemgetter[int]] = itemgetter(Chunk._fields.index("problems"))


class PlacedRule(NamedTuple):
    """A rule and where its offsets count from."""

    rule: Rule
    base: int
    chunk: int

    @property
    def span(self) -> Span:
        """The rule in the whole text."""
        return _new(Span, (self.base + self.rule.start, self.base + self.rule.end))


class Section(NamedTuple):
    """One section as it stands in the text; `name` is empty when it is not a known one."""

    name: str
    span: Span
    rules: tuple[PlacedRule, ...]
    chunk: int


class Policy:
    """A parsed text, whatever it is: nothing of it is lost. Values are never changed.

    Make one with `sealwright.policy.parse`.
    """

    __slots__ = ("_lines", "_sections", "_starts", "chunks", "limits")

    def __init__(self, chunks: tuple[Chunk, ...], limits: Limits = DEFAULT_LIMITS) -> None:
        self.chunks = chunks
        self.limits = limits
        self._starts: list[int] | None = None
        self._lines: Lines | None = None
        self._sections: tuple[Section, ...] | None = None

    @property
    def text(self) -> str:
        """The text, put together again from the tree."""
        return "".join(map(_TEXT, self.chunks))

    def __str__(self) -> str:
        """The text: printing a policy gives back what was parsed."""
        return self.text

    @property
    def starts(self) -> list[int]:
        """Offset of each chunk, and of the end."""
        if self._starts is None:
            self._starts = list(accumulate(map(len, map(_TEXT, self.chunks)), initial=0))
        return self._starts

    def position(self, offset: int) -> Position:
        """Line and column of an offset."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines.position(offset)

    @property
    def syntax_errors(self) -> tuple[Diagnostic, ...]:
        """Findings of the parser in the order of the text, mere warnings of spelling included."""
        return tuple(
            problem.shifted(base)
            for base, chunk in zip(self.starts, self.chunks, strict=False)
            for problem in chunk.problems
        )

    @property
    def parses(self) -> bool:
        """Whether the text follows the grammar; static checks may still fail."""
        doubtful = filter(None, map(_PROBLEMS, self.chunks))
        return not any(problem.is_syntax_error for found in doubtful for problem in found)

    @property
    def version(self) -> str | None:
        """`1.0` and the like; None when there is no version line."""
        for chunk in self.chunks:
            for node in chunk.nodes:
                if isinstance(node, VersionLine):
                    return node.version
                return None
        return None

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections in the order of the text."""
        if self._sections is None:
            self._sections = tuple(self._read_sections())
        return self._sections

    def _read_sections(self) -> Iterator[Section]:
        opened: SectionOpen | None = None
        begin = place = 0
        rules: list[PlacedRule] = []
        for index, (base, chunk) in enumerate(zip(self.starts, self.chunks, strict=False)):
            for node in chunk.nodes:
                if isinstance(node, Rule):
                    rules.append(_new(PlacedRule, (node, base, index)))
                    continue
                if opened is not None:
                    closed = isinstance(node, SectionClose)
                    end = base + (node.end if closed else node.start)
                    yield Section(opened.name, Span(begin, end), tuple(rules), place)
                    opened, rules = None, []
                if isinstance(node, SectionOpen):
                    opened, begin, place = node, base + node.start, index
        if opened is not None:
            yield Section(opened.name, Span(begin, self.starts[-1]), tuple(rules), place)

    def section(self, name: str) -> tuple[PlacedRule, ...]:
        """The rules of the first section called `name`; empty when there is none."""
        return next((each.rules for each in self.sections if each.name == name), ())
