"""The help of the program and of each group; a command's own help comes from its parser."""

from __future__ import annotations

from sealwright.cli.table import OUTSIDE, TABLE

_COMMON = """\
Options of every command:
  --home DIR                    keep all state under DIR (or set SEALWRIGHT_HOME)
  --format text|json            how results are written; JSON is one document
  --vault-passphrase-file FILE  first line opens the vault file, where that is in use
  --debug                       show the traceback of an error
  --help                        show help, also behind a group or a command

Exit codes: 0 holds, 1 does not hold, 2 wrong usage or input, 3 refused or failed, 4 cancelled.
"""


def of(words: tuple[str, ...]) -> str:
    """Help for the program, or for the group that is named."""
    if words:
        return _group(words[0])
    lines = [
        "Usage: sealwright                      open the window",
        "       sealwright GROUP COMMAND ...    run a command",
        "       sealwright --version",
        "",
    ]
    for group, commands in TABLE.items():
        alone = commands.get("")
        lines.append(f"  {group:10} {alone[1] if alone else '  '.join(commands)}")
    lines += [f"  {name:10} {what}" for name, what in OUTSIDE.items()]
    return "\n".join([*lines, "", _COMMON])


def _group(group: str) -> str:
    lines = [f"Usage: sealwright {group} COMMAND ...", ""]
    width = max(10, *(len(name) for name in TABLE[group]))
    lines += [f"  {name:{width}} {what}" for name, (_, what) in TABLE[group].items()]
    return "\n".join([*lines, "", _COMMON])
