"""Guards of a trust or of a grant, in words.

What a role's trust policy or a resource's policy asks of whom it admits, as sentences that begin
with two stable words (:class:`graph.guards.guard.Guard`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.guards import accounts, deputies, tokens
from graph.guards.admitted import Admitted, Asked, admitted, token_statements
from graph.guards.facts import GuardFacts, guessable, impossible_account
from graph.guards.guard import Guard, strongest, weakest
from graph.guards.known_accounts import known_accounts
from graph.guards.locks import Lock, of_allow, of_denies
from graph.iam import federation
from graph.iam.assumption import SAML, WEB_IDENTITY, Assumption
from graph.iam.document import Document
from graph.iam.service_sources import PODS, ROLES_ANYWHERE
from graph.iam.world import Policy, Principal

_ACCOUNTS = (
    "account",
    "principal",
    "principals",
    "outside-principal",
    "org",
    "any-aws-principal",
    "internet",
    "cidr",
    "vpc",
    "vpce",
)
_SERVICES = ("service", "any-account-via", "account-via-service")
_BEHIND_A_SERVICE = {"trust-anchor": ROLES_ANYWHERE, "eks-pod-identity": PODS}


@dataclass(frozen=True, slots=True)
class _Who:
    """A source as guards see it."""

    id: str
    kind: str
    account: str
    third_party: bool
    role: Principal | None


def trust_guards(facts: GuardFacts, role: Principal, row: Assumption) -> tuple[str, ...]:
    """What a role's trust policy asks of somebody who may assume it.

    Args:
        facts: of the snapshot.
        role: the role.
        row: who may assume it, as the engine answered; its verdict is not looked at.

    Returns:
        Sentences, see :class:`graph.guards.guard.Guard`; none where the trust was not read.
    """
    document = role.trust.document if role.trust is not None else None
    if not isinstance(document, Document) or row.kind in ("unknown", "identity-center"):
        return ()
    action = row.actions[0] if row.actions else "sts:AssumeRole"
    if action in (WEB_IDENTITY, SAML):
        return _texts(_of_tokens(facts, role, document, row, action))
    if row.kind in _BEHIND_A_SERVICE:
        service = _BEHIND_A_SERVICE[row.kind]
        asked = Asked(document, action, role.arn, role.account, f"service:{service}", "service")
    else:
        asked = Asked(document, action, role.arn, role.account, row.source, row.kind)
    return _texts(_of_policy(facts, asked, role))


def policy_guards(
    facts: GuardFacts,
    policy: Policy | Document | None,
    target: str,
    owner: str,
    source_id: str,
    source_kind: str,
    actions: Sequence[str],
) -> tuple[str, ...]:
    """What a resource's policy asks of a source that it admits.

    Args:
        facts: of the snapshot, from :func:`graph.guards.facts.guard_facts`.
        policy: the policy that granted.
        target: the resource's ARN.
        owner: its account.
        source_id: of the :class:`graph.iam.grants.Grant`.
        source_kind: likewise.
        actions: likewise; the first stands for all.

    Returns:
        Sentences, see :class:`graph.guards.guard.Guard`; none where the policy was not read.
    """
    document = policy.document if isinstance(policy, Policy) else policy
    if not isinstance(document, Document) or source_kind == "unknown" or not actions:
        return ()
    asked = Asked(document, actions[0], target, owner, source_id, source_kind)
    return _texts(_of_policy(facts, asked, None))


def whole_account(account: str, able: int, size: int) -> str:
    """That a trust names a collected account as a whole, and how many there can use it.

    Args:
        account: its id.
        able: its principals that both sides let assume the role.
        size: its users and roles.
    """
    text = (
        f"The whole account {account} is named: {able} of its {size} users and roles have their "
        "own policies' leave; its administrators decide who else."
    )
    return str(Guard("delegated", "whole-account", text))


def _texts(guards: Sequence[Guard]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, guards)))


def _of_policy(facts: GuardFacts, asked: Asked, role: Principal | None) -> tuple[Guard, ...]:
    who = _who(facts, asked.source_id, asked.source_kind, role)
    found = admitted(facts.world, asked)
    if not found.allows:
        return tuple(_of_account(facts, who))
    rest = tuple(_deny_locks(found, service=who.kind in _SERVICES))
    ways = [(*of_allow(statement), *rest) for statement in found.allows]
    if who.kind in ("account", "outside-principal") and who.third_party:
        # Whoever comes as a member of one's own organisation is no third party.
        ways = [locks for locks in ways if not _of_ones_own(facts, locks)] or ways
    alternatives = [strongest(_guards(facts, asked, who, locks)) for locks in ways]
    return weakest([(*one, *_of_account(facts, who)) for one in alternatives])


def _of_ones_own(facts: GuardFacts, locks: Sequence[Lock]) -> bool:
    return any(
        lock.key == "aws:principalorgid" and lock.fixes and facts.organisations >= set(lock.values)
        for lock in locks
    )


def _deny_locks(found: Admitted, *, service: bool) -> Iterator[Lock]:
    yield from of_denies(found.denies, service=service)


def _who(facts: GuardFacts, source_id: str, kind: str, role: Principal | None) -> _Who:
    account = ""
    if source_id.startswith("account:"):
        account = source_id.removeprefix("account:")
    elif source_id.startswith("arn:") and source_id.count(":") >= 5:
        account = source_id.split(":", 5)[4]
    third = facts.is_third_party(account) if account else True
    if kind == "org":
        third = source_id.removeprefix("org:").partition("/")[0] not in facts.organisations
    if kind in ("vpc", "vpce"):
        third = False
    return _Who(source_id, kind, account, third, role)


def _guards(facts: GuardFacts, asked: Asked, who: _Who, locks: Sequence[Lock]) -> Iterator[Guard]:
    if who.kind in _SERVICES:
        service = who.id.partition(":")[2] if who.kind != "account-via-service" else ""
        if service == ROLES_ANYWHERE:
            yield from deputies.certificate(locks)
        yield from deputies.source(locks, service, role=who.role is not None)
    elif who.kind in _ACCOUNTS:
        if who.role is not None and who.third_party:
            common = guessable(asked.owner, who.account, who.role)
            told = accounts.external_id(locks, common, facts.shared_ids)
            if any(lock.key == accounts.EXTERNAL_ID for lock in locks) or _may_be_a_vendor(
                who, locks
            ):
                yield from told
        yield from accounts.mfa(locks)
        yield from accounts.fixed(locks)
        yield from accounts.chosen(locks, who.third_party)
    yield from accounts.until(locks)


_ONES = ("account", "outside-principal", "principal")


def _may_be_a_vendor(who: _Who, locks: Sequence[Lock]) -> bool:
    """Whether an ExternalId is what should be asked of a source.

    It is for third parties that act for many customers: no organisation, no people. People are
    users of accounts that no list calls a vendor's, and whoever must sign in with MFA.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    if who.kind not in _ONES or next(accounts.mfa(locks), None) is not None:
        return False
    return ":user/" not in who.id or who.account in known_accounts()


