"""SageMaker: notebook instances and Studio domains, entered by a URL that IAM signs.

https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, unread
from graph.front_doors.sight import Sight, member
from graph.network.ec2_shapes import text
from graph.network.reach import Reach

_NOTEBOOK, _DOMAIN = "describe_notebook_instance", "describe_domain"
_DOMAIN_WORKS = ("InService", "Updating", "Update_Failed", "Delete_Failed")
_LOGINS = {"IAM": "authn:iam", "SSO": "authn:identity-center"}


def _notebook(sight: Sight, item: Item) -> Iterator[Reach]:
    status = _status(item, _NOTEBOOK, "NotebookInstanceStatus")
    text_ = "AWS opens it to who has a presigned URL, which IAM gives."
    locks = (
        _state(sight, item, _NOTEBOOK, status, ("InService", "Updating")),
        asks_for("login", item.id, text_, "authn:iam"),
    )
    yield from sight.reached(item, "sagemaker-notebook", locks)


def _domain(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_DOMAIN)
    mode = text(member(call.value, "AuthMode")) if call.known else ""
    text_ = f"AWS asks everyone to sign in (AuthMode {mode or 'not told'})."
    locks = (
        _state(sight, item, _DOMAIN, _status(item, _DOMAIN, "Status"), _DOMAIN_WORKS),
        asks_for("login", item.id, text_, _LOGINS.get(mode, "authn:iam-or-identity-center")),
    )
    yield from sight.reached(item, "sagemaker-studio", locks)


def _status(item: Item, operation: str, name: str) -> str:
    call = item.call(operation)
    told = text(member(call.value, name)) if call.known else ""
    return told or text(item.item.get(name))


def _state(sight: Sight, item: Item, call: str, status: str, works: tuple[str, ...]) -> Lock:
    (ref,) = sight.refs(item, f"/calls/{call}/value")
    if not status:
        return unread("state", item.id, sight.gap(item, call), ref)
    make = passes if status in works else sleeps
    return make("state", item.id, f"It is {status}.", ref)


_TEST = "tests/front_doors/test_sagemaker.py"

DOORS = (
    FrontDoor(
        type_id="sagemaker:notebook",
        mechanism="sagemaker-notebook",
        title="SageMaker notebook instances",
        rule="It is in service; always under the condition of a presigned URL that IAM gives. "
        "DirectInternetAccess is about what the notebook reaches, not about who reaches it.",
        source="https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html",
        judge=_notebook,
        test=_TEST,
        untold_families=True,
    ),
    FrontDoor(
        type_id="sagemaker:domain",
        mechanism="sagemaker-studio",
        title="SageMaker domains",
        rule="It is in service; always under the condition of a sign-in by IAM or IAM Identity "
        "Center (AuthMode). AppNetworkAccessType is about what applications reach.",
        source="https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html",
        judge=_domain,
        test=_TEST,
        untold_families=True,
    ),
)
"""Declarations of this service."""
