"""Keeps the first-run card true and does what its buttons say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.desktop.host import PolicyPlace, TokenText
from sealwright.errors import AppError
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.providers.card import FirstRunCard
    from sealwright.services.bundle import Services
    from sealwright.services.first_start.first_start import TryCard
    from sealwright.services.model import Provider
    from sealwright.services.tokens.tokens import SampleToken


_BEST_FIRST: Final = (TrustModel.ISOLATED, TrustModel.AAD, TrustModel.SHARED)


def is_own(provider: Provider) -> bool:
    """Whether a provider is the user's, and not one of the sandbox in this program."""
    return provider.cloud.lower() != "sandbox"


def _rank(provider: Provider) -> tuple[bool, int]:
    """The sandbox first: the card promises that nothing is sent to Azure."""
    return is_own(provider), _BEST_FIRST.index(provider.trust_model)


class FirstRun(QObject):
    """Look at a policy, change and upload it, check the result token.

    The card gives way to providers of one's own, until it is asked for again.
    """

    def __init__(self, host: Host, card: FirstRunCard, parent: QObject) -> None:
        super().__init__(parent)
        self._host, self._card = host, card
        self._services: Services | None = None
        self._kept: TryCard | None = None
        self._wanted = False
        card.step_wanted.connect(self._on_step)
        card.dismissed.connect(self._on_dismissed)
        host.card_wanted.connect(self._on_wanted)
        host.providers_changed.connect(self._show)
        host.step_done.connect(self._mark)

    def set_services(self, services: Services) -> None:
        """Read where the card stands."""
        self._services = services
        task = self._host.runner.start(services.first_start.card)
        task.succeeded.connect(self._on_card)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_card(self, card: TryCard) -> None:
        self._kept = card
        self._card.show_card(card)
        self._show()

    @Slot()
    def _on_wanted(self) -> None:
        self._wanted = True
        self._show()

    @Slot()
    def _show(self) -> None:
        away = self._kept is None or self._kept.dismissed or any(map(is_own, self._host.providers))
        self._card.setVisible(self._wanted or not away)

    @Slot(str)
    def _mark(self, step: str) -> None:
        if self._services is not None:
            task = self._host.runner.start(partial(self._services.first_start.mark, step))
            task.succeeded.connect(self._on_card)
            task.failed.connect(self._host.fail)

    @Slot()
    def _on_dismissed(self) -> None:
        self._wanted = False
        self._mark("dismissed")

    @Slot(str)
    def _on_step(self, step: str) -> None:
        if step == "token":
            self._open_sample()
            return
        # Without a place for keys the example has no Isolated provider: the next best one shows
        # the same, unsigned.
        provider = min(self._host.providers, key=_rank, default=None)
        if provider is None:
            self._host.fail(
                AppError("No provider is there yet.", hint="Try again when the sandbox is ready.")
            )
            return
        self._host.choose_provider(provider)
        self._host.policy_wanted.emit(PolicyPlace(provider.id, MAIN_TYPES[0]))
        if step == "look":
            self._mark("look")

    def _open_sample(self) -> None:
        if self._services is not None:
            task = self._host.runner.start(self._services.tokens.recent)
            task.succeeded.connect(self._on_samples)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_samples(self, samples: tuple[SampleToken, ...]) -> None:
        self._host.panel_wanted.emit("tokens")
        if samples:
            sample = samples[0]
            by_id = {provider.id: provider.attest_uri for provider in self._host.providers}
            uri = by_id.get(sample.provider_id, "")
            self._host.token_wanted.emit(TokenText(sample.token, sample.title, uri))
