"""Entra's refusals in words: what happened, and what to do about it.

Source: Entra's list of AADSTS errors. A number that is not listed keeps Entra's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_AGAIN: Final = "Sign in again under Accounts, or with `sealwright account renew`."
_ADMINISTRATOR: Final = "Ask an administrator of the tenant."
_WRONG_TENANT: Final = (
    "Choose another tenant for this account, or have an administrator of that tenant invite it as "
    "a guest."
)
_REGISTER: Final = (
    "Register `Microsoft.Attestation` in a subscription of this tenant; that makes the service "
    "known there. Then sign in again."
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number says to a person."""

    summary: str
    hint: str
    needs_person: bool = False
    """Whether a new sign-in at the browser may help."""


MEANINGS: Final[Mapping[int, Meaning]] = {
    16000: Meaning(
        "Several accounts fit; Entra ID cannot tell which one is meant.", _AGAIN, needs_person=True
    ),
    50005: Meaning(
        "Conditional Access does not allow sign-ins from this kind of device.", _ADMINISTRATOR
    ),
    50011: Meaning(
        "The application does not take answers at this computer.",
        "Add the redirect URI `http://localhost` to the application in Entra ID, as a mobile and "
        "desktop application.",
    ),
    50020: Meaning("The account is not known in this tenant.", _WRONG_TENANT),
    50034: Meaning("There is no such account in this tenant.", "Check the user name and tenant."),
    50053: Meaning(
        "The account is locked, or its address is blocked, after too many wrong sign-ins.",
        "Wait some minutes and try again, or ask an administrator to unlock it.",
    ),
    50055: Meaning(
        "The password has expired.", "Set a new password, then sign in again.", needs_person=True
    ),
    50057: Meaning("The account is disabled.", _ADMINISTRATOR),
    50058: Meaning("Nobody is signed in any more.", _AGAIN, needs_person=True),
    50059: Meaning("Entra ID cannot tell which tenant is meant.", "Name the tenant."),
    50072: Meaning(
        "Multi-factor authentication has to be set up for this account.", _AGAIN, needs_person=True
    ),
    50074: Meaning("Multi-factor authentication is asked for.", _AGAIN, needs_person=True),
    50076: Meaning(
        "Multi-factor authentication is asked for: a policy changed, or you are at a new place.",
        _AGAIN,
        needs_person=True,
    ),
    50078: Meaning(
        "Multi-factor authentication has to be done anew: the last time is too long ago.",
        _AGAIN,
        needs_person=True,
    ),
    50079: Meaning(
        "Multi-factor authentication has to be set up for this account.", _AGAIN, needs_person=True
    ),
    50097: Meaning(
        "Conditional Access asks for a device that is known to the tenant.",
        "Use a joined device, or ask an administrator for an exception.",
    ),
    50105: Meaning(
        "The account is not assigned to this application.",
        "Where a group gives you the assignment through Privileged Identity Management, activate "
        "your membership first. Otherwise ask an administrator to assign you to it in Enterprise "
        "applications.",
    ),
    50125: Meaning(
        "The password has to be changed, or details for it registered.",
        "Sign in again and follow the page.",
        needs_person=True,
    ),
    50126: Meaning("The user name or password is wrong.", _AGAIN, needs_person=True),
    50129: Meaning(
        "Conditional Access asks for a device that is joined to the tenant, and this one is not.",
        "Sign in from a joined device. Signing in again does not help.",
    ),
    50131: Meaning(
        "Conditional Access blocked the sign-in because of the device or of unusual activity.",
        _ADMINISTRATOR,
    ),
    50132: Meaning("The sign-in was ended: the password changed.", _AGAIN, needs_person=True),
    50133: Meaning("The sign-in was ended: the password changed.", _AGAIN, needs_person=True),
    50144: Meaning(
        "The password of the organization's own directory has expired.",
        "Set a new password there, then sign in again.",
        needs_person=True,
    ),
    50158: Meaning(
        "Conditional Access asks for a further check by another service.", _AGAIN, needs_person=True
    ),
    50173: Meaning(
        "The sign-in was revoked: by an administrator, or since the password changed.",
        _AGAIN,
        needs_person=True,
    ),
    50187: Meaning("The device did not prove itself.", "Join the device to the tenant again."),
    50194: Meaning(
        "The application is for one tenant only, and this is another.",
        "Check the tenant of this account, or use an application for several tenants.",
    ),
    50203: Meaning(
        "Multi-factor authentication has to be set up in an authenticator app.",
        _AGAIN,
        needs_person=True,
    ),
    51004: Meaning("The account is not known in this tenant.", _WRONG_TENANT),
    53000: Meaning(
        "Conditional Access asks for a compliant device, and this one is not.",
        "Enrol this device, or sign in from a compliant one. Signing in again does not help.",
    ),
    53001: Meaning(
        "Conditional Access asks for a domain-joined device, and this one is not.",
        "Sign in from a joined device. Signing in again does not help.",
    ),
    53002: Meaning(
        "Conditional Access allows approved applications only, and this is none.",
        "Choose another way to sign in, or ask an administrator for an exception.",
    ),
    53003: Meaning(
        "Conditional Access blocks this sign-in.",
        "Give the correlation id to an administrator: the sign-in log names the policy. Signing "
        "in again does not help.",
    ),
    53004: Meaning(
        "Multi-factor authentication cannot be set up from here: the sign-in looks risky.",
        "Set it up from a known place first.",
    ),
    53009: Meaning(
        "Conditional Access asks for an application that Intune protects, and this is none.",
        "Choose another way to sign in, or ask an administrator for an exception.",
    ),
    53010: Meaning(
        "Multi-factor authentication cannot be set up from here.",
        "Set it up from a place or device that the organization knows.",
    ),
    53011: Meaning(
        "The account is blocked as risky in its home tenant.",
        "Ask an administrator of the home tenant to look at the risk.",
    ),
    65001: Meaning(
        "Nobody has agreed yet that this application may act for the account.",
        "Sign in again and accept, or ask an administrator to consent for the tenant.",
        needs_person=True,
    ),
    65004: Meaning("The sign-in was declined.", "Sign in again and accept.", needs_person=True),
    65005: Meaning(
        "The application asks for a permission that it is not registered for.", _ADMINISTRATOR
    ),
    650052: Meaning("The service is not known in this tenant yet.", _REGISTER),
    650056: Meaning(
        "The application is set up wrongly: a permission that it asks for is missing in it.",
        "Have the permission added to the application, and an administrator consent to it.",
    ),
    650057: Meaning(
        "The application is not registered for the service that it asks for.",
        "Add the service to its API permissions in Entra ID.",
    ),
    70008: Meaning(
        "The sign-in has expired: it was not used for too long.", _AGAIN, needs_person=True
    ),
    70016: Meaning(
        "Nobody has entered the code yet.", "Open the page and enter the code.", needs_person=True
    ),
    70018: Meaning("The code was wrong.", "Start the sign-in once more.", needs_person=True),
    70019: Meaning("The code has expired.", "Start the sign-in once more.", needs_person=True),
    70020: Meaning("The code has expired.", "Start the sign-in once more.", needs_person=True),
    70043: Meaning(
        "Conditional Access asks for a new sign-in: the last one is too long ago.",
        _AGAIN,
        needs_person=True,
    ),
    90002: Meaning(
        "The tenant was not found.", "Check its name, and that it is in the chosen cloud."
    ),
    90019: Meaning("Entra ID cannot tell which tenant is meant.", "Name the tenant."),
    90072: Meaning("The account is not known in this tenant.", _WRONG_TENANT),
    90094: Meaning(
        "An administrator has to agree that this application may act for accounts.",
        "Ask an administrator to consent for the tenant.",
    ),
    500011: Meaning("The service is not known in this tenant yet.", _REGISTER),
    500121: Meaning(
        "Multi-factor authentication was not completed.",
        "Sign in again, and answer the request in time.",
        needs_person=True,
    ),
    500133: Meaning("The token is not valid now.", "Check this computer's clock."),
    530003: Meaning(
        "Conditional Access asks for a managed device, and this one is not.",
        "Enrol this device, or sign in from a managed one. Signing in again does not help.",
    ),
    530032: Meaning(
        "A security policy of the organization blocks this sign-in.",
        "Give the correlation id to an administrator. Signing in again does not help.",
    ),
    530035: Meaning(
        "The security defaults of the tenant block this kind of sign-in.",
        "Choose the browser to sign in.",
    ),
    700003: Meaning(
        "The device is not known in this tenant any more.", "Join it to the tenant again."
    ),
    700016: Meaning(
        "The application is not known in this tenant.", "Check the client id and the tenant."
    ),
    700021: Meaning(
        "The assertion names another application.", "Check the client id of this account."
    ),
    700023: Meaning("The assertion is for another authority.", "Check the cloud of this account."),
    700024: Meaning(
        "The proof of the application is not valid now.",
        "Check this computer's clock; a federated token has to be renewed by its platform.",
    ),
    700027: Meaning(
        "The application does not know this certificate.",
        "Upload the certificate (without its key) to the application in Entra ID.",
    ),
    700082: Meaning(
        "The sign-in has expired: it was not used for too long.", _AGAIN, needs_person=True
    ),
    700084: Meaning("The sign-in has expired.", _AGAIN, needs_person=True),
    700211: Meaning(
        "The application does not trust the issuer of the federated token.",
        "Compare issuer, subject and audience with the federated credential in Entra ID.",
    ),
    700212: Meaning(
        "The application does not trust the audience of the federated token.",
        "Compare issuer, subject and audience with the federated credential in Entra ID.",
    ),
    700213: Meaning(
        "The application does not trust the subject of the federated token.",
        "Compare issuer, subject and audience with the federated credential in Entra ID.",
    ),
    7000112: Meaning("The application is disabled.", _ADMINISTRATOR),
    7000215: Meaning(
        "The client secret is wrong.",
        "Enter the secret's value, not its id; or make a new secret in Entra ID.",
    ),
    7000218: Meaning(
        "The application is not allowed to sign in without a secret.",
        "Allow public client flows for it in Entra ID, or use a secret or certificate.",
    ),
    7000222: Meaning("The client secret has expired.", "Make a new secret in Entra ID."),
    7000229: Meaning(
        "The application is not in this tenant yet.", "Have an administrator consent to it."
    ),
    900023: Meaning("The tenant's name is none.", "Give its domain name or its id."),
    9002331: Meaning("This sign-in needs a tenant.", "Name the tenant."),
}

BY_THE_CLOCK: Final = frozenset({500133, 700024})
"""Numbers that a wrong clock here may be the reason of."""
BY_CODE: Final[Mapping[str, Meaning]] = {
    "access_denied": Meaning(
        "The sign-in was declined.", "Sign in again and accept.", needs_person=True
    ),
    "authorization_declined": Meaning("The sign-in was declined.", "Try again.", needs_person=True),
    "expired_token": Meaning(
        "The code has expired.", "Start the sign-in once more.", needs_person=True
    ),
    "interaction_required": Meaning("Entra ID asks for a new sign-in.", _AGAIN, needs_person=True),
    "login_required": Meaning("Entra ID asks for a new sign-in.", _AGAIN, needs_person=True),
}
