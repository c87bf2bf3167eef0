"""Which regions an account has, asked of AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collector.accounts import Target
from collector.asking import Ask
from collector.declare import Call, ListCall, Token
from collector.live import LiveTransport
from collector.outcome import CallError
from collector.refusals import no_such_region
from collector.request import CollectError
from collector.services import TYPES
from collector.session import Clients

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_CLOSED = frozenset({"not-opted-in", "DISABLED"})
_LIST_REGIONS = ListCall(
    operation="list_regions",
    result="Regions",
    paging=Token("NextToken", "NextToken", ("MaxResults", 50)),
)


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions of an account.

    Attributes:
        states: AWS's word for each: ``opt-in-not-required``, ``opted-in``, ``not-opted-in``
            (EC2), or ``ENABLED_BY_DEFAULT``, ``ENABLED``, ``ENABLING``, ``DISABLING``,
            ``DISABLED`` (Account Management); empty words where it is a guess.
        guess: why they are a guess; empty if AWS said them.
        odd: what AWS named and is no region's name, so that nobody can be asked there.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    guess: str = ""
    odd: tuple[str, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """All of the account's partition."""
        return frozenset(self.states)

    @property
    def usable(self) -> frozenset[str]:
        """Those that it has enabled."""
        return frozenset(name for name, state in self.states.items() if state not in _CLOSED)


def is_region(name: str) -> bool:
    """Whether it is built like a region's name; nothing else becomes a path."""
    return _REGION.fullmatch(name) is not None


def regions_of(clients: Clients, transport: LiveTransport, target: Target, home: str) -> Regions:
    """The regions of an account and their states.

    EC2 is asked, then Account Management. Where both refuse, botocore's list stands in: a call in
    a region that is not enabled then fails and shows in the ledger.
    """
    call = TYPES["aws:region"].lists[0]
    answers: tuple[tuple[str, Call, str, str], ...] = (
        ("ec2", call, "RegionName", "OptInStatus"),
        ("account", _LIST_REGIONS, "RegionName", "RegionOptStatus"),
    )
    words = ""
    for client, asked, name, state in answers:
        ask = Ask(target.account_id, home, "global", client, asked, dict(asked.params))
        try:
            rows = [row for page in transport.pages(ask) for row in page.get("Regions", ())]
        except CallError as problem:
            words = words or problem.outcome.words
            continue
        named = {str(row.get(name, "")): str(row.get(state, "")) for row in rows}
        odd = tuple(sorted(region for region in named if not is_region(region)))
        states = {
            region: word
            for region, word in named.items()
            if region not in odd and clients.partition_of(region) in (target.partition, "")
        }
        if states:
            return Regions(states, odd=odd)
    known = clients.known_regions("ec2", target.partition)
    return Regions(dict.fromkeys(sorted(known), ""), words or "it lists none")


def check_names(wanted: Iterable[str], known: frozenset[str], partitions: Iterable[str]) -> None:
    """Refuse a region that nobody has.

    Raises:
        CollectError: names it and the nearest that exist.
    """
    for name in wanted:
        if name not in known:
            raise CollectError(
                f"{no_such_region(name, known)} (partition {', '.join(sorted(set(partitions)))})",
                exit_code=2,
            )
