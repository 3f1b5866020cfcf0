"""The pages of the authority that a person sees in a browser: consent, and the device code."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from sealwright.sandbox.sign_in.grants import PUBLIC_CLIENTS, Grant
from sealwright.sandbox.sign_in.refusals import OBSTACLES, OAuthError, met
from sealwright.sandbox.wire import Reply, route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import TenantRecord, UserRecord
    from sealwright.sandbox.sign_in.grants import Grants
    from sealwright.sandbox.wire import Call, Route

ANY_TENANT: Final = ("common", "organizations")
_HTML: Final = "text/html; charset=utf-8"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 30rem; margin: 4rem auto;
  padding: 0 1rem; color-scheme: light dark; }}
label {{ display: block; padding: .4rem 0; }}
button {{ font: inherit; padding: .4rem 1.2rem; margin: 1rem .5rem 0 0; }}
.note {{ border-left: 3px solid #c47f00; padding-left: .8rem; }}
</style></head><body>{body}</body></html>"""


class SignInPages:
    """Shows who can sign in, and takes the decision. There are no passwords in a sandbox."""

    def __init__(self, core: Core, grants: Grants) -> None:
        self._core = core
        self._grants = grants

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        return (
            route("GET", "/{tenant}/oauth2/v2.0/authorize", self._authorize),
            route("POST", "/{tenant}/oauth2/v2.0/authorize", self._authorized),
            route("GET", "/{tenant}/oauth2/deviceauth", self._device),
            route("POST", "/{tenant}/oauth2/deviceauth", self._device_decided),
        )

    # --- authorization code -----------------------------------------------------------------

    def _authorize(self, call: Call) -> Reply:
        problem = self._problem(call)
        if problem is not None:
            return _page("Sign-in failed", f"<p>{escape(problem.described)}</p>", status=400)
        query = call.query
        people = self._people_of(call.arguments["tenant"])
        name = self._client_name(query.get("client_id", ""))
        return _page(f"Sign in to {name}", self._form(name, people, query.get("login_hint", "")))

    def _problem(self, call: Call) -> OAuthError | None:
        """Why the request cannot even be shown: nothing may be redirected then."""
        client_id, uri = call.query.get("client_id", ""), call.query.get("redirect_uri", "")
        if self._core.people.tenant(call.arguments["tenant"]) is None and (
            call.arguments["tenant"].lower() not in ANY_TENANT
        ):
            text = f"Tenant '{call.arguments['tenant'][:60]}' not found."
            return self._error("invalid_request", 90002, text)
        if not self._client_name(client_id):
            text = f"Application with identifier '{client_id[:60]}' was not found in the directory."
            return self._error("unauthorized_client", 700016, text)
        if urlsplit(uri).hostname not in _LOOPBACK:
            text = (
                f"The redirect URI '{uri[:120]}' specified in the request does not match the "
                f"redirect URIs configured for the application '{client_id}'."
            )
            return self._error("invalid_request", 50011, text)
        if call.query.get("response_type") != "code":
            text = "The response type is not supported for the application."
            return self._error("unsupported_response_type", 700051, text)
        if call.query.get("code_challenge_method", "S256") != "S256":
            text = "The code challenge method is not supported; use 'S256'."
            return self._error("invalid_request", 501491, text)
        return None

    def _authorized(self, call: Call) -> Reply:
        problem = self._problem(call)
        if problem is not None:
            return _page("Sign-in failed", f"<p>{escape(problem.described)}</p>", status=400)
        form, query = _form_of(call), call.query
        answer = {"state": query["state"]} if "state" in query else {}
        refused = self._refusal(form, call.arguments["tenant"])
        if refused is not None:
            answer |= {"error": refused.code, "error_description": refused.described}
        else:
            grant = self._grant(form, call.arguments["tenant"], query)
            answer["code"] = self._grants.new_code(
                grant,
                query["redirect_uri"],
                query.get("code_challenge", ""),
                query.get("nonce", ""),
            )
        return _sent_back(query["redirect_uri"], query.get("response_mode", "query"), answer)

    # --- device code ------------------------------------------------------------------------

    def _device(self, call: Call) -> Reply:
        code = call.query.get("otc", "")
        found = self._grants.by_user_code(code) if code else None
        if found is None:
            wrong = "<p class=note>That code didn't work. Check the code and try again.</p>"
            return _page(
                "Enter code",
                f"{wrong if code else ''}<h1>Enter code</h1><form method=get><label>Code "
                "<input name=otc autofocus autocomplete=off></label><button>Next</button></form>",
            )
        request = found[1]
        name = self._client_name(request.client_id)
        return _page(f"Sign in to {name}", self._form(name, self._people_of(request.tenant), ""))

    def _device_decided(self, call: Call) -> Reply:
        found = self._grants.by_user_code(call.query.get("otc", ""))
        if found is None:
            return _page("Enter code", "<p>That code is not open any more.</p>", status=400)
        device_code, request = found
        form = _form_of(call)
        refused = self._refusal(form, request.tenant)
        if form.get("decision") != "accept":
            self._grants.decide_device(device_code, None)
            return _page("Declined", "<p>Declined. You can close this window.</p>")
        if refused is not None:
            return _page("Sign-in failed", f"<p>{escape(refused.described)}</p>", status=400)
        grant = self._grant(
            form, request.tenant, {"client_id": request.client_id} | {"scope": request.scope}
        )
        self._grants.decide_device(device_code, grant)
        return _page("Signed in", "<p>You have signed in. You can close this window.</p>")

    # --- both -------------------------------------------------------------------------------

    def _grant(self, form: Mapping[str, str], tenant: str, query: Mapping[str, str]) -> Grant:
        user = self._core.people.user(form.get("user", ""))
        if user is None:
            raise self._error("invalid_request", 50034, OBSTACLES[50034].text)
        here = self._core.people.tenant(tenant)
        cleared = self._core.people.obstacle(user.object_id)
        return Grant(
            user=user.object_id,
            session=user.session,
            client_id=query["client_id"].lower(),
            tenant=here.id if here else user.tenant,
            scope=query.get("scope", ""),
            cleared=(cleared,) if cleared else (),
            acrs=_contexts(query.get("claims", "")),
        )

    def _refusal(self, form: Mapping[str, str], tenant: str) -> OAuthError | None:
        """Why the person is not let through."""
        if form.get("decision") != "accept":
            return self._error(
                "access_denied", 65004, "User declined to consent to access the app."
            )
        user = self._core.people.user(form.get("user", ""))
        here = self._core.people.tenant(tenant)
        if user is None:
            return self._met(50034)
        if here is not None and not self._core.people.belongs(user, here.id):
            return self._met(50020)
        number = self._core.people.obstacle(user.object_id)
        if number and not OBSTACLES[number].by_person and not OBSTACLES[number].attestation_only:
            return self._met(number)
        return None

    def _people_of(self, tenant: str) -> tuple[UserRecord, ...]:
        found = self._core.people.tenant(tenant)
        return self._core.people.users(found.id if found else "")

    def _client_name(self, client_id: str) -> str:
        application = self._core.accounts.application(client_id)
        return application.name if application else PUBLIC_CLIENTS.get(client_id.lower(), "")

    def _form(self, name: str, people: tuple[UserRecord, ...], hint: str) -> str:
        chosen = hint.lower() if any(one.upn == hint.lower() for one in people) else ""
        tenants = {one.id: one for one in self._core.people.tenants()}
        rows = "".join(
            _choice(one, tenants[one.tenant], chosen=one.upn == (chosen or people[0].upn))
            for one in people
        )
        notes = "".join(self._note(one) for one in people)
        return (
            f"<h1>Sign in to {escape(name)}</h1><p>This is the sandbox of Sealwright: nobody has a "
            f"password here. Choose who you are.</p><form method=post>{rows}{notes}"
            f"<p><b>{escape(name)}</b> wants to manage attestation for you.</p>"
            "<button name=decision value=accept>Accept</button>"
            "<button name=decision value=cancel>Cancel</button></form>"
        )

    def _note(self, user: UserRecord) -> str:
        number = self._core.people.obstacle(user.object_id)
        if not number or not OBSTACLES[number].by_person:
            return ""
        text = f"{user.upn}: to accept clears AADSTS{number}. {OBSTACLES[number].text}"
        return f"<p class=note>{escape(text)}</p>"

    def _error(self, error: str, number: int, text: str) -> OAuthError:
        return OAuthError(400, error, number, text, self._time())

    def _met(self, number: int) -> OAuthError:
        return met(number, self._time())

    def _time(self) -> str:
        return f"{self._core.clock.now():%Y-%m-%d %H:%M:%SZ}"


