"""One request: who does what to which resource, and what is known of its context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from graph.iam import call_keys, federation, patterns, rules, session_keys
from graph.iam.facts import (
    Absent,
    AbsentOr,
    Clock,
    Elsewhere,
    Fact,
    Facts,
    Known,
    Layered,
    Shaped,
    Unknown,
    shaped,
)
from graph.iam.world import Account, Caller, IamWorld, Outside, Policy, Principal

EVERY_KEY = "*"
"""Among absent keys: all others."""
FRESH_ACCOUNT = "fresh-accnt!"
"""Stands for an account id that no policy names."""
_FRESH_ORG = "o-freshorg!!"


class Side(Enum):
    """What is known of the resource policy of a request."""

    LOOK_UP = "look up"
    NOT_COLLECTED = "not collected"


@dataclass(frozen=True, slots=True)
class Request:
    """A question to the engine.

    Attributes:
        principal: a collected principal, or an outside caller.
        action: e.g. ``s3:GetObject``; a pattern is taken as "any of these".
        resource: ARN, or ``*`` for actions without a resource type.
        resource_account: owner of the resource; by default from the world, from the ARN, or the
            caller's own.
        context: keys with their values, names in any case.
        absent: keys that the request does not carry; :data:`EVERY_KEY` for every key that is
            neither stated nor known from the world, nor always there.
        resource_policy: the policy, ``None`` if the resource has none, or a :class:`Side`.
        resource_tags: tags of the resource; ``None`` if they were not collected.
        pattern: ``resource`` is a pattern: "some resource of these".
        other_grants_seen: the asker has looked at ACLs and KMS grants itself.
    """

    principal: Caller
    action: str
    resource: str = "*"
    resource_account: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    resource_policy: Policy | Side | None = Side.LOOK_UP
    resource_tags: tuple[tuple[str, str], ...] | None = None
    pattern: bool = False
    other_grants_seen: bool = False

    @property
    def action_glob(self) -> str:
        """The action in internal form."""
        return patterns.action_glob(self.action)

    @property
    def resource_glob(self) -> str:
        """The resource in internal form: literal unless the request is about a pattern."""
        return patterns.wild(self.resource) if self.pattern else patterns.plain(self.resource)

    @property
    def service(self) -> str:
        """The action's service prefix, lower case."""
        return self.action.partition(":")[0].lower()


def owner_of(world: IamWorld, request: Request) -> str:
    """The account that owns the resource; empty if nothing tells."""
    if request.resource_account:
        return request.resource_account
    listed = world.resource_accounts.get(request.resource)
    if listed:
        return listed
    parts = request.resource.split(":", 5)
    if len(parts) == 6 and parts[4].isdigit():
        return parts[4]
    if request.resource == "*" and request.principal.account:
        return request.principal.account
    if request.service == "s3" and len(parts) == 6:
        bucket = ":".join((*parts[:5], parts[5].partition("/")[0]))
        return world.resource_accounts.get(bucket, "")
    return ""


def facts_of(world: IamWorld, request: Request, owner: str) -> Facts:
    """What is known of each context key of a request."""
    stated: dict[str, Fact] = {key.lower(): Known(v) for key, v in request.context.items()}
    stated.update({key.lower(): Absent() for key in request.absent})

    def otherwise(key: str) -> Fact:
        if key.startswith("kms:calleraccount") and request.service not in ("kms", "*"):
            # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
            return Absent()
        if call_keys.surely_absent(key, request.action):
            return Absent()
        if session_keys.without_mfa(key, request.principal, request.action):
            return AbsentOr("false")
        if session_keys.permission_for(key) and _carries_no(world, request, key):
            return Absent()
        found = _resource_fact(world, request, owner, key)
        if found is None:
            found = _time_fact(world, request, key)
        if found is None:
            caller = request.principal
            found = (
                _principal_fact(world, caller, key)
                if isinstance(caller, Principal)
                else _outside_fact(world, caller, key)
            )
        found = rules.fact_by_class(key) if found is None else found
        return Absent() if EVERY_KEY in request.absent and _may_be_absent(found) else found

    return Layered(stated, otherwise)


def _carries_no(world: IamWorld, request: Request, key: str) -> bool:
    """Whether a call that assumes a role lacks the permission to carry a key."""
    role = world.principals.get(request.resource)
    if role is None or not request.action.lower().startswith("sts:assumerole"):
        return False
    given = request.resource_policy
    trust = given if isinstance(given, Policy) else role.trust
    return session_keys.surely_absent(key, request.principal, trust, role.account)


def _may_be_absent(fact: Fact) -> bool:
    if isinstance(fact, Unknown):
        return not fact.present
    return isinstance(fact, AbsentOr) or (isinstance(fact, Shaped) and fact.may_be_absent)


