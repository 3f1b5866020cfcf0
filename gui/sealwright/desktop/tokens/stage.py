"""The Tokens panel as its helpers know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.host import TokenText
    from sealwright.desktop.tokens.chain.pane import ChainPane
    from sealwright.desktop.tokens.head import TokenHead
    from sealwright.desktop.tokens.pages import TokenPages
    from sealwright.desktop.tokens.shown import Shown
    from sealwright.services.tokens.key_source import KeySource


class TokenStage(Protocol):
    """What is open, what shows it, and what can come next."""

    @property
    def head(self) -> TokenHead:
        """Title and menus."""
        ...

    @property
    def pages(self) -> TokenPages:
        """The left half; dialogs belong to it."""
        ...

    @property
    def chain(self) -> ChainPane:
        """The right half."""
        ...

    @property
    def opened(self) -> Sequence[TokenText]:
        """The tokens of this session, newest first."""
        ...

    @property
    def current(self) -> TokenText | None:
        """The open token."""
        ...

    @property
    def shown_token(self) -> Shown | None:
        """What was found out about the open token."""
        ...

    def open_token(self, token: TokenText) -> None:
        """Take a token apart and check it offline."""
        ...

    def open_with(self, token: TokenText, source: KeySource) -> None:
        """Take a token apart and check it with the keys of a source."""
        ...

    def check_again(self) -> None:
        """Check the open token once more, with what is chosen now."""
        ...

    def show_again(self, token: TokenText, shown: Shown) -> None:
        """Show what was open, as it was checked."""
        ...

    def show_batch(self, title: str) -> None:
        """Many tokens are looked at."""
        ...

    def close_token(self) -> None:
        """Back to the start page."""
        ...

    def clear_token(self) -> None:
        """Nothing of a token is shown any more."""
        ...
