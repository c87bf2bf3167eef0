"""Who is meant: the principals of findings and the sources of our judgements in one vocabulary."""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.access_analyzer import Analyzer


class Kind(enum.StrEnum):
    """What a party is."""

    PUBLIC = "public"
    ACCOUNT = "account"
    ORGANIZATION = "organization"
    FEDERATED = "federated"
    RANGE = "range"
    NETWORK = "network"
    CANONICAL = "canonical"
    SERVICE = "service"
    VIA_SERVICE = "via service"
    OTHER = "other"


class Party(NamedTuple):
    """One outside party: of principals their account."""

    kind: Kind
    value: str = ""


_EVERYBODY = frozenset({"internet", "any-aws-principal", "any-aws-account"})
_PREFIXES = {
    "account:": Kind.ACCOUNT,
    "org:": Kind.ORGANIZATION,
    "federated:": Kind.FEDERATED,
    "self-sign-up": Kind.FEDERATED,
    "cidr:": Kind.RANGE,
    "vpc-": Kind.NETWORK,
    "vpce-": Kind.NETWORK,
    "canonical:": Kind.CANONICAL,
    "service:": Kind.SERVICE,
    "any-account-via:": Kind.VIA_SERVICE,
    "any-customer-of:": Kind.VIA_SERVICE,
}
_ORGANIZATION = re.compile(r"\bo-[a-z0-9]+")
_PROVIDERS = ("saml-provider/", "oidc-provider/")
# Wider ranges than these S3 calls public.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_WIDE = {4: 8, 6: 32}


@dataclass(frozen=True)
class Parties:
    """Tells parties apart by what the world knows of accounts."""

    world: IamWorld

    @cached_property
    def _by_canonical_id(self) -> Mapping[str, str]:
        return {name: account for account, name in self.world.canonical_ids.items() if name}

    def of_judgement(self, made: Judgement) -> Party:
        """The party of a judgement's source; of a set that of its members, who share an account."""
        source = made.members[0] if made.members else made.source
        if made.question == "assume" and source == "internet":
            return Party(Kind.FEDERATED, source)  # guests of an identity pool
        if source in _EVERYBODY:
            return Party(Kind.PUBLIC)
        if source.startswith("arn:"):
            return _of_arn(source)
        for prefix, kind in _PREFIXES.items():
            if source.startswith(prefix):
                return self._known(Party(kind, source.removeprefix(prefix)))
        return Party(Kind.OTHER, source)

    def of_principal(self, kind: str, value: str) -> Party:
        """The party of a finding's principal.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html
        """
        if kind == "Federated":
            return Party(Kind.FEDERATED, value)
        if kind == "CanonicalUser":
            return self._known(Party(Kind.CANONICAL, value))
        if kind == "Service":
            return Party(Kind.SERVICE, value)
        if kind != "AWS":
            return Party(Kind.OTHER, value)
        if value == "*":
            return Party(Kind.PUBLIC)
        if value.startswith("arn:"):
            return _of_arn(value)
        return Party(Kind.ACCOUNT, value) if _is_account(value) else Party(Kind.OTHER, value)

    def _known(self, party: Party) -> Party:
        if party.kind is Kind.CANONICAL:
            account = self._by_canonical_id.get(party.value)
            return Party(Kind.ACCOUNT, account) if account else party
        if party.kind is Kind.ORGANIZATION:
            return _organization(party.value)
        return party

    def trusts(self, analyzer: Analyzer, party: Party) -> bool | None:
        """Whether a party is within an analyzer's zone of trust; ``None``: that is not known."""
        if party.kind is Kind.OTHER:
            return None
        if not analyzer.whole_organization:
            return party == Party(Kind.ACCOUNT, analyzer.account_id)
        organization = self.world.account(analyzer.account_id).organization
        if party.kind is Kind.ORGANIZATION:
            return party.value == organization if organization else None
        if party.kind is Kind.CANONICAL:
            return None
        return party.kind is Kind.ACCOUNT and self.belongs(party.value, organization)

    def belongs(self, account_id: str, organization: str) -> bool | None:
        """Whether an account is in an organisation; ``None``: that was not collected."""
        account = self.world.account(account_id)
        if account.organization or account.membership == "none":
            return bool(organization) and account.organization == organization
        return False if organization and self.world.organization == organization else None


def _of_arn(arn: str) -> Party:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Party(Kind.OTHER, arn)
    service, account, rest = parts[2], parts[4], parts[5]
    if service in ("iam", "sts") and rest.startswith(_PROVIDERS):
        return Party(Kind.FEDERATED, arn)
    if service in ("iam", "sts") and _is_account(account):
        return Party(Kind.ACCOUNT, account)
    if service == "organizations":
        return _organization(rest)
    if service == "ec2":
        return Party(Kind.NETWORK, arn)
    return Party(Kind.OTHER, arn)


def _organization(text: str) -> Party:
    found = _ORGANIZATION.search(text)
    return Party(Kind.ORGANIZATION, found[0] if found else text)


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def is_wide(party: Party) -> bool:
    """Whether a range of addresses is one that S3 calls public."""
    try:
        network = ipaddress.ip_network(party.value, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _WIDE[network.version]