def _resource_fact(world: IamWorld, request: Request, owner: str, key: str) -> Fact | None:
    if key == "aws:resourceaccount" or key == "s3:resourceaccount":
        return Known((owner,)) if owner else Unknown()
    if key in ("aws:resourceorgid", "aws:resourceorgpaths"):
        return _org_fact(world, world.account(owner), key.endswith("paths"))
    if ":resourcetag/" in key:
        tags = request.resource_tags
        if tags is None:
            role = world.principals.get(request.resource)
            tags = role.tags if role else world.resource_tags.get(request.resource)
        return Unknown() if tags is None else _tag(tags, key)
    if key == "aws:requestedregion":
        return _region_fact(request)
    return None


def _tag(tags: tuple[tuple[str, str], ...], key: str) -> Fact:
    """A tag by its key, of which case does not matter in a condition key."""
    wanted = key.partition("/")[2]
    values = tuple(value for name, value in tags if name.lower() == wanted)
    return Known(values[:1]) if values else Absent()


def _region_fact(request: Request) -> Fact:
    """Chosen only where no existing resource is named and the service is regional, or STS."""
    parts = request.resource.split(":", 5)
    if len(parts) == 6 and parts[3] and patterns.is_literal(patterns.wild(parts[3])):
        return Known((parts[3],))
    if request.service == "sts":
        return Unknown("chosen", present=True)
    if rules.is_global(request.service):
        partition = parts[1] if len(parts) == 6 else "aws"
        home = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}.get(partition, "us-east-1")
        return Known((home,))
    return Unknown("chosen" if request.resource == "*" else "unknown", present=True)


def _time_fact(world: IamWorld, request: Request, key: str) -> Fact | None:
    if key in ("aws:currenttime", "aws:epochtime"):
        return Clock(world.now) if world.now else Unknown("time", present=True)
    if key == "aws:tokenissuetime":
        caller = request.principal
        if isinstance(caller, Principal) and caller.kind in ("role", "federated-user"):
            # A session that is started from now on; an older one ends within hours.
            return Clock(world.now) if world.now else Unknown("time", present=True)
        if caller.kind == "anonymous":
            return Absent()
        if isinstance(caller, Principal) and world.now:
            # A long-term key has none; a session of GetSessionToken starts from now on too.
            return Clock(world.now, may_be_absent=True)
        return Unknown("time")
    return None


def _org_fact(world: IamWorld, account: Account, paths: bool) -> Fact:
    if account.membership == "none":
        return Absent()
    if account.organization:
        if not paths:
            return Known((account.organization,))
        return Known((account.org_path,)) if account.org_path else Unknown(present=True)
    if not world.organization or account.id in world.accounts:
        return Unknown()
    # Every account of our organisation is listed: this one is in another one, or in none.
    if account.id == FRESH_ACCOUNT:
        return shaped(f"{_FRESH_ORG}/*" if paths else _FRESH_ORG, may_be_absent=True)
    if paths:
        return Elsewhere((patterns.wild(f"{world.organization}/*"),), f"{_FRESH_ORG}/r-own!/")
    return Elsewhere((patterns.plain(world.organization),), _FRESH_ORG)


_TYPES = {
    "user": "User",
    "role": "AssumedRole",
    "root": "Account",
    "federated-user": "FederatedUser",
}


def _principal_fact(world: IamWorld, caller: Principal, key: str) -> Fact | None:
    if key in ("aws:principalorgid", "aws:principalorgpaths"):
        return _org_fact(world, world.account(caller.account), key.endswith("paths"))
    if key == "aws:username":
        return Known((caller.name,)) if caller.kind == "user" else Absent()
    if key == "aws:userid":
        return _user_id(caller)
    if key.startswith("aws:principaltag/"):
        if caller.kind == "federated-user" or _takes_session_tags(caller):
            return Unknown()
        return _tag(caller.tags, key)
    if key == "aws:viaawsservice":
        return Unknown(present=True)
    value = {
        "aws:principalarn": caller.arn,
        "aws:principalaccount": caller.account,
        "kms:calleraccount": caller.account,
        "aws:principaltype": _TYPES[caller.kind],
        "aws:principalisawsservice": "false",
    }.get(key)
    return None if value is None else Known((value,))


def _user_id(caller: Principal) -> Fact:
    if caller.kind == "root":
        return Known((caller.account,))
    if caller.kind == "federated-user":
        return Known((f"{caller.account}:{caller.name}",))
    if not caller.unique_id:
        return Unknown(present=True)
    if caller.kind == "user":
        return Known((caller.unique_id,))
    name = patterns.STAR if caller.session_name is None else patterns.plain(caller.session_name)
    return Shaped(f"{patterns.plain(caller.unique_id)}:{name}")


