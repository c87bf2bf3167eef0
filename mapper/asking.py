"""Questions to the IAM engine, and their answers as rows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from graph.iam.decision import Decision, as_tree
from graph.verdict import Verdict
from mapper.errors import WrongUsageError
from mapper.given import Given, is_account
from mapper.naming import Target, actions_named, is_pattern, principals_named, targets_named
from mapper.session import Session, silent
from queries.answers.row import Row, distinct, row_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.iam.request import Request
    from graph.iam.world import Caller, IamWorld, Principal
    from queries.answers.coverage import Coverage


MOST_QUESTIONS = 200_000
"""More requests than this are not answered one by one."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One request with what the engine said, and what is odd about the question."""

    request: Request
    decision: Decision
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """The verdict."""
        return self.decision.answer.verdict


class Asker:
    """A session's world, and questions to it.

    Args:
        session: the snapshot, its graph (opened only where a name is not found otherwise) and
            configuration.
        say: where warnings go.
    """

    def __init__(self, session: Session, say: Callable[[str], None] = silent) -> None:
        self.session = session
        self._say = say
        self._said: set[str] = set()
        self._names: dict[str, list[str]] = {}
        self._callers: dict[tuple[str, str, str], list[Caller]] = {}
        self._actions: dict[str, list[str]] = {}
        self._targets: dict[tuple[str, str], list[Target]] = {}

    def say(self, text: str) -> None:
        """Warn, of the same thing once."""
        if text not in self._said:
            self._said.add(text)
            self._say(text)

    @cached_property
    def world(self) -> IamWorld:
        """What the engine knows of the snapshot."""
        from graph.iam.from_snapshot import from_snapshot

        return from_snapshot(self.session.snapshot)

    def can(
        self,
        principal: str,
        action: str,
        resource: str = "*",
        given: Given | None = None,
        account: str = "",
    ) -> list[Decided]:
        """Ask for every combination of what the three words mean, ``no`` included.

        Raises:
            WrongUsageError: a word means nothing, or too much.
        """
        stated = given or Given()
        callers = self.principals(principal, stated, account)
        actions = self.actions(action, resource)
        targets = {name: self.targets(name, resource, many=len(actions) > 1) for name in actions}
        questions = len(callers) * sum(map(len, targets.values()))
        if questions > MOST_QUESTIONS:
            raise WrongUsageError(
                f"These patterns mean {questions} questions. Narrow one of them; who can do an "
                "action: mapper who-can; what a principal can do: mapper can PRINCIPAL."
            )
        if not questions:
            raise WrongUsageError(f"None of the actions {action} is about {resource}.")
        return [
            self.ask(caller, name, target, stated)
            for name in actions
            for caller in callers
            for target in targets[name]
        ]

    def principals(self, text: str, given: Given, account: str = "") -> list[Caller]:
        """The callers that a text means; remembered.

        Raises:
            WrongUsageError: nobody, or several of one name.
        """
        key = (text, account, Given(session_policies=given.session_policies).key)
        if key not in self._callers:
            found = principals_named(self.world, text, given.session_policies, account)
            self._callers[key] = found
        return self._callers[key]

    def collected(self, text: str, given: Given, account: str = "") -> Principal:
        """The one collected principal that a text means.

        Raises:
            WrongUsageError: nobody, several, or one whose own policies no snapshot holds.
        """
        from graph.iam.world import Principal

        callers = self.principals(text, given, account)
        if len(callers) > 1:
            listed = ", ".join(caller_id(one) for one in callers[:6])
            raise WrongUsageError(f"PRINCIPAL {text!r} means {len(callers)}: {listed}. Name one.")
        (one,) = callers
        if not isinstance(one, Principal):
            raise WrongUsageError(
                f"What {text} may do stands in policies that were not collected. Ask what it may "
                "do to something collected: mapper can PRINCIPAL ACTION RESOURCE."
            )
        return one

    def actions(self, text: str, resource: str) -> list[str]:
        """The actions that a text means; those of one action are remembered.

        Raises:
            WrongUsageError: none, or too many.
        """
        if is_pattern(text):
            return actions_named(text, resource, self.say)
        if text not in self._actions:
            self._actions[text] = actions_named(text, resource, self.say)
        return self._actions[text]

    def targets(self, action: str, resource: str, many: bool = False) -> list[Target]:
        """The resources that a word means for an action.

        Of ``many`` actions those that cannot be about the resource have none.
        """
        from graph.iam import catalogue

        if resource.startswith("arn:") and not is_pattern(resource):
            found = [Target(resource)]
        elif (action, resource) in self._targets:
            found = self._targets[action, resource]
        else:
            found = targets_named(self.world, resource, action, self.find)
            self._targets[action, resource] = found
        if many:
            return [one for one in found if catalogue.fits(action, one.resource) is not False]
        return found

    def who_can(
        self, action: str, resource: str = "*", given: Given | None = None
    ) -> list[tuple[str, Decided]]:
        """Everyone who can, as (principal or source, what was asked and said); never ``no``.

        Raises:
            WrongUsageError: a word means nothing, or too much.
        """
        from graph.iam.questions import who_can

        stated = given or Given()
        if not is_pattern(action):
            (action,) = self.actions(action, resource)
        found = []
        for target in self.targets(action, resource):
            like = {
                "resource_account": stated.resource_account,
                "context": stated.context,
                "absent": stated.absent,
                "pattern": target.pattern,
            }
            for held in who_can(self.world, action, target.resource, like=like):
                request = self.request(held.caller, action, target, stated)
                found.append((held.source, Decided(request, held.decision)))
        return found

    def ask(self, caller: Caller, action: str, target: Target, given: Given) -> Decided:
        """Ask one request."""
        from graph.iam.evaluate import decide

        request = self.request(caller, action, target, given)
        notes = (misfit(action, target.resource), self._of_owner(request))
        return Decided(request, decide(self.world, request), " ".join(filter(None, notes)))

    def _of_owner(self, request: Request) -> str:
        """That a collected account is asked about as a whole; empty for any other caller."""
        caller = request.principal
        if caller.kind != "account" or not self.world.account(caller.account).collected:
            return ""
        resource = shlex.quote(request.resource)
        return (
            f"{caller.account} is asked about as a whole: whomever its owner lets. Who of it can: "
            f"mapper who-can {shlex.quote(request.action)} {resource} --account {caller.account}"
        )

    def request(self, caller: Caller, action: str, target: Target, given: Given) -> Request:
        """A request as the engine takes it."""
        from graph.iam.request import Request

        return Request(
            caller,
            action,
            target.resource,
            given.resource_account,
            given.context,
            given.absent,
            pattern=target.pattern,
        )

    def find(self, name: str) -> Sequence[str]:
        """Ids of the graph's nodes of a name, or whose id ends in it."""
        if name not in self._names:
            from queries.runner import run_cypher

            frame = run_cypher(self.session.store, _BY_NAME, {"name": name, "last": f"/{name}"})
            self._names[name] = [str(row["id"]) for row in frame.to_dict("records")]
        return self._names[name]

    def coverage(self, rows: Iterable[Row] = (), accounts: Iterable[str] = ()) -> Coverage:
        """The gaps among what rows rest on: in the accounts of either end, and above them."""
        from graph.iam.from_snapshot import IAM_TYPES, NEEDS
        from queries.answers.coverage import Coverage, coverage_of

        listed = list(rows)
        services = {str(row.own.get("action", "")).partition(":")[0].lower() for row in listed}
        # Federation and the like let somebody in: they matter where a role is assumed.
        beside = {kind.partition(":")[0] for kind in NEEDS} if "sts" in services else services
        types = {*IAM_TYPES, *(t for t in NEEDS if t.partition(":")[0] in {"org", *beside})}
        ends = {*accounts, *(account for row in listed for account in row.accounts)}
        missing = coverage_of(self.session.snapshot, types).missing
        return Coverage(
            tuple(gap for gap in missing if gap.type.startswith("org:") or gap.account_id in ends)
        )

    def ends(self, request: Request) -> tuple[str, str]:
        """The accounts of the caller and of the resource; empty where they are not known."""
        from graph.iam.request import owner_of

        caller = request.principal.account
        return caller if is_account(caller) else "", owner_of(self.world, request)

    def row(self, command: str, asked: Decided, given: Given, source: str = "") -> Row:
        """An answer as a row of ``can`` (about the resource) or ``who-can`` (the principal)."""
        request, decision = asked.request, asked.decision
        who = source or caller_id(request.principal)
        caller_account, owner = self.ends(request)
        if command == "who-can":
            about = Thing(who, _principal_name(who), _principal_type(who), caller_account, "global")
        else:
            about = _resource(request.resource, owner)
        return Row(
            row_key(command, request.resource, who, request.action.lower(), given.key),
            about.id,
            about.name or None,
            about.resource_type or None,
            about.account_id or None,
            about.region or None,
            decision.answer,
            own={
                "principal": who,
                "action": request.action,
                "resource": request.resource,
                "denied_by": decision.denied_by or None,
                "explicit": decision.explicit,
                "statements": [one.as_json() for one in decision.statements],
                "expression": as_tree(decision.allowed),
            },
            accounts=distinct((caller_account, owner)),
        )


