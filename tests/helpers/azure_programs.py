"""`az` and `pwsh` for the path: programs that answer in the real ones' form from a sandbox."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.served_sandbox import ServedSandbox

_COMMON = """#!{python}
import base64, json, re, ssl, sys, time, urllib.parse, urllib.request
facts = json.load(open({facts!r}))
with open({calls!r}, "a") as log:
    log.write(" ".join(sys.argv[1:3]) + "\\n")
mood = open({mood!r}).read()
if mood == "slow":
    time.sleep(600)

def token(resource):
    form = urllib.parse.urlencode({{
        "grant_type": "client_credentials", "client_id": facts["clientId"],
        "client_secret": facts["clientSecret"], "scope": resource.removesuffix("/") + "/.default",
    }}).encode()
    trust = ssl.create_default_context(cafile=facts["caFile"])
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({{}}), urllib.request.HTTPSHandler(context=trust))
    url = facts["authority"] + "/" + facts["tenant"] + "/oauth2/v2.0/token"
    with opener.open(url, form, 20) as answer:
        return json.load(answer)["access_token"]
"""

_AZ = """
arguments = sys.argv[1:]
def option(name):
    return arguments[arguments.index(name) + 1] if name in arguments else ""
if mood == "signed out":
    sys.stderr.write("ERROR: Please run 'az login' to setup account.\\n")
    sys.exit(1)
if mood == "refused":
    sys.stderr.write("ERROR: AADSTS70043: The refresh token has expired or is invalid due to "
        "sign-in frequency checks by conditional access.\\nTo re-authenticate, please run:\\n"
        "az login\\n")
    sys.exit(1)
if mood == "broken":
    sys.stdout.write("Traceback (most recent call last):\\n")
    sys.exit(0)
if arguments[:2] == ["account", "show"]:
    print(json.dumps({"environmentName": "AzureCloud", "id": facts["subscription"],
        "isDefault": True, "name": "Sandbox", "state": "Enabled", "tenantId": facts["tenant"],
        "user": {"name": "mira@contoso.com", "type": "user"}}, indent=2))
else:
    ends = int(time.time()) + 3599
    resource = option("--resource") or option("--scope").removesuffix("/.default")
    print(json.dumps({"accessToken": token(resource),
        "expiresOn": time.strftime("%Y-%m-%d %H:%M:%S.000000", time.localtime(ends)),
        "expires_on": ends, "subscription": facts["subscription"], "tenant": facts["tenant"],
        "tokenType": "Bearer"}, indent=2))
"""

_PWSH = """
script = base64.b64decode(sys.argv[sys.argv.index("-EncodedCommand") + 1]).decode("utf-16-le")
if mood == "signed out":
    sys.stderr.write("Get-AzAccessToken: Run Connect-AzAccount to login.\\n")
    sys.exit(1)
if mood == "broken":
    sys.exit(0)
resource = re.search(r"ResourceUrl'? ?=? ?'([^']+)'", script).group(1)
found, ends = token(resource), int(time.time()) + 3599
if "azsdk%" in script:
    print("\\nazsdk%{}%{}\\n".format(found, ends))
else:
    print("Loading personal and system profiles took 812ms.")
    print(json.dumps({"token": found, "expires": ends, "user": "mira@contoso.com",
        "tenant": facts["tenant"]}))
"""


class AzurePrograms:
    """Both programs in a folder; `mood` is empty, `slow`, `broken`, `refused` or `signed out`."""

    def __init__(self, folder: Path, served: ServedSandbox) -> None:
        self.folder = folder
        self._mood, self._calls = folder / "mood", folder / "calls"
        facts = folder / "facts.json"
        facts.write_text(json.dumps(served.ready), encoding="utf-8")
        facts.chmod(0o600)
        common = _COMMON.format(
            python=sys.executable,
            facts=str(facts),
            calls=str(self._calls),
            mood=str(self._mood),
        )
        for name, body in (("az", _AZ), ("pwsh", _PWSH)):
            program = folder / name
            program.write_text(common + body, encoding="utf-8")
            program.chmod(0o755)
        self.feel("")

    def feel(self, mood: str) -> None:
        self._mood.write_text(mood, encoding="utf-8")

    @property
    def calls(self) -> list[str]:
        """What the programs were asked, one line a start."""
        found = self._calls.read_text(encoding="utf-8") if self._calls.exists() else ""
        return found.splitlines()

    @property
    def path(self) -> str:
        """A PATH on which they come first."""
        return f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"
