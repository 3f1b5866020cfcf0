"""The program's own log file: what was called and how it ended; never a header, token or body."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sealwright.store.home import Home

_SIZE: Final = 1_000_000
_KEPT: Final = 3
_FORM: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"


def keep_log(home: Home) -> None:
    """Write what the program reports into a file of this home; blocking.

    Raises:
        OSError: the folder cannot be written.
    """
    home.logs.mkdir(mode=0o700, exist_ok=True)
    handler = RotatingFileHandler(
        home.logs / "sealwright.log", maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter(_FORM))
    ours = logging.getLogger("sealwright")
    ours.setLevel(logging.INFO)
    ours.addHandler(handler)
