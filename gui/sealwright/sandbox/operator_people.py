"""The operator's view of people: obstacles at sign-in, revocation, and proofs of applications."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sealwright.sandbox.people import CERTIFICATE, FEDERATED
from sealwright.sandbox.sign_in.client_proofs import ClientProofs
from sealwright.sandbox.sign_in.refusals import OBSTACLES

if TYPE_CHECKING:
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.wire import Call
    from sealwright.tokens.jose import JsonObject, JsonValue


class OperatorPeople:
    """`/_sandbox/people` and `/_sandbox/proofs`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._proofs = ClientProofs(core)

    def get_people(self, call: Call) -> JsonObject:  # noqa: ARG002 - a route's signature
        """Tenants and people, and which obstacles there are."""
        people = self._core.people
        users: list[JsonValue] = [
            {
                "user": one.upn,
                "name": one.name,
                "tenant": one.tenant,
                "objectId": one.object_id,
                "obstacle": people.obstacle(one.object_id),
            }
            for one in people.users()
        ]
        tenants: list[JsonValue] = [
            {"id": one.id, "name": one.name, "domain": one.domain} for one in people.tenants()
        ]
        return {
            "tenants": tenants,
            "people": users,
            "wantedContext": self._core.access.wanted_context,
            "known": list(OBSTACLES),
        }

    def put_people(self, call: Call) -> JsonObject:
        """`{people: [{user or clientId, obstacle?, revoke?}], wantedContext?}`.

        Raises:
            TypeError, ValueError: not that shape, or nobody of that name.
        """
        body = call.json()
        listed = body.get("people", [])
        if not isinstance(listed, list):
            raise TypeError("`people` is not a list")
        for item in listed:
            self._change(item)
        self._core.access.wanted_context = str(body.get("wantedContext", ""))
        return self.get_people(call)

    def _change(self, item: JsonValue) -> None:
        if not isinstance(item, dict):
            raise TypeError("a person is an object")
        number = item.get("obstacle", 0)
        if not isinstance(number, int) or (number and number not in OBSTACLES):
            raise ValueError(f"no obstacle `{number}`")
        if "clientId" in item:
            application = self._core.accounts.application(str(item["clientId"]))
            if application is None:
                raise ValueError(f"no application `{item['clientId']}`")
            self._core.people.put_obstacle(application.object_id, number)
            return
        user = self._core.people.user(str(item.get("user")))
        if user is None:
            raise ValueError(f"no person `{item.get('user')}`")
        self._core.people.put_obstacle(user.object_id, number)
        if item.get("revoke") is True:
            self._core.people.put_user(replace(user, session=user.session + 1))

    def put_proofs(self, call: Call) -> JsonObject:
        """`{clientId?, certificate? (PEM), subject?}`: trust them; a token for the subject.

        Raises:
            ValueError: no such application.
        """
        body = call.json()
        first = self._core.accounts.applications()[0]
        application = self._core.accounts.application(str(body.get("clientId", first.client_id)))
        if application is None:
            raise ValueError(f"no application `{body.get('clientId')}`")
        answer: JsonObject = {"clientId": application.client_id}
        if "certificate" in body:
            pem = str(body["certificate"])
            self._core.people.trust(application.client_id, CERTIFICATE, pem)
        if "subject" in body:
            subject = str(body["subject"])
            self._core.people.trust(application.client_id, FEDERATED, subject)
            answer["federatedToken"] = self._proofs.federated_token(subject)
        return answer