@dataclass(frozen=True, slots=True)
class Thing:
    """What a row is about; empty for what is not known."""

    id: str
    name: str = ""
    resource_type: str = ""
    account_id: str = ""
    region: str = ""


def _resource(arn: str, owner: str) -> Thing:
    from graph.schema.registry import REGISTRY

    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Thing(arn, account_id=owner)
    found = None if is_pattern(arn) else REGISTRY.of_arn(arn)
    name = "" if is_pattern(arn) else parts[5].rpartition("/")[2].rpartition(":")[2]
    kind = found.resource_type if found else ""
    return Thing(arn, name, kind, owner, parts[3] if not is_pattern(parts[3]) else "")


_BY_NAME = (
    "MATCH (n:Resource) WHERE n.name = $name OR n.id ENDS WITH $last RETURN n.id AS id ORDER BY id"
)


def caller_id(caller: Caller) -> str:
    """A caller as rows name it."""
    from graph.iam.world import Outside

    if not isinstance(caller, Outside):
        if caller.session_name is not None and caller.kind == "role":
            parts = caller.arn.split(":")
            return (
                f"arn:{parts[1]}:sts::{caller.account}:assumed-role/"
                f"{caller.name}/{caller.session_name}"
            )
        return caller.arn
    if caller.kind == "account":
        return caller.arn or f"account:{caller.account}"
    if caller.kind == "service":
        return f"service:{caller.arn}" + (f"@{caller.account}" if caller.account else "")
    if caller.kind in ("anonymous", "any-aws"):
        return {"anonymous": "internet", "any-aws": "any-aws-principal"}[caller.kind]
    return f"{caller.kind}:{caller.arn}"


def _principal_name(source: str) -> str:
    return source.rpartition("/")[2] if source.startswith("arn:") and "/" in source else ""


def _principal_type(source: str) -> str:
    rest = source.split(":", 5)[5] if source.startswith("arn:") and source.count(":") > 4 else ""
    return {"role": "AWS::IAM::Role", "user": "AWS::IAM::User"}.get(rest.partition("/")[0], "")


@lru_cache(maxsize=4096)
def misfit(action: str, resource: str) -> str:
    """That an action cannot be about a resource, with what it is about; empty if it can."""
    from graph.iam import catalogue

    found = catalogue.action(action)
    if found is None or catalogue.fits(action, resource) is not False:
        return ""
    service = action.partition(":")[0]
    kinds = [use.type for use in found.resource_types]
    forms = [form for kind in kinds[:3] for form in catalogue.resource_arns(service, kind)]
    if not forms:
        return f"{action} takes no resource: it is asked for *."
    return f"{action} is not about {resource} but about {', '.join(forms)}."
