"""Azure's regions by ARM name, so that what names one can be sent to the sandbox as it is.

Source: spec rest-api, 1.1. The sandbox itself offers a region of its own and the pair of it.
"""

from __future__ import annotations

from typing import Final

from sealwright.sandbox.records import LOCATION, LOCATION_DISPLAY, PAIR, PAIR_DISPLAY

OWN: Final = {LOCATION: LOCATION_DISPLAY, PAIR: PAIR_DISPLAY}
"""The regions that are offered, by their ARM names."""

_AZURE: Final = frozenset(
    """
    australiacentral australiacentral2 australiaeast australiasoutheast austriaeast brazilsouth
    brazilsoutheast canadacentral canadaeast centralindia centralus centraluseuap chilecentral
    eastasia eastus eastus2 eastus2euap francecentral francesouth germanynorth germanywestcentral
    israelcentral italynorth japaneast japanwest jioindiacentral jioindiawest koreacentral
    koreasouth malaysiasouth mexicocentral newzealandnorth northcentralus northeurope norwayeast
    norwaywest polandcentral southafricanorth southafricawest southcentralus southindia
    southeastasia spaincentral swedencentral swedensouth switzerlandnorth switzerlandwest
    taiwannorth taiwannorthwest uaecentral uaenorth uksouth ukwest westcentralus westeurope
    westindia westus westus2 westus3 usgovarizona usgovtexas usgovvirginia
    """.split()  # noqa: SIM905 - sixty quoted names would be harder to hold beside the table
)


def region(location: str) -> str:
    """The ARM name of a location, which may be a display name; empty for one that is nowhere."""
    name = location.replace(" ", "").lower()
    for own, display in OWN.items():
        if name in (own, display.replace(" ", "").lower()):
            return own
    return name if name in _AZURE else ""
