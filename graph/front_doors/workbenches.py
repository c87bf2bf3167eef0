"""Where people work interactively on data: Glue development endpoints, EMR Studios.

* https://docs.aws.amazon.com/glue/latest/webapi/API_DevEndpoint.html
* https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-studio-authentication.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import Sight
from graph.network import ports
from graph.network.ec2_shapes import text
from graph.network.reach import Reach

_LOGINS = {"IAM": "authn:iam", "SSO": "authn:identity-center"}


# Glue development endpoints


def _endpoint(sight: Sight, item: Item) -> Iterator[Reach]:
    locks = (_address(sight, item), _state(sight, item))
    yield from sight.reached(item, "glue-dev-endpoint", locks, opened=ports.tcp(22))


def _address(sight: Sight, item: Item) -> Lock:
    """The public address is told only of an endpoint outside a VPC, the private one only of
    one inside."""
    (ref,) = sight.refs(item, "/item/PublicAddress")
    address = text(item.item.get("PublicAddress"))
    if address:
        words = f"Its public address is {address}; SSH asks for its key."
        return passes("address", item.id, words, ref)
    if text(item.item.get("PrivateAddress")) or text(item.item.get("SubnetId")):
        return stops("address", item.id, "It stands in a VPC, with a private address.", ref)
    return unread("address", item.id, sight.gap(item, "get_dev_endpoints"), ref)


def _state(sight: Sight, item: Item) -> Lock:
    status = text(item.item.get("Status"))
    (ref,) = sight.refs(item, "/item/Status")
    if not status:
        return unread("state", item.id, sight.gap(item, "get_dev_endpoints"), ref)
    make = passes if status == "READY" else sleeps
    return make("state", item.id, f"The endpoint is {status.lower()}.", ref)


# EMR Studios


def _studio(sight: Sight, item: Item) -> Iterator[Reach]:
    mode = text(item.item.get("AuthMode"))
    words = f"AWS asks everyone to sign in (AuthMode {mode or 'not told'})."
    term = _LOGINS.get(mode, "authn:iam-or-identity-center")
    yield from sight.reached(item, "emr-studio", (asks_for("login", item.id, words, term),))


_TEST = "tests/front_doors/test_workbenches.py"

DOORS = (
    FrontDoor(
        type_id="glue:dev-endpoint",
        mechanism="glue-dev-endpoint",
        title="Glue development endpoints",
        rule="It has a public address (it stands outside a VPC) and is ready; over SSH, whose "
        "key keeps yes. One in a VPC has a private address only.",
        source="https://docs.aws.amazon.com/glue/latest/webapi/API_DevEndpoint.html",
        judge=_endpoint,
        test=_TEST,
    ),
    FrontDoor(
        type_id="emr:studio",
        mechanism="emr-studio",
        title="EMR Studios",
        rule="Always under the condition of a sign-in by IAM or IAM Identity Center (AuthMode).",
        source="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-studio-authentication.html",
        judge=_studio,
        test=_TEST,
        untold_families=True,
    ),
)
"""Declarations of these services."""