def _of_account(facts: GuardFacts, who: _Who) -> Iterator[Guard]:
    """What is known of the account itself, whatever the policy asks."""
    if who.kind not in ("account", "outside-principal", "principal") or not who.account:
        return
    if impossible_account(who.account):
        text = f"No AWS account can have the id {who.account}."
        yield Guard("account", "impossible", text)
    elif who.account not in facts.inside:
        yield _owner(who.account, left=facts.states.get(who.account) == "left")
    elif state := facts.states.get(who.account):
        text = f"The account {who.account} is {_STATES[state]}: nobody signs in there today."
        yield Guard("account", state, text)
    if who.kind == "account" and who.third_party:
        text = f"Every principal of {who.account} that its owner lets; nobody is singled out."
        yield Guard("delegated", "whole-account", text)


_STATES = {"suspended": "suspended", "closed": "closed or being closed"}


def _owner(account: str, *, left: bool) -> Guard:
    known = known_accounts().get(account)
    if known is None and left:
        text = f"{account} accepted an invitation to the organisation and is no member any more."
        return Guard("account", "left", text)
    if known is None:
        return Guard("account", "unknown", f"No public list says whose account {account} is.")
    what = "an AWS service" if known.kind == "aws-service" else "a vendor"
    return Guard("account", known.kind, f"{account} is {known.name}, {what}.")


def _of_tokens(
    facts: GuardFacts, role: Principal, document: Document, row: Assumption, action: str
) -> tuple[Guard, ...]:
    provider = row.source.removeprefix("federated:")
    if row.kind in ("federated", "shared-provider"):
        asked = Asked(document, action, role.arn, role.account, row.source, row.kind)
        found = admitted(facts.world, asked)
    elif row.kind == "eks-service-account":
        provider = _issuer_of_cluster(facts, row.source)
        found = token_statements(document, action, provider)
    else:
        provider = "cognito-identity.amazonaws.com"
        found = token_statements(document, action)
    rest = tuple(_deny_locks(found, service=False))
    known = facts.world.identity_sources.providers.get(provider)
    alternatives = []
    for statement in found.allows:
        locks = (*of_allow(statement), *rest)
        guards = (
            tokens.saml(locks)
            if federation.is_saml(provider)
            else tokens.oidc(
                locks,
                provider,
                known.client_ids if known else None,
                any_tenant=row.kind == "shared-provider",
            )
        )
        more = (*accounts.fixed(locks), *accounts.until(locks))
        alternatives.append(strongest((*guards, *more)))
    return weakest(alternatives)


def _issuer_of_cluster(facts: GuardFacts, cluster: str) -> str:
    found: Mapping[str, object] = facts.world.identity_sources.cluster_by_arn
    one = found.get(cluster)
    return str(getattr(one, "issuer", ""))