def _choice(user: UserRecord, tenant: TenantRecord, *, chosen: bool) -> str:
    checked = " checked" if chosen else ""
    return (
        f'<label><input type=radio name=user value="{escape(user.upn)}"{checked}> '
        f"{escape(user.name)} &lt;{escape(user.upn)}&gt;, {escape(tenant.name)}</label>"
    )


def _form_of(call: Call) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(call.body.decode("latin-1")).items()}


def _contexts(claims: str) -> tuple[str, ...]:
    """The authentication contexts that a `claims` parameter asks for (OpenID Connect 5.5)."""
    try:
        asked = json.loads(claims or "{}").get("access_token", {}).get("acrs", {})
    except (ValueError, AttributeError):
        return ()
    value = asked.get("value") if isinstance(asked, dict) else None
    return (value,) if isinstance(value, str) else ()


def _page(title: str, body: str, *, status: int = 200) -> Reply:
    text = _PAGE.format(title=escape(title), body=body)
    return Reply(status, headers=_PRIVATE, media_type=_HTML, raw=text.encode())


def _sent_back(uri: str, mode: str, answer: Mapping[str, str]) -> Reply:
    """Hand the answer to the application that asked (OAuth 2.0 Form Post Response Mode)."""
    if mode == "form_post":
        fields = "".join(
            f'<input type=hidden name="{escape(name)}" value="{escape(value)}">'
            for name, value in answer.items()
        )
        return _page(
            "Working…",
            f'<form method=post action="{escape(uri)}">{fields}<button>Continue</button></form>'
            "<script>document.forms[0].submit()</script>",
        )
    mark = "#" if mode == "fragment" else "&" if "?" in uri else "?"
    return Reply(302, headers={**_PRIVATE, "location": f"{uri}{mark}{urlencode(answer)}"})


_PRIVATE: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
