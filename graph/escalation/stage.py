"""What every technique is judged with: the facts of an organisation, asked once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graph.escalation.ask import Asker
from graph.escalation.changed import Changed, ChangedWorld
from graph.escalation.identity_facts import IdentityFacts
from graph.escalation.keys_in_data import FoundKeys
from graph.escalation.technique import Existing, Technique
from graph.escalation.things import Things
from graph.escalation.what_holds import holds, one_of
from graph.evidence import Step
from graph.iam.access import DataAction, DataResource, alike_key, speaks_to
from graph.iam.admin import AdminAnswer, admin_of
from graph.iam.document import Document
from graph.iam.principal import entries
from graph.iam.service_trust import trusts_provider, trusts_service
from graph.iam.targets import targets_of
from graph.iam.world import IamWorld, Principal
from graph.verdict import Answer, Verdict


@dataclass(slots=True)
class Stage:
    """The facts, and what was asked of them already.

    Attributes:
        world: the IAM facts.
        things: workloads and other collected items by type.
        identity: what credentials, groups and policy versions there are.
        admins: ARNs of the principals that are admin of their account for sure, by account.
        keys: access keys that stand in data.
        acting: the same world with whoever is asked about alone, as they are after a change.
        changes: of themselves that principals may make and that end short of admin, as found.
    """

    world: IamWorld
    things: Things
    identity: IdentityFacts
    admins: Mapping[str, frozenset[str]]
    keys: FoundKeys = field(default_factory=FoundKeys)
    acting: ChangedWorld | None = None
    changes: list[Changed] = field(default_factory=list)
    _askers: dict[str, Asker] = field(default_factory=dict)
    _alike: dict[tuple[str, str, str], Hashable] = field(default_factory=dict)
    _trusting: dict[tuple[str, str], list[tuple[Principal, Answer]]] = field(default_factory=dict)
    _naming: dict[str, dict[str, list[Principal]]] = field(default_factory=dict)
    _after: dict[tuple[str, Hashable], AdminAnswer] = field(default_factory=dict)

    @property
    def accounts(self) -> list[str]:
        """Accounts whose identities were collected, sorted."""
        return sorted(self.world.by_account)

    def asker(self, account: str) -> Asker:
        """Questions about an account's principals, its admins left out."""
        found = self._askers.get(account)
        if found is None:
            out = self.admins.get(account, frozenset())
            found = self._askers[account] = Asker(
                self.acting or self.world, account, out, lambda kind: self.things.ids(kind, account)
            )
        return found

    def foreign_asker(self, account: str) -> Asker:
        """Questions about an account's principals and things elsewhere: admins count too."""
        found = self._askers.get(f"{account}/")
        if found is None:
            found = self._askers[f"{account}/"] = Asker(self.acting or self.world, account)
        return found

    def concerns(self, technique: Technique) -> bool:
        """Whether somebody changed may make some call of a technique; else no change matters."""
        if self.acting is None:
            return True
        actions = {call.action for calls in technique.groups() for call in calls}
        askers = [self.foreign_asker(account) for account in self.acting.by_account]
        return any(asker.candidates([action]) for asker in askers for action in actions)

    def callers(self, thing: DataResource, actions: Iterable[str]) -> Iterator[Asker]:
        """Accounts of which principals may make calls on a thing: its own, and those it names."""
        wanted = list(actions)
        for account in self.accounts:
            if account == thing.account:
                yield self.asker(account)
            elif all(speaks_to(self.world, thing, action, account) for action in wanted):
                yield self.foreign_asker(account)

    def alike(self, account: str, action: str, thing: DataResource) -> Hashable:
        """What must be equal for two things to be judged as one."""
        key = (account, action, thing.arn)
        found = self._alike.get(key)
        if found is None:
            held = self.asker(account).holders(action)
            row = DataAction(action, "write")
            found = alike_key(self.world, held, row, thing, account)
            self._alike[key] = found
        return found

    def roles(self, account: str) -> list[Principal]:
        """Roles that AWS does not keep to itself."""
        return targets_of(self.world, account, "role").members

    def users(self, account: str) -> list[Principal]:
        """Users of an account."""
        return targets_of(self.world, account, "user").members

    def trusting(self, account: str, service: str) -> list[tuple[Principal, Answer]]:
        """Roles of an account that admit a service, each with the answer of its trust policy."""
        found = self._trusting.get((account, service))
        if found is None:
            found = []
            for role in self._that_name(account, service):
                answer = trusts_service(self.world, role.arn, service, account)
                if answer.verdict.rank >= Verdict.CONDITIONAL.rank:
                    found.append((role, answer))
            self._trusting[account, service] = found
        return found

    def trusting_provider(self, account: str, provider: str) -> list[tuple[Principal, Answer]]:
        """Roles of an account that whoever a provider vouches for may assume."""
        found = []
        for role in self.roles(account):
            answer = trusts_provider(self.world, role, provider)
            if answer.verdict.rank >= Verdict.CONDITIONAL.rank:
                found.append((role, answer))
        return found

    def _that_name(self, account: str, service: str) -> list[Principal]:
        """Roles whose trust names a service, or everyone."""
        index = self._naming.get(account)
        if index is None:
            index = self._naming[account] = defaultdict(list)
            for role in self.roles(account):
                for name in _services_named(role):
                    index[name].append(role)
        both = {one.arn: one for one in (*index.get(service, ()), *index.get("*", ()))}
        return [both[arn] for arn in sorted(both)]

    def after(self, account: str, key: Hashable, changed: Principal) -> AdminAnswer:
        """Whether a principal would be admin after a change; remembered by ``key``."""
        found = self._after.get((account, key))
        if found is None:
            found = self._after[account, key] = admin_of(self.world, changed)
        return found

    def exists(self, account: str, wanted: Iterable[Existing]) -> Answer:
        """Whether an account has an item of each type, as far as that was read."""
        for one in wanted:
            answer = self._one_of(account, one)
            if answer.verdict is not Verdict.YES:
                return answer
        return Answer(Verdict.YES)

    def _one_of(self, account: str, wanted: Existing) -> Answer:
        items = self.things.of(wanted.type, account)
        best = one_of(holds(item, wanted.where) for item in items)
        if best is not None and best.verdict is not Verdict.NO:
            return best
        gap = self.things.gap(wanted.type, account)
        if gap:
            text = f"Whether {account} has a {wanted.type} is not known."
            return Answer(Verdict.CONDITIONAL, text, (gap,), evidence=(text,))
        text = f"{account} has no {wanted.type} that can be used."
        step = Step(wanted.type, account, "fail", text)
        return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))


def _services_named(role: Principal) -> set[str]:
    document = role.trust.document if role.trust is not None else None
    if not isinstance(document, Document):
        return set()
    found = set()
    for statement in document.statements:
        if statement.is_deny:
            continue
        for kind, value in statement.principals or ():
            if kind == "Service":
                found.add(value)
        if statement.not_principals or any(e.kind == "everyone" for e in entries(statement)):
            found.add("*")
    return found
