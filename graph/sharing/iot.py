"""IoT Core: what the holders of certificates and identities may do by the policies they have.

A device signs in to the account's endpoint with its certificate (mutual TLS), or with credentials
of Cognito or of an authoriser; the policies attached to it say what it may then do. Who holds the
certificates is known to nobody but their owners.

* https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html
* https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item, Snapshot, Status
from graph.evidence import Ref
from graph.iam import catalogue
from graph.iam.document import BrokenPolicy, Document, parse
from graph.judgement import Judgement
from graph.sharing.policies import outside, refused, unread
from graph.sharing.receiving import asks
from graph.verdict import Answer, condition

MECHANISM = "iot-policy"
INTERNET = "internet"
_TEXT, _TARGETS = "get_policy", "list_targets_for_policy"


def iot_judgements(snapshot: Snapshot) -> Iterator[Judgement]:
    """Each policy of IoT Core: whether anything has it, and what it allows."""
    for item in snapshot.items("iot:policy"):
        yield _judged(item)


def _judged(item: Item) -> Judgement:
    targets = item.call(_TARGETS)
    held = targets.value if targets.status is Status.OK else []
    if not targets.known or not isinstance(held, list):
        why = "Which certificates and identities have the policy was not read."
        return _row(item, unread(f"iot.{_TARGETS}", item, why))
    if not held:
        why = "No certificate, identity or group of things has the policy."
        return _row(
            item, refused(item.id, "targets", why, Ref.to(item, f"/calls/{_TARGETS}/value"))
        )
    return _allowed(item, len(held))


def _allowed(item: Item, holders: int) -> Judgement:
    call = item.call(_TEXT)
    value = call.value if call.status is Status.OK else None
    text = value.get("policyDocument") if isinstance(value, dict) else None
    document = parse(text) if text else None
    if not isinstance(document, Document):
        broken = isinstance(document, BrokenPolicy)
        why = "The policy cannot be read." if broken else "What the policy allows was not read."
        return _row(item, unread(f"iot.{_TEXT}", item, why))
    ref = Ref.to(item, f"/calls/{_TEXT}/value/policyDocument")
    actions = tuple(
        sorted(
            {
                catalogue.spelled(name)
                for row in document.statements
                if not row.is_deny
                for name in row.action_names or ("iot:*",)
            }
        )
    )
    if not actions:
        return _row(item, refused(item.id, "policy", "The policy allows nothing.", ref))
    why = f"Whoever holds a certificate or identity that has it ({holders} do) acts as a device."
    term = condition("authn", "iot-device")
    return _row(item, asks("device", item, why, term, ref), actions)


def _row(item: Item, answer: Answer, actions: tuple[str, ...] = ()) -> Judgement:
    return outside(item, INTERNET, MECHANISM, answer, actions)