def _takes_session_tags(role: Principal) -> bool:
    """Whether whoever assumes the role may tag the session, which overrides the role's tags.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    if role.kind != "role":
        return False
    document = role.trust.document if role.trust else None
    statements = getattr(document, "statements", None)
    if statements is None:
        return True
    return any(not row.is_deny and row.touches("sts:tagsession") for row in statements)


_OWN_ENDPOINT = {
    "aws:sourcevpc": "vpc-own!",
    "aws:sourcevpce": "vpce-own!",
    "aws:sourcevpcarn": f"arn:*:ec2:*:{FRESH_ACCOUNT}:vpc/vpc-own!",
    "aws:vpceaccount": FRESH_ACCOUNT,
    "aws:vpceorgid": _FRESH_ORG,
    "aws:vpceorgpaths": f"{_FRESH_ORG}/*",
}
"""What a call through an endpoint of the caller's own carries: shaped as AWS writes it, so that a
pattern of every endpoint fits, with an id that no policy names.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
"""


def _outside_fact(world: IamWorld, caller: Outside, key: str) -> Fact | None:
    if rules.key_is("network_of_an_endpoint", key):
        # From the internet, or through an endpoint of the caller's own: never one that is named.
        if caller.kind == "account":
            return Unknown()
        # In a VPC of one's own every address is one's own choice.
        own = _OWN_ENDPOINT.get(key)
        return Unknown("chosen") if own is None else shaped(own, may_be_absent=True)
    if key == "aws:viaawsservice":
        return Known(("false",)) if caller.kind == "anonymous" else Unknown(present=True)
    if key == "aws:sourceip":
        # Absent when the caller comes through a VPC endpoint, which may be one of their own.
        return Unknown()
    if caller.kind == "service":
        return _service_fact(caller, key)
    if caller.kind in ("federated", "canonical"):
        provider = world.identity_sources.providers.get(caller.arn)
        return federation.fact(caller, key, provider.own_id if provider else "")
    if caller.kind == "anonymous":
        return _anonymous_fact(key)
    return _signed_fact(world, caller, key)


def _anonymous_fact(key: str) -> Fact | None:
    """The rows of anonymous callers.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalaccount
    """
    if key in ("aws:userid", "aws:principalaccount"):
        return Known(("anonymous",))
    if key == "aws:principaltype":
        return Known(("Anonymous",))
    if key.startswith(("aws:principal", "aws:multifactorauth", "aws:calledvia")) or key in (
        "aws:username",
        "aws:federatedprovider",
        "aws:sourceidentity",
        "kms:calleraccount",
    ):
        return Absent()
    return None


def _signed_fact(world: IamWorld, caller: Outside, key: str) -> Fact | None:
    account = caller.account or FRESH_ACCOUNT
    if key == "aws:principalarn":
        return _arn_of(caller) if caller.arn else shaped(f"arn:*:*::{account}:*")
    if key in ("aws:principalaccount", "kms:calleraccount"):
        return Known((account,))
    if key in ("aws:principalorgid", "aws:principalorgpaths"):
        if caller.account:
            return _org_fact(world, world.account(caller.account), key.endswith("paths"))
        return shaped(f"{_FRESH_ORG}/*" if key.endswith("paths") else _FRESH_ORG, True)
    if key == "aws:userid":
        return shaped("fresh-id!:*") if caller.kind == "any-aws" else Unknown(present=True)
    if key == "aws:principalisawsservice":
        return Known(("false",))
    if key.startswith(("aws:principaltag/", "aws:multifactorauth")) or key in (
        "aws:principaltype",
        "aws:username",
        "aws:sourceidentity",
    ):
        # Whoever owns the account tags, names and types its principals.
        return Unknown("chosen")
    return None


def _arn_of(caller: Outside) -> Fact:
    """``aws:PrincipalArn``: for a session that of its role, whose path its owner knows.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """
    head, session, rest = caller.arn.partition(":assumed-role/")
    if not session:
        return Known((caller.arn,))
    head = patterns.plain(head.replace(":sts:", ":iam:"))
    return Shaped(f"{head}:role/{patterns.STAR}{patterns.plain(rest.partition('/')[0])}")


def _is_s3(caller: Outside) -> bool:
    return f".{caller.arn}".endswith(".s3.amazonaws.com")


def _service_fact(caller: Outside, key: str) -> Fact | None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""
    if key == "aws:principalisawsservice":
        return Known(("true",))
    if key == "aws:principalservicename":
        return Known((caller.arn,))
    if rules.key_is("only_in_calls_of_services", key):
        if key in ("aws:sourceaccount", "aws:sourceowner") and caller.account:
            return Known((caller.account,))
        if key == "aws:sourcearn" and caller.account not in ("", FRESH_ACCOUNT) and _is_s3(caller):
            # An ARN of a bucket carries no account.
            return Unknown(present=None)
        if key == "aws:sourcearn" and caller.account:
            return shaped(f"arn:*:*:*:{caller.account}:*")
        if key.startswith("aws:sourceorg") and caller.account == FRESH_ACCOUNT:
            return shaped(_FRESH_ORG, may_be_absent=True)
        return Unknown(present=None)
    if key.startswith("aws:principaltag/x509") and caller.arn.startswith("rolesanywhere."):
        # https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
        return Unknown()
    if key.startswith(("aws:principal", "aws:multifactorauth")) or key == "aws:username":
        return Absent()
    return None
