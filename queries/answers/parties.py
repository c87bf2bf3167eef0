"""Who somebody is: one's own, of the organisation, a known vendor, or nobody we know."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graph.guards.known_accounts import known_accounts
from graph.guards.providers import layout_of
from graph.iam import federation

_ACCOUNT = re.compile(r"(?:^account:|^arn:[^:]*:[^:]*:[^:]*:)(\d{12})(?::|$)")

_ANYBODYS = frozenset(f"subject {state}" for state in ("application", "pattern", "any", "open"))

PUBLIC_SOURCES = (
    "Internet",
    "AnyAWSPrincipal",
    "AnyAWSAccount",
    "AnyAccountVia",
    "AnyCustomerOf",
    "SelfSignUp",
    "FederatedProvider",
    "ExternalCidr",
)


@dataclass(frozen=True, slots=True)
class Parties:
    """What is known about accounts when answering.

    Attributes:
        collected: ids of the accounts in the snapshot.
        organisation: ids of the accounts of the organisation, collected or not.
        own: id to name of the accounts that ``mapper.toml`` names.
        trusted: ids that ``mapper.toml`` trusts.
        vendors: id to vendor, from ``mapper.toml``; goes before the packaged list.
        trusted_cidrs: ranges that ``mapper.toml`` trusts.
        names: id to name as the organisation gives them.
        organisation_ids: e.g. ``o-abc123``, those that are one's own.
        sensitive_tags: ``key`` or ``key=value``, in lower case, that ``mapper.toml`` calls
            sensitive.
        management: ids of the accounts that manage an organisation.
    """

    collected: frozenset[str] = frozenset()
    organisation: frozenset[str] = frozenset()
    own: Mapping[str, str] = field(default_factory=dict)
    trusted: frozenset[str] = frozenset()
    vendors: Mapping[str, str] = field(default_factory=dict)
    trusted_cidrs: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    organisation_ids: frozenset[str] = frozenset()
    sensitive_tags: frozenset[str] = frozenset()
    management: frozenset[str] = frozenset()

    def is_sensitive(self, tags: Iterable[str]) -> bool:
        """Whether one of the tags (``key=value``) marks a resource as sensitive; any case."""
        for tag in tags if self.sensitive_tags else ():
            text = tag.lower()
            if text in self.sensitive_tags or text.partition("=")[0] in self.sensitive_tags:
                return True
        return False

    def classify(self, account_id: str | None, home: str | None) -> tuple[str, str | None]:
        """What an account is, seen from the account ``home``.

        Returns:
            (one of own, organisation, collected, trusted, aws-service, vendor, unknown; the
            vendor's name or None). ``own`` is the same account, or one that the user named.
        """
        if account_id is None:
            return "unknown", None
        vendor, kind = self.vendor(account_id)
        if account_id in self.organisation:
            return ("own" if account_id == home else "organisation"), None
        if account_id == home or account_id in self.own:
            return "own", None
        if account_id in self.collected:
            return "collected", None
        if account_id in self.trusted:
            return "trusted", vendor
        return (kind, vendor) if vendor else ("unknown", None)

    def classify_source(
        self, node_id: str, labels: Iterable[str], account_id: str | None, home: str | None
    ) -> tuple[str, str | None]:
        """What the start of a trust or share is; see :meth:`classify`."""
        label = source_class(labels)
        if label == "Organization":
            organisation = node_id.removeprefix("org:").partition("/")[0]
            return ("organisation" if organisation in self.organisation_ids else "unknown"), None
        if label == "FederatedProvider":
            host = shared_provider(node_id)
            return ("vendor", host) if host else ("unknown", None)
        return self.classify(account_of(node_id, account_id), home)

    def vendor(self, account_id: str) -> tuple[str | None, str]:
        """(name, ``vendor`` or ``aws-service``) of a known account, (None, ``unknown``) else."""
        if account_id in self.vendors:
            return self.vendors[account_id], "vendor"
        found = known_accounts().get(account_id)
        return (None, "unknown") if found is None else (found.name, found.kind)

    def name(self, account_id: str | None) -> str | None:
        """An account's name: the user's own word first, then the organisation's, then a vendor."""
        if account_id is None:
            return None
        return self.own.get(account_id) or self.names.get(account_id) or self.vendor(account_id)[0]

    def is_trusted_cidr(self, cidr: str) -> bool:
        """Whether a range lies inside a trusted one."""
        try:
            network = ipaddress.ip_network(cidr, strict=False)
        except ValueError:
            return False
        for text in self.trusted_cidrs:
            other = ipaddress.ip_network(text, strict=False)
            if network.version == other.version and network.subnet_of(other):  # type: ignore[arg-type]
                return True
        return False


def source_class(labels: Iterable[str]) -> str:
    """The source's own label, e.g. ``AnyAWSPrincipal``; empty for what is not a source."""
    given = set(labels)
    listed = (*PUBLIC_SOURCES, "Organization", "ExternalAccount", "AWSService", "OnPrem")
    return next((label for label in listed if label in given), "")


def is_broad(cidr: str) -> bool:
    """Whether a range is so wide that it counts as the internet.

    Wider than /8 in IPv4 or /32 in IPv6: the threshold of S3's own meaning of "public"
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
    """
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return True
    return network.prefixlen < (8 if network.version == 4 else 32)


def account_of(node_id: str, account_id: str | None) -> str | None:
    """The account of a node: its property, else what its id says."""
    if account_id:
        return account_id
    match = _ACCOUNT.search(node_id)
    return match.group(1) if match else None


def is_provider(node_id: str) -> bool:
    """Whether a node is an identity provider, with an ARN or a bare name of a trust policy."""
    return node_id.startswith("federated:") or bool(_PROVIDER.match(node_id))


def provider_name(provider: str) -> str:
    """An identity provider as a reader knows it: ``GitHub Actions``, ``okta (SAML)``, a host.

    Args:
        provider: its node id, see :func:`is_provider`.
    """
    kind, _, name = provider.removeprefix("federated:").rpartition("-provider/")
    if kind.endswith("saml"):
        return f"{name} (SAML)"
    known = layout_of(name)
    return known.name if known else name


def token_subjects(conditions: Iterable[str]) -> tuple[str, ...]:
    """Whose tokens conditions ask for: ``repo:acme/web:*`` of ``context:...:sub=repo:acme/web:*``.

    Values of one condition stand apart.
    """
    return tuple(
        value
        for text in conditions
        if (found := _SUBJECT.match(text))
        for value in found.group(1).split("|")
    )


_PROVIDER = re.compile(r"arn:[^:]*:iam::[0-9]*:(?:oidc|saml)-provider/")
_SUBJECT = re.compile(r"context:[^=]*:sub=(.*)", re.DOTALL)


def shared_provider(provider: str) -> str | None:
    """The host of an identity provider that serves many customers; None for any other.

    Args:
        provider: an IAM OIDC provider's ARN, or the bare name of a trust policy.
    """
    url = provider.partition(":oidc-provider/")[2] or provider.removeprefix("federated:")
    return None if federation.shared(url) is None else url.partition("/")[0]


def is_open_subject(guards: Iterable[str]) -> bool:
    """Whether any customer of a shared identity provider passes; see ``graph.guards``."""
    return any(one.startswith("subject open") for one in guards)


def breadth(source: str, guards: Iterable[str] = ()) -> int:
    """How many a source of a trust or share stands for, the most first when sorted.

    Args:
        source: its node id.
        guards: of its way.

    Returns:
        0 for everyone and whoever is a customer of a shared identity provider, 1 for an
        organisation, 2 for an account or set of principals, 3 for one principal.
    """
    kind = source.partition(":")[0]
    if source in _EVERYONE or kind in ("any-customer-of", "self-sign-up"):
        return 0
    if is_open_subject(guards):
        return 0
    if kind == "org":
        return 1
    return 2 if kind in ("account", "principal-set") else 3


_EVERYONE = ("internet", "any-aws-principal", "any-aws-account")


def is_fixed_subject(guards: Iterable[str]) -> bool:
    """Whether only tokens of one customer pass: an application's may be anybody's who signs in."""
    told = [one.partition(": ")[0] for one in guards if one.startswith("subject ")]
    return bool(told) and not _ANYBODYS.intersection(told)
