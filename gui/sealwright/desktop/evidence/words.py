"""Words of the evidence viewer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.theme import Tone

STATUS = {
    "pass": ("ok", Tone.OK),
    "fail": ("err", Tone.ERR),
    "warn": ("warn", Tone.WARN),
    "skip": ("none", Tone.NEU),
}
"""Icon and tone of a check by its status."""


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("evidence", text)


def status_words(status: str) -> str:
    """How a check came out, in a word or two."""
    return {
        "pass": tr("holds"),
        "fail": tr("does not hold"),
        "warn": tr("look at this"),
        "skip": tr("not judged"),
    }[status]


def size_words(size: int) -> str:
    """`4,600 bytes`."""
    return tr("1 byte") if size == 1 else tr("{0} bytes").format(f"{size:,}")


def span_words(offset: int, size: int) -> str:
    """`0080\u2013009f`, as an editor of bytes writes it."""
    if size <= 1:
        return f"{offset:04x}"
    return f"{offset:04x}\u2013{offset + size - 1:04x}"
