"""AWS-managed prefix lists through which any customer's traffic can come."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from graph.network import ports
from graph.network.facts import PrefixList, Rule
from graph.network.spans import Spans, union


@dataclass(frozen=True, slots=True)
class SharedSender:
    """A service of AWS that connects to what a customer names.

    Attributes:
        service: its name in ``any-customer-of:<service>``.
        ports: those it connects to; the service connects to no others.
    """

    service: str
    ports: Spans


@cache
def _senders() -> dict[str, SharedSender]:
    """By what follows the region in the list's name."""
    text = resources.files("graph.network").joinpath("shared-senders.json").read_text("utf-8")
    return {
        str(one["name"]): SharedSender(
            str(one["service"]), union(ports.tcp(first, last) for first, last in one["tcp"])
        )
        for one in json.loads(text)["lists"]
    }


def shared_sender(known: PrefixList | None) -> SharedSender | None:
    """Whose addresses a prefix list holds, if it is AWS's and any customer can use them."""
    if known is None or known.owner != "AWS":
        return None
    return next((one for name, one in _senders().items() if known.name.endswith(name)), None)


def sendable(rule: Rule, known: PrefixList | None) -> Rule:
    """The rule for a list, without the ports to which those in the list never connect."""
    sender = shared_sender(known)
    if sender is None or rule.ports is None:
        return rule
    return replace(rule, ports=rule.ports & sender.ports)
