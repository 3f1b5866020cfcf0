"""The system's browser, played by HTTP: it opens pages of the authority and presses buttons."""

from __future__ import annotations

import re
import ssl
import threading
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.served_sandbox import ServedSandbox

_FIELD = re.compile(r'<input type=hidden name="([^"]*)" value="([^"]*)">')
_ACTION = re.compile(r'<form method=post action="([^"]*)">')


class Browser:
    """Signs `user` in on every page that it is shown, or cancels when there is no user."""

    def __init__(self, ca_file: str, user: str) -> None:
        self._ca = ca_file
        self.user = user
        self.seen: list[str] = []
        self.pages: list[str] = []
        self._threads: list[threading.Thread] = []

    def open(self, url: str) -> bool:
        """What `webbrowser.open` does: return at once, and show the page meanwhile."""
        self.seen.append(url)
        thread = threading.Thread(target=self._visit, args=(url,))
        thread.start()
        self._threads.append(thread)
        return True

    def join(self) -> None:
        for thread in self._threads:
            thread.join(20)

    def enter_code(self, url: str, code: str) -> str:
        """Open the page of a device code, enter it and decide; what the last page says."""
        with self._client() as client:
            page = client.get(url, params={"otc": code})
            self.pages.append(page.text)
            return client.post(str(page.url), data=self._decision()).text

    def _visit(self, url: str) -> None:
        with self._client() as client:
            page = client.get(url)
            self.pages.append(page.text)
            if page.status_code == 200:
                self._press(client, url)

    def _press(self, client: httpx.Client, url: str) -> None:
        answer = client.post(url, data=self._decision())
        action = _ACTION.search(answer.text)
        if action is not None:
            fields = {
                unescape(name): unescape(value) for name, value in _FIELD.findall(answer.text)
            }
            place = unescape(action.group(1))
            # A browser takes what `localhost` is; the answer's page is plain http on this computer.
            answer = client.post(urljoin(url, place), data=fields)
        self.pages.append(answer.text)

    def _decision(self) -> dict[str, str]:
        if not self.user:
            return {"decision": "cancel"}
        return {"user": self.user, "decision": "accept"}

    def _client(self) -> httpx.Client:
        trust = ssl.create_default_context(cafile=self._ca)
        return httpx.Client(verify=trust, trust_env=False, timeout=20)


def no_browser(opened: list[str]) -> Callable[[str], bool]:
    """A computer without a browser; it notes what it was asked to show."""

    def show(url: str) -> bool:
        opened.append(url)
        return False

    return show


def operate(served: ServedSandbox, face: str, body: object) -> None:
    """Tell a served sandbox how to behave."""
    trust = ssl.create_default_context(cafile=served.ca_file)
    with httpx.Client(verify=trust, trust_env=False, timeout=20) as client:
        answer = client.put(
            f"{served.ready['armEndpoint']}/_sandbox/{face}",
            json=body,
            headers={"X-Sandbox-Operator": served.ready["operatorKey"]},
        )
    assert answer.status_code == 200, answer.text
