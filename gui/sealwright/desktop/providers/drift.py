"""Says which policies were changed outside Sealwright."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.desktop.providers.rows import Known
    from sealwright.services.model import Provider

    Drifted = Sequence[tuple[Provider, AttestationType]]


def drifted(providers: Iterable[Provider], known: Mapping[str, Known]) -> Drifted:
    """Policies that differ from the last text seen here, in the order of the providers."""
    return [
        (provider, kind)
        for provider in providers
        for kind, cell in known[provider.id].cells.items()
        if cell.drifted
    ]


class DriftBanner(Banner):
    """Names the first of them and counts the others."""

    def show_drift(self, found: Drifted) -> None:
        """Tell of these, or go."""
        if not found:
            self.hide()
            return
        provider, kind = found[0]
        title = self.tr("{0}: the policy of {1} differs from the last one seen here").format(
            provider.name, kind.value
        )
        text = self.tr("It was changed outside Sealwright.")
        if len(found) > 1:
            text = self.tr("{0} {1} more differ as well.").format(text, len(found) - 1)
        self.tell(Tone.ERR, title, text, action=self.tr("Show it"), icon="drift")
