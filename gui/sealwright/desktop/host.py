"""What panels need from the window around them, and what they tell it.

Invariants
- Panels know the host and the services, never each other and never the window.
- Everything here lives on the Qt thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from sealwright.desktop.messages import message
from sealwright.desktop.overviews import Overviews
from sealwright.desktop.theme import Tone
from sealwright.errors import AppError, RoleError, SignInError
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.desktop.crash import CrashReporter
    from sealwright.desktop.tasks import TaskRunner
    from sealwright.services.model import Provider


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a notice, or an entry of the command palette."""

    text: str
    run: Callable[[], None]
    icon: str = ""
    keys: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that stands in the corner. Errors stay; others leave by themselves."""

    title: str
    text: str = ""
    tone: Tone = Tone.INFO
    details: str = ""
    action: Action | None = None
    key: str = ""
    """A newer notice with the same key replaces the older."""


@dataclass(frozen=True, slots=True)
class PolicyPlace:
    """A policy that somebody wants to see."""

    provider_id: str
    attestation_type: AttestationType


@dataclass(frozen=True, slots=True)
class TokenText:
    """A token handed over to the Tokens panel, with where it came from."""

    token: str
    title: str
    attest_uri: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceBytes:
    """Evidence handed over to the evidence viewer, with what vouches for it and its origin."""

    data: bytes = field(repr=False)
    title: str
    certificates: tuple[bytes, ...] = field(repr=False, default=())
    """DER, in any order."""
    runtime_data: bytes | None = field(repr=False, default=None)
    """What the report data must be the hash of."""


@dataclass(frozen=True, slots=True)
class RollBack:
    """An earlier policy text that shall be uploaded again, after a review."""

    provider_id: str
    attestation_type: AttestationType
    policy_hash: str


class Host(QObject):
    """The window as panels see it."""

    noticed = Signal(object)
    """Notice"""
    panel_wanted = Signal(str)
    policy_wanted = Signal(object)
    """PolicyPlace"""
    token_wanted = Signal(object)
    """TokenText"""
    evidence_wanted = Signal(object)
    """EvidenceBytes: show them in the evidence viewer."""
    roll_back_wanted = Signal(object)
    """RollBack"""
    connect_wanted = Signal()
    network_wanted = Signal()
    """Show proxy and trust."""
    accounts_wanted = Signal()
    """Show who is signed in."""
    refresh_wanted = Signal()
    card_wanted = Signal()
    """Show the first-run card again."""
    provider_changed = Signal(object)
    """Provider or None: the provider box shows another one."""
    providers_changed = Signal(object)
    """tuple[Provider, ...]: the known providers were read again."""
    changed = Signal(str)
    """Something was changed: `providers`, `policies`, `signers`, `keys` or `activity`."""
    step_done = Signal(str)
    """A step of the first-run card was done: `look`, `upload` or `token`."""

    def __init__(
        self, runner: TaskRunner, crashes: CrashReporter, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.runner = runner
        self.overviews = Overviews(runner, self)
        self.overviews.failed.connect(self.fail)
        self._crashes = crashes
        self._provider: Provider | None = None
        self._preferred = ""
        self._providers: tuple[Provider, ...] = ()

    @property
    def provider(self) -> Provider | None:
        """The provider in the provider box."""
        return self._provider

    @property
    def providers(self) -> tuple[Provider, ...]:
        """All known providers, as last read."""
        return self._providers

    def prefer_provider(self, provider_id: str) -> None:
        """Which one to choose when the providers become known; the one of the last time."""
        self._preferred = provider_id

    def set_providers(self, providers: tuple[Provider, ...]) -> None:
        """Tell everybody what is known now; the chosen one stays when it is still there."""
        self._providers = providers
        self.providers_changed.emit(providers)
        ids = tuple(provider.id for provider in providers)
        by_id = {provider.id: provider for provider in providers}
        chosen = by_id.get(self._preferred) or _first_to_show(providers)
        self.overviews.forget(ids)
        # What is looked at comes first; of hundreds, the last would wait for a minute.
        self.overviews.read(ids if chosen is None else (chosen.id, *ids))
        self._show_provider(chosen)

    def choose_provider(self, provider: Provider | None) -> None:
        """Put a provider into the provider box, and keep it there."""
        self._preferred = provider.id if provider is not None else ""
        self._show_provider(provider)

    def _show_provider(self, provider: Provider | None) -> None:
        if provider != self._provider:
            self._provider = provider
            self.provider_changed.emit(provider)

    def notify(self, notice: Notice) -> None:
        """Show a notice."""
        self.noticed.emit(notice)

    def fail(self, error: BaseException, *, key: str = "", action: Action | None = None) -> None:
        """Show an error in words; what is no `AppError` goes to the crash report as well."""
        if not isinstance(error, AppError):
            self._crashes.report(error)
            return
        shown = message(error)
        text = shown.text
        if isinstance(error, RoleError) and action is None and error.activation:
            action = Action(self.tr("Activate a role…"), partial(_open, error.activation), "key")
        if isinstance(error, SignInError):
            action = Action(self.tr("Accounts…"), self.accounts_wanted.emit, "user")
        self.notify(
            Notice(shown.title, text, Tone.ERR, details=shown.details_text, action=action, key=key)
        )


def _open(page: str) -> None:
    QDesktopServices.openUrl(QUrl(page))


def _first_to_show(providers: tuple[Provider, ...]) -> Provider | None:
    """Where nobody has chosen yet: the Isolated one, on which every step of the main job works."""
    isolated = (each for each in providers if each.trust_model is TrustModel.ISOLATED)
    return next(isolated, providers[0] if providers else None)
