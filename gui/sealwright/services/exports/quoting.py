"""How each language writes a text, so that no name or tag can become code in a script."""

from __future__ import annotations

import json
import re
import shlex
from typing import Final

_NAME: Final = re.compile(r"[^0-9A-Za-z_]+")
_HCL: Final = {"${": "$${", "%{": "%%{"}
_BICEP: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "${": "\\${"}


def shell(text: str) -> str:
    """A POSIX shell word."""
    return shlex.quote(text)


def powershell(text: str) -> str:
    """A PowerShell literal; typographic quotes end one there too."""
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text) + "'"


def terraform(text: str) -> str:
    """An HCL string."""
    quoted = json.dumps(text, ensure_ascii=False)
    for mark, escaped in _HCL.items():
        quoted = quoted.replace(mark, escaped)
    return quoted


def bicep(text: str) -> str:
    """A Bicep string."""
    for mark, escaped in _BICEP.items():
        text = text.replace(mark, escaped)
    return f"'{text}'"


def arm(text: str) -> str:
    """The value of an ARM template string: a leading bracket would begin an expression."""
    return f"[{text}" if text.startswith("[") else text


def identifier(name: str) -> str:
    """A name that Terraform and Bicep take for a resource."""
    found = _NAME.sub("_", name).strip("_")
    return found if found and not found[0].isdigit() else f"provider_{found}"
