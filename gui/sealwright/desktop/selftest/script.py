"""What a person does in the window for the main job, from first start to roll back.

The names are accessible names, as they are seen or heard; `…` at the end of one stands for any end.
The end-to-end test follows the same script with the mouse and keyboard of a real screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_PATIENCE: Final = 120.0
"""Seconds; a slow machine makes the sandbox's keys for longer than anything else takes."""


@dataclass(frozen=True, slots=True)
class Click:
    """Click the middle of the first enabled control of that name."""

    name: str
    role: str = ""
    seconds: float = _PATIENCE

    @property
    def words(self) -> str:
        """What did not happen when it fails."""
        return f"`{self.name}` could not be clicked"


@dataclass(frozen=True, slots=True)
class See:
    """Wait until a control of that name can be seen."""

    name: str
    role: str = ""
    seconds: float = _PATIENCE

    @property
    def words(self) -> str:
        """What did not happen when it fails."""
        return f"`{self.name}` was not seen"


@dataclass(frozen=True, slots=True)
class Fill:
    """Type text into what has the focus."""

    text: str
    seconds: float = _PATIENCE

    @property
    def words(self) -> str:
        """What did not happen when it fails."""
        return "the text was not typed"


@dataclass(frozen=True, slots=True)
class Press:
    """Press a chord."""

    keys: Literal["Ctrl+A", "Ctrl+End", "Return", "Escape"]
    seconds: float = _PATIENCE

    @property
    def words(self) -> str:
        """What did not happen when it fails."""
        return f"{self.keys} was not pressed"


@dataclass(frozen=True, slots=True)
class Shot:
    """Keep a picture of the window."""

    title: str
    seconds: float = _PATIENCE

    @property
    def words(self) -> str:
        """What did not happen when it fails."""
        return "no picture was taken"


Act = Click | See | Fill | Press | Shot


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """How a stage ended; `problem` is empty when all its acts were done."""

    id: str
    title: str
    problem: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Some acts with one aim."""

    id: str
    title: str
    acts: tuple[Act, ...]

    def ended(self, problem: str, seconds: float) -> StageOutcome:
        """The outcome of this stage."""
        return StageOutcome(self.id, self.title, problem, seconds)


_PROVIDER: Final = "contoso-prod"
_KEY: Final = "selftest"
_POLICY: Final = """version= 1.0;
authorizationrules {
=> permit();
};
issuancerules {
};"""
_PROVEN: Final = See(f"Proven: {_PROVIDER} has exactly this text…", "StaticText")
_SIGN_WITH: Final = Click(f"{_KEY}…", "RadioButton")

MAIN_JOB: Final = (
    Stage(
        "first-start",
        "See the example of a first start",
        (See(f"{_PROVIDER}…", "TreeItem"), Shot("first-start")),
    ),
    Stage(
        "isolated",
        "Open the policy of the Isolated provider",
        (
            Click(f"{_PROVIDER}…", "TreeItem"),
            Click("Open policy SgxEnclave: Custom", "Button"),
            See("Policy text of …", "EditableText"),
            See("Equal"),
            Shot("deployed-policy"),
        ),
    ),
    Stage(
        "type",
        "Type a policy",
        (
            Click("Policy text of …", "EditableText"),
            Press("Ctrl+A"),
            Fill(_POLICY),
            See("Differs…"),
            Shot("typed-policy"),
        ),
    ),
    Stage(
        "generate",
        "Generate a signing key",
        (
            Click("Signers", "CheckBox"),
            Click("Generate", "Button"),
            Click("Name", "EditableText"),
            Fill(_KEY),
            Click("Generate key", "Button"),
            See(f"{_KEY}…", "TreeItem"),
            Shot("generated-key"),
        ),
    ),
    Stage(
        "add-signer",
        "Add it as policy signer, signed by the existing one",
        (
            Click("Add signer", "Button"),
            Click("Go on", "Button"),
            See("contoso-policy-signer…", "ComboBox"),
            Shot("add-signer"),
            Click("Add signer", "Button"),
            See("Proven: …", "StaticText"),
            Shot("added-signer"),
            Click("Close", "Button"),
        ),
    ),
    Stage(
        "upload",
        "Review, sign with it, upload, and see it proven",
        (
            Click("Policies", "CheckBox"),
            Click("Review and upload…", "Button"),
            _SIGN_WITH,
            Shot("review"),
            Click("Upload", "Button"),
            _PROVEN,
            Shot("proof"),
            Click("Done", "Button"),
        ),
    ),
    Stage(
        "roll-back",
        "Roll back to the earlier policy, and see it proven",
        (
            Click("History", "PageTab"),
            Click("Seen", "TreeItem"),
            Shot("history"),
            Click("Roll back…", "Button"),
            _SIGN_WITH,
            Shot("review-roll-back"),
            Click("Roll back", "Button"),
            _PROVEN,
            Shot("proof-roll-back"),
            Click("Done", "Button"),
        ),
    ),
    Stage(
        "activity",
        "See it in the activity log",
        (Click("Activity", "CheckBox"), See("…", "TreeItem"), Shot("activity")),
    ),
)
