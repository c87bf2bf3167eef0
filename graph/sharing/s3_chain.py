"""Resources in series that must all admit a caller: an access point and the bucket behind it.

For a call from another account each policy on the way must permit it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.iam.document import parse
from graph.iam.grants import Grant
from graph.iam.request import Request
from graph.iam.resource_policy import forms, weigh
from graph.iam.world import IamWorld, Policy, outside_account
from graph.sharing.policies import policy_grants, refused, unread
from graph.verdict import Answer, Verdict, any_of

_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Link:
    """One resource on the way and whom its policy admits.

    Attributes:
        item: the resource; of one that was not collected, the nearest before it.
        title: for sentences, e.g. ``bucket``.
        service: IAM service prefix of its policy.
        grants: by source; ``None``: the policy was not read.
        gap: the call that would say it.
        policy: the policy itself, where there is one.
        context: context keys that hold for calls that come here.
    """

    item: Item
    title: str
    service: str
    grants: Mapping[str, tuple[Grant, ...]] | None
    gap: str = ""
    policy: Policy | None = None
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def answer(self, source: str, world: IamWorld) -> Answer:
        """Whether the policy admits a source: by name, with everyone, or by what it fixes."""
        if self.grants is None:
            why = f"The policy of the {self.title} on the way was not read."
            return unread(self.gap, self.item, why)
        held = [row.answer for row in self.found(source)]
        if held:
            return any_of(held)
        weighed = any_of(self._weighed(source, world))
        if weighed.verdict is not Verdict.NO:
            return weighed
        why = f"The {self.title}'s policy does not admit {source} on this way."
        return refused(self.item.id, f"{self.title} policy", why)

    def found(self, source: str) -> list[Grant]:
        """Grants to a source or to whoever holds it."""
        return [row for name in _wider(source) for row in (self.grants or {}).get(name, ())]

    def _weighed(self, source: str, world: IamWorld) -> Iterator[Answer]:
        """A named account or principal may be of an organisation that the policy names."""
        account = source.removeprefix("account:") if source.startswith("account:") else ""
        if source.startswith("arn:"):
            account = (source.split(":") + [""] * 5)[4]
        if not account or self.policy is None:
            return
        caller = outside_account(account, source if source.startswith("arn:") else "")
        rows = [row for held in (self.grants or {}).values() for row in held]
        actions = dict.fromkeys(name for row in rows for name in row.actions)
        for action in list(actions)[:_AT_MOST]:
            for target in forms(self.service, self.item.id, action):
                pattern = target != self.item.id
                owner = self.item.account_id
                asked = Request(caller, action, target, owner, self.context, pattern=pattern)
                yield weigh(world, asked, self.policy).answer


def link(
    item: Item,
    title: str,
    service: str,
    text: str | Mapping[str, Any] | None,
    pointer: str,
    world: IamWorld,
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> Link:
    """A link whose policy was read; an empty text is no policy."""
    if not text:
        return Link(item, title, service, {})
    ref = Ref.to(item, pointer)
    found: dict[str, tuple[Grant, ...]] = {}
    for grant in policy_grants(service, item, text, ref, world, context):
        found[grant.source_id] = (*found.get(grant.source_id, ()), grant)
    policy = Policy(f"{title} policy", parse(text), ref=ref)
    return Link(item, title, service, found, policy=policy, context=context or {})


def sources(links: Iterable[Link]) -> tuple[str, ...]:
    """Every source that any policy on the way names, in order."""
    return tuple(dict.fromkeys(name for one in links for name in one.grants or {}))


def _wider(source: str) -> tuple[str, ...]:
    names = [source]
    if source.startswith("arn:"):
        names.append(f"account:{(source.split(':') + [''] * 5)[4]}")
    if not source.startswith(("service:", "any-account-via:", "any-aws-principal")):
        names.append("any-aws-principal")
    if not source.startswith(("service:", "any-account-via:")):
        names.append("internet")
    return tuple(dict.fromkeys(name for name in names if not _unsigned(source, name)))


def _unsigned(source: str, name: str) -> bool:
    return source == "internet" and name == "any-aws-principal"
