"""Rows of ``mapper trusts``: trust and sharing across accounts, as chains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graph.verdict import Answer, Verdict, any_of
from queries.answers.chains import Chain, Chains
from queries.answers.chains_data import Behind, Data, data_behind
from queries.answers.chains_everyone import own_gain
from queries.answers.chains_passed import Passed, passed_by
from queries.answers.parties import Parties, account_of, is_open_subject, source_class
from queries.answers.row import Row, distinct, row_key
from queries.answers.unread_shares import unread_shares
from queries.answers.walk import End, Hop, hops_of, way_answer, way_text
from queries.runner import records
from queries.severity import severity_of, thing_of

if TYPE_CHECKING:
    import pandas

QUERIES = (
    "trusts",
    "identity-steps",
    "shared-with-outside",
    "data-behind-trusts",
    "data-flows-outside",
)
DEFAULT_ROLES = ("OrganizationAccountAccessRole", "AWSControlTowerExecution")
"""Roles that AWS makes in each account for the management account.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
https://docs.aws.amazon.com/controltower/latest/userguide/awscontroltowerexecution.html"""
FLOWS = ("LOGS_TO", "REPLICATES_TO", "SENDS_TO")
"""Relationships by which data leaves a resource."""
WEAK_EXTERNAL_IDS = ("external-id shared", "external-id guessable")
"""How guards begin that tell of an ExternalId which keeps few out."""
_WHO_SOURCE = {
    "Internet": "anyone",
    "AnyAWSPrincipal": "any-aws",
    "AnyAWSAccount": "any-aws",
    "AnyAccountVia": "any-aws",
    "AnyCustomerOf": "anyone",
    "SelfSignUp": "anyone",
    "ExternalCidr": "range",
}
_WHO_ACCOUNT = {
    "own": "inside",
    "organisation": "inside",
    "collected": "inside",
    "trusted": "trusted",
    "aws-service": "vendor",
    "vendor": "vendor",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a row says apart from its way; ``mechanism`` of shares, else the hops are it."""

    ends_in: End
    admin_of: tuple[str, ...] = ()
    data: Data | None = None
    level: str = ""
    actions: tuple[str, ...] = ()
    mechanism: str = ""


def trust_rows(
    trusts: pandas.DataFrame,
    steps: pandas.DataFrame,
    shared: pandas.DataFrame,
    parties: Parties,
    data: pandas.DataFrame | None = None,
    flows: pandas.DataFrame | None = None,
    access: pandas.DataFrame | None = None,
) -> list[Row]:
    """Rows of ``trusts``: direct trusts, chains, shares, flows of data; all verdicts.

    Args:
        trusts: the frame of ``trusts``.
        steps: the frame of ``identity-steps``.
        shared: the frame of ``shared-with-outside``.
        parties: who the accounts are.
        data: the frame of ``data-behind-trusts``; None where nobody asks what data is behind.
        flows: the frame of ``data-flows-outside``; None where nobody asks where data goes.
        access: the frame of ``public-access``; None where nobody asks which policies of resources
            were not read.
    """
    graded = hops_of(records(steps))
    behind = data_behind([] if data is None else records(data), parties)
    found = _Found(parties, behind, _admin_of(graded))
    rows = list(found.direct(own_gain(hops_of(records(trusts)), named=True)))
    rows.extend(found.chains(Chains(own_gain(graded))))
    rows.extend(found.shares(records(shared)))
    rows.extend(found.flows([] if flows is None else records(flows)))
    rows.extend(found.unread([] if access is None else records(access)))
    unique = {row.key: row for row in rows}
    return sorted(unique.values(), key=lambda row: (row.own["from"], row.key))


def _admin_of(hops: Iterable[Hop]) -> dict[str, tuple[str, ...]]:
    """The accounts that each role is admin of by its own rights."""
    found: dict[str, set[str]] = {}
    for hop in hops:
        if hop.type == "HAS_ADMIN" and hop.answer.verdict.rank >= Verdict.CONDITIONAL.rank:
            found.setdefault(hop.start.id, set()).add(hop.end.id)
    return {role: tuple(sorted(accounts)) for role, accounts in found.items()}


@dataclass(slots=True)
class _Found:
    """The rows of one graph, with what they share."""

    parties: Parties
    behind: Behind
    admin_of: Mapping[str, tuple[str, ...]]
    _data: dict[int, tuple[Data, dict[str, Any]]] = field(default_factory=dict)
    _hops: dict[int, tuple[Hop, dict[str, Any], dict[str, Any]]] = field(default_factory=dict)

    def direct(self, hops: Iterable[Hop]) -> Iterator[Row]:
        """A row for each role that somebody of another account, or from outside, may assume."""
        for hop in _merged(hops):
            if _crosses(hop.start, hop.end):
                role = hop.end.id
                told = _Told(hop.end, self.admin_of.get(role, ()), self.behind.of(role, hop.start))
                yield self.row((hop,), told)

    def chains(self, chains: Chains) -> Iterator[Row]:
        """Chains of two roles and more: to admin of another account, else to a role of one.

        A role is an end where it may use data, or where no row passes it that is as strong.
        Nothing is said twice: who is admin of the role's account has it already.
        """
        had: dict[tuple[str, str], Verdict] = {}
        passed = Passed()
        for account, hops in chains.admins().items():
            for chain in chains.to_account(hops).values():
                had[chain.start.id, account] = chain.level
                if _crosses(chain.start, chain.end) and _is_chain(chain.way[:-1]):
                    passed.add(chain)
                    yield self.row(chain.way, _Told(chain.end, (account,)))
        later: list[Chain] = []
        for role in chains.roles():
            if role.id in self.admin_of:
                continue
            for chain in self._to_role(chains, role, had):
                data = self.behind.of(role.id, chain.start)
                if data is None and not chains.onward(role.id) <= passed_by(chain):
                    later.append(chain)
                    continue
                passed.add(chain)
                yield self.row(chain.way, _Told(role, (), data))
        for chain in passed.left_out(later):
            yield self.row(chain.way, _Told(chain.end))

    def _to_role(
        self, chains: Chains, role: End, had: Mapping[tuple[str, str], Verdict]
    ) -> Iterator[Chain]:
        home = f"account:{account_of(role.id, role.account_id)}"
        for chain in chains.to_role(role.id):
            known = had.get((chain.start.id, home), Verdict.NO)
            told = known.rank >= chain.level.rank
            if not told and _is_chain(chain.way) and _crosses(chain.start, role):
                yield chain

    def shares(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
        """Resources shared with a named party.

        A configured receiver (of an image, a snapshot) gives way to the access that it grants; a
        share by RAM is a row of its own.
        """
        listed = list(rows)
        granted = {(r["from_id"], r["to_id"]) for r in listed if r["relationship"] == "CAN_ACCESS"}
        for row in listed:
            if row["mechanism"] == "shared-with" and (row["from_id"], row["to_id"]) in granted:
                continue
            (hop,) = hops_of([row])
            if not hop.answer.why:
                text = f"{hop.end.id} is shared with {hop.start.id} ({hop.mechanism})."
                hop = replace(hop, answer=replace(hop.answer, why=text, evidence=(text,)))
            level, actions = row["level"] or "", tuple(row["actions"] or ())
            told = _Told(hop.end, level=level, actions=actions, mechanism=hop.mechanism)
            yield self.row((hop,), told)

    def flows(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
        """Resources whose logs, copies or messages go to another owner: the start gets them."""
        for hop in hops_of(rows):
            yield self.row((hop,), _Told(hop.end, level="read", mechanism=hop.mechanism))

    def unread(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
        """A row for each account and call without which it is not known who has a share."""
        for one in unread_shares(rows):
            told = _Told(one.hop.end, mechanism=one.hop.mechanism)
            yield replace(self.row((one.hop,), told), regions=one.regions)

    def row(self, way: Sequence[Hop], told: _Told) -> Row:
        """A way as a row."""
        start, reached = way[0].start, _reached(way)
        answer = self.answer(way)
        mechanism = told.mechanism or way_text(way)
        account = account_of(reached.id, reached.account_id)
        home = account_of(told.ends_in.id, told.ends_in.account_id)
        start_account = account_of(start.id, start.account_id)
        outside, vendor = self.parties.classify_source(
            start.id, start.labels, start.account_id, home
        )
        label = source_class(start.labels)
        standard = start_account in self.parties.management and reached.name in DEFAULT_ROLES
        facts = {
            "who": who_is(label, outside, answer.guards),
            "what": thing_of(reached.resource_type),
            "level": told.level,
            "behind": _behind(told),
            "guarded": _guarded(answer),
            "default": "yes" if standard and len(way) == 1 else "",
            "flow": _flow(way[0]),
        }
        return Row(
            key=row_key("trusts", reached.id, start.id, mechanism, told.ends_in.id),
            id=reached.id,
            name=reached.name,
            resource_type=reached.resource_type,
            account_id=account,
            region=reached.region,
            answer=answer,
            severity=severity_of("trusts", facts, answer.verdict),
            own={
                "from": start.id,
                "from_name": start.name,
                "from_account": start_account,
                "to": reached.id,
                "mechanism": mechanism,
                "hops": [self._hop(hop)[1] for hop in way],
                "steps": [self._hop(hop)[2] for hop in way],
                "outside": outside,
                "vendor": vendor,
                "ends_in": told.ends_in.id,
                "admin_of": list(told.admin_of),
                "data": self._data_json(told.data),
                "last_used": _last_used(way),
                "level": told.level or None,
                "actions": list(told.actions),
            },
            accounts=distinct([start_account, account, home]),
            regions=distinct([start.region, reached.region]),
        )

    def answer(self, way: Sequence[Hop]) -> Answer:
        """All steps must hold; of a chain a sentence says who becomes whom."""
        if len(way) == 1:
            return way[0].answer
        answer = way_answer(way)
        names = [self._gained(hop) for hop in way if hop.type in ("CAN_ASSUME", "HAS_ADMIN")]
        start = way[0].start
        becomes = "become" if "PrincipalSet" in start.labels else "becomes"
        text = f"{start.name or start.id} {becomes} {', then '.join(names)}."
        if answer.verdict is not Verdict.YES and answer.why:
            text += f" {answer.why}"
        return answer.because(text)

    def _gained(self, hop: Hop) -> str:
        account = account_of(hop.end.id, hop.end.account_id)
        named = self.parties.name(account) or account
        if hop.type == "HAS_ADMIN":
            return f"admin of {named}"
        return f"{hop.end.name or hop.end.id} in {named}" if named else hop.end.name or hop.end.id

    def _data_json(self, data: Data | None) -> dict[str, Any] | None:
        """Data as rows have it; those of one caller's account share it."""
        if data is None:
            return None
        if id(data) not in self._data:
            self._data[id(data)] = (data, data.as_json())
        return self._data[id(data)][1]

    def _hop(self, hop: Hop) -> tuple[Hop, dict[str, Any], dict[str, Any]]:
        """A step as ``hops`` and as ``steps`` have it; rows share both, and the step is held."""
        found = self._hops.get(id(hop))
        if found is None:
            needs = {
                "verdict": str(hop.answer.verdict),
                "conditions": list(hop.answer.conditions),
                "guards": list(hop.answer.guards),
            }
            found = self._hops[id(hop)] = (hop, {"id": hop.end.id, "type": hop.type}, needs)
        return found


def _merged(hops: Iterable[Hop]) -> Iterator[Hop]:
    """One hop between two nodes: any of the ways to assume the role will do."""
    pairs: dict[tuple[str, str], list[Hop]] = {}
    for hop in hops:
        pairs.setdefault((hop.start.id, hop.end.id), []).append(hop)
    for found in pairs.values():
        if len(found) == 1:
            yield found[0]
        else:
            yield replace(found[0], answer=any_of(hop.answer for hop in found))


def _crosses(start: End, end: End) -> bool:
    if "Source" in start.labels:
        return True
    return account_of(start.id, start.account_id) != account_of(end.id, end.account_id)


def _is_chain(way: Sequence[Hop]) -> bool:
    """Whether a way is more than a trust: that has a row of its own, if need be of its set."""
    return len(way) > (2 if way[0].type == "IN_GROUP" else 1)


def _reached(way: Sequence[Hop]) -> End:
    """The thing at the end; of a chain that ends as admin the role that is."""
    return way[-1].start if way[-1].type == "HAS_ADMIN" else way[-1].end


def _last_used(way: Sequence[Hop]) -> str | None:
    """When the least used role of a way was last used; None where AWS says it of none."""
    used = [hop.end.last_used for hop in way if hop.type == "CAN_ASSUME"]
    known = [text for text in used if text]
    return min(known) if known and len(known) == len(used) else None


def _behind(told: _Told) -> str:
    if told.admin_of:
        return "admin"
    return "sensitive" if told.data is not None and told.data.sensitive else ""


def who_is(label: str, outside: str, guards: Iterable[str] = ()) -> str:
    """The severity rules' word for a start, from its source label and what it is.

    ``guards`` of its way: whoever any customer of a shared identity provider can be is anyone.
    """
    if label == "FederatedProvider" and is_open_subject(guards):
        return "anyone"
    if label == "FederatedProvider" and outside == "unknown":
        return "federated"
    return _WHO_SOURCE.get(label) or _WHO_ACCOUNT.get(outside, "outside")


def _flow(hop: Hop) -> str:
    """What kind of receiver a flow of data has; empty for what is none."""
    if hop.type not in FLOWS:
        return ""
    return "address" if "OutsideAddress" in hop.start.labels else "account"


def _guarded(answer: Answer) -> str:
    """What stands in the way; an ExternalId that others know or guess is none."""
    asked = [text for text in answer.conditions if text.startswith("secret:sts:ExternalId")]
    if not asked:
        return "yes" if answer.conditions else ""
    weak = any(text.startswith(WEAK_EXTERNAL_IDS) for text in answer.guards)
    if weak and len(asked) == len(answer.conditions):
        return ""
    return "yes" if weak else "external-id"
