"""What the command palette finds among the providers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.providers.rows import Known, location_words
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.finds import Find
from sealwright.services.model import PolicyState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.desktop.host import Host
    from sealwright.services.model import Provider
    from sealwright.services.reaching.overview import PolicyCell


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("providers", text)


def provider_finds(
    host: Host, providers: Sequence[Provider], known: Mapping[str, Known]
) -> list[Find]:
    """Custom policies first, then providers."""
    found = [
        _policy(host, provider, cell)
        for provider in providers
        for cell in known.get(provider.id, Known()).cells.values()
        if cell.state == PolicyState.CUSTOM
    ]
    return found + [_provider(host, provider) for provider in providers]


def _policy(host: Host, provider: Provider, cell: PolicyCell) -> Find:
    place = PolicyPlace(provider.id, cell.attestation_type)
    return Find(
        tr("Policies"),
        cell.attestation_type.value,
        partial(host.policy_wanted.emit, place),
        "pencil",
        icon_color="info.mark",
        context=provider.name,
        chip=(tr("Drifted"), Tone.ERR, "drift") if cell.drifted else None,
    )


def _provider(host: Host, provider: Provider) -> Find:
    return Find(
        tr("Providers"),
        provider.name,
        partial(_go_to, host, provider),
        "providers",
        context=f"{location_words(provider)} · {provider.trust_model.value}",
    )


def _go_to(host: Host, provider: Provider) -> None:
    host.panel_wanted.emit("providers")
    host.choose_provider(provider)
