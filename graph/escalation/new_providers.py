"""Identity providers that a trust policy names and that are not there: whoever makes them comes in.

A SAML provider is made with the attacker's own metadata, so it signs what it likes. An OpenID
Connect provider is made for an address: its tokens are had by who runs that address, or by
anybody where the issuer has everyone as its customer.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.escalation.calls import requests_of
from graph.escalation.finding import Finding, Goal
from graph.escalation.identity import as_asserted
from graph.escalation.services import anywhere
from graph.escalation.stage import Stage
from graph.escalation.technique import Technique
from graph.iam import federation
from graph.iam.assumption import WEB_IDENTITY
from graph.iam.document import Document
from graph.iam.request import Request, Side
from graph.iam.resource_policy import weigh
from graph.iam.service_trust import trusts_provider
from graph.iam.world import Outside, Principal
from graph.verdict import Answer, Verdict, all_of, condition

KIND = "new-provider"
_SAML = "iam:saml-provider"


def new_providers(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques that make a provider under the name by which roles trust it already."""
    for account in stage.accounts:
        asker = stage.asker(account)
        caller = asker.any_member()
        if caller is None or not asker.candidates(call.action for call in technique.calls):
            continue
        for provider, roles in _named(stage, account, technique.target.type).items():
            answers = [(role, _let_in(stage, role, provider)) for role in roles]
            trusting = [row for row in answers if row[1].verdict.rank >= Verdict.CONDITIONAL.rank]
            values = {**anywhere(stage, account), "provider": provider, "issuer": provider}
            requests = requests_of(technique.calls, caller, values) if trusting else None
            if requests is None:
                continue
            gone = _not_there(stage, account, technique.target.type)
            for row in asker.all_able(requests):
                for role, answer in trusting:
                    goal = Goal(role.arn, all_of((answer, gone)), requests, (provider,))
                    members = tuple(m for m in asker.members(row.mask) if m != role.arn)
                    if members:
                        yield Finding(technique, account, members, (goal,), row.answer)


def _named(stage: Stage, account: str, type_id: str) -> dict[str, list[Principal]]:
    """Providers of an account that its roles trust and that were not found, with the roles."""
    wanted = f":iam::{account}:{type_id.partition(':')[2]}/"
    known = stage.world.identity_sources.providers
    found: dict[str, list[Principal]] = defaultdict(list)
    for role in stage.roles(account):
        document = role.trust.document if role.trust is not None else None
        if not isinstance(document, Document):
            continue
        named = {
            value
            for statement in document.statements
            if not statement.is_deny
            for kind, value in statement.principals or ()
            if kind == "Federated" and wanted in value and value not in known
        }
        for provider in sorted(named):
            found[provider].append(role)
    return found


def _not_there(stage: Stage, account: str, type_id: str) -> Answer:
    """Whether what was not found is not there."""
    if stage.world.identity_sources.was_read(type_id, account):
        return Answer(Verdict.YES)
    text = f"Which providers {account} has was not collected; one that is there cannot be made."
    left = condition("not_collected", type_id, account)
    return Answer(Verdict.CONDITIONAL, text, (left,), evidence=(text,))


def _let_in(stage: Stage, role: Principal, provider: str) -> Answer:
    """What a role's trust asks of whom the new provider vouches for."""
    if federation.is_saml(provider):
        return as_asserted(trusts_provider(stage.world, role, provider))
    if federation.shared(provider) is not None:
        anybody = _of_anybody(stage, role, federation.any_tenant(provider))
        if anybody.verdict is not Verdict.NO:
            return anybody
        return trusts_provider(stage.world, role, provider)
    return _of_issuer(as_asserted(trusts_provider(stage.world, role, provider), provider), provider)


def _of_anybody(stage: Stage, role: Principal, caller: Outside) -> Answer:
    request = Request(caller, WEB_IDENTITY, role.arn, role.account)
    return weigh(stage.world, request, role.trust or Side.NOT_COLLECTED).answer


def _of_issuer(answer: Answer, provider: str) -> Answer:
    """Tokens are signed at the provider's address, which the attacker must run."""
    if answer.verdict is Verdict.NO:
        return answer
    left = condition("authn", "issuer", federation.issuer(provider))
    text = f"Tokens must be signed by {federation.issuer(provider)}."
    return all_of((answer, Answer(Verdict.CONDITIONAL, text, (left,), evidence=(text,))))
