"""The operator's face: `/_sandbox/NAME` with JSON, for tests; `Operator.routes` has the names.

Only there when the sandbox was given an operator key, and only for calls that send it.
"""

from __future__ import annotations

import hmac
import re
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.sandbox.faults import fault_from_json, fault_to_json
from sealwright.sandbox.operator_people import OperatorPeople
from sealwright.sandbox.records import Assignment
from sealwright.sandbox.refusals import RefusalError
from sealwright.sandbox.roles import Role
from sealwright.sandbox.wire import Reply, route

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.sandbox.core import Core
    from sealwright.sandbox.wire import Call, Route
    from sealwright.secret import Secret
    from sealwright.tokens.jose import JsonObject, JsonValue

HEADER: Final = "x-sandbox-operator"


class Operator:
    """Sets the clock, faults, roles, default policies and the state of the region."""

    def __init__(self, core: Core, key: Secret[str]) -> None:
        self._key = key
        self._clock = core.clock
        self._faults = core.faults
        self._accounts = core.accounts
        self._region = core.region
        self._directory = core.directory
        self._holdings = core.holdings
        self._people = core.people
        self._who = OperatorPeople(core)
        self._scope = f"/subscriptions/{core.subscription}"

    def routes(self) -> tuple[Route, ...]:
        """Where it answers; every route asks for the key."""
        faces = {
            "clock": (self._get_clock, self._put_clock),
            "faults": (self._get_faults, self._put_faults),
            "roles": (self._get_roles, self._put_roles),
            "region": (self._get_region, self._put_region),
            "defaults": (self._get_defaults, self._put_defaults),
            "people": (self._who.get_people, self._who.put_people),
            "proofs": (self._who.get_people, self._who.put_proofs),
        }
        return tuple(
            route(method, f"/_sandbox/{name}", self._guarded(handler))
            for name, handlers in faces.items()
            for method, handler in zip(("GET", "PUT"), handlers, strict=True)
        )

    def _guarded(self, handler: Callable[[Call], JsonObject]) -> Callable[[Call], Reply]:
        def guarded(call: Call) -> Reply:
            given = call.headers.get(HEADER, "")
            if not hmac.compare_digest(given.encode(), self._key.reveal().encode()):
                raise RefusalError(403, "Forbidden", f"The header {HEADER} is missing or wrong.")
            try:
                return Reply(200, handler(call))
            except (ValueError, TypeError, re.error) as error:
                raise RefusalError(400, "InvalidParameter", str(error)) from None

        return guarded

    # --- clock ------------------------------------------------------------------------------

    def _get_clock(self, call: Call) -> JsonObject:  # noqa: ARG002 - a route's signature
        fixed = self._clock.fixed
        return {
            "now": self._clock.text(),
            "offsetSeconds": self._clock.offset.total_seconds(),
            "fixed": None if fixed is None else fixed.isoformat(),
        }

    def _put_clock(self, call: Call) -> JsonObject:
        body = call.json()
        offset, fixed = body.get("offsetSeconds", 0), body.get("fixed")
        if not isinstance(offset, int | float):
            raise TypeError("`offsetSeconds` is not a number")
        stopped = None if fixed is None else datetime.fromisoformat(str(fixed))
        if stopped is not None and stopped.tzinfo is None:
            raise ValueError("`fixed` has no time zone")
        self._clock.offset, self._clock.fixed = timedelta(seconds=offset), stopped
        return self._get_clock(call)

    # --- faults -----------------------------------------------------------------------------

    def _get_faults(self, call: Call) -> JsonObject:  # noqa: ARG002 - a route's signature
        return {"faults": [fault_to_json(*item) for item in self._faults.armed()]}

    def _put_faults(self, call: Call) -> JsonObject:
        listed = call.json().get("faults")
        if not isinstance(listed, list):
            raise TypeError("`faults` is not a list")
        self._faults.arm([fault_from_json(item) for item in listed])
        return self._get_faults(call)

    # --- roles ------------------------------------------------------------------------------

    def _get_roles(self, call: Call) -> JsonObject:  # noqa: ARG002 - a route's signature
        names = {item.object_id: item.client_id for item in self._accounts.applications()}
        names |= {item.object_id: item.upn for item in self._people.users()}
        shown: list[JsonValue] = [
            {
                "role": item.role,
                "scope": item.scope,
                "clientId": names.get(item.principal, item.principal),
            }
            for item in self._accounts.assignments()
        ]
        return {"roles": shown, "known": [role.value for role in Role]}

    def _put_roles(self, call: Call) -> JsonObject:
        listed = call.json().get("roles")
        if not isinstance(listed, list):
            raise TypeError("`roles` is not a list")
        self._accounts.replace_assignments([self._assignment(item) for item in listed])
        return self._get_roles(call)

    def _assignment(self, value: JsonValue) -> Assignment:
        """`{role, scope?, clientId?}`: the first application, on the first subscription.

        `clientId` may name a person, by user name, as well.
        """
        if not isinstance(value, dict):
            raise TypeError("a role is an object")
        first = self._accounts.applications()[0]
        client, scope = value.get("clientId", first.client_id), value.get("scope", self._scope)
        found = self._accounts.application(str(client)) or self._people.user(str(client))
        if found is None:
            raise ValueError(f"no application or person `{client}`")
        role = Role(str(value.get("role", "")))
        return Assignment(str(uuid.uuid4()), found.object_id, role.value, str(scope))

    # --- region -----------------------------------------------------------------------------

    def _get_region(self, call: Call) -> JsonObject:  # noqa: ARG002 - a route's signature
        return {"failedOver": self._region.failed_over}

    def _put_region(self, call: Call) -> JsonObject:
        failed = call.json().get("failedOver")
        if not isinstance(failed, bool):
            raise TypeError("`failedOver` is not true or false")
        self._region.failed_over = failed
        return self._get_region(call)

    # --- default policies -------------------------------------------------------------------

    def _get_defaults(self, call: Call) -> JsonObject:  # noqa: ARG002 - a route's signature
        replaced: list[JsonValue] = [
            {"provider": provider.name, "type": kind.value, "text": text}
            for provider in self._directory.providers()
            for kind in AttestationType
            if (text := self._holdings.default_policy(provider, kind)) is not None
        ]
        return {"defaults": replaced}

    def _put_defaults(self, call: Call) -> JsonObject:
        """`{provider, type, text}`: what applies there while no policy is set."""
        body = call.json()
        provider = self._directory.by_name(str(body.get("provider")))
        if provider is None:
            raise ValueError(f"no provider `{body.get('provider')}`")
        kind, text = AttestationType(str(body.get("type"))), body.get("text")
        if not isinstance(text, str):
            raise TypeError("`text` is not a string")
        self._holdings.put_default_policy(provider, kind, text)
        return self._get_defaults(call)
