"""A caller as people write one: an ARN, an account, a session, a service, nobody in particular."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from graph.iam import federation, rules
from graph.iam.document import Document
from graph.iam.world import (
    ANONYMOUS,
    ANY_AWS_PRINCIPAL,
    Caller,
    IamWorld,
    Outside,
    Policy,
    Principal,
    outside_account,
)

_ARN = re.compile(r"arn:(aws[a-z-]*):(iam|sts)::([0-9]{12}):(.+)", re.DOTALL)
_ACCOUNT = re.compile(r"[0-9]{12}")
_SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
_PROVIDER = re.compile(r"(?:oidc|saml)-provider/.+", re.DOTALL)
_NEAREST_OF = 5000
_SHOWN = 60
CLASSES: dict[str, Outside] = {
    "anonymous": ANONYMOUS,
    "internet": ANONYMOUS,
    "any-aws": ANY_AWS_PRINCIPAL,
    "any-aws-principal": ANY_AWS_PRINCIPAL,
}
"""Callers that are nobody in particular."""


class UnknownCallerError(Exception):
    """A text that names no caller.

    Attributes:
        text: what was asked for.
        nearest: ARNs that it may mean, best first; several candidates of an ambiguous name.
    """

    def __init__(self, text: str, why: str, nearest: Iterable[str] = ()) -> None:
        """Say why, and what the text may mean."""
        self.text = text
        self.nearest = tuple(nearest)
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        hint = f" Did you mean {', '.join(self.nearest)}?" if self.nearest else ""
        super().__init__(f"{shown!r}: {why}{hint}")


def caller_of(
    world: IamWorld, text: str, session_policies: Iterable[Policy] = (), issuer: str = ""
) -> Caller:
    """The caller that a text names.

    Args:
        world: what was collected.
        text: one of

            - the ARN, unique id or unique name of a collected user, role or root user;
            - ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`` (the role's path is not in it);
            - ``arn:aws:sts::ACCOUNT:federated-user/NAME``, a GetFederationToken session;
            - any of these ARNs of an account that was not collected;
            - an account id or ``account:ID``: somebody there, in its owner's hands;
            - ``anonymous`` (unsigned) or ``any-aws`` (signed, of some account that nobody names);
            - ``service:lambda.amazonaws.com``, with ``@ACCOUNT`` on behalf of that account;
            - ``federated:PROVIDER`` or a provider's ARN: whom an identity provider vouches for;
              ``PROVIDER`` is an ARN, a name that trust policies know, or a collected issuer's URL;
            - ``canonical:ID``, an S3 canonical user or a CloudFront origin access identity.
        session_policies: of the session, if the caller is a role or a federated user.
        issuer: for a federated user: the ARN of the user (or root user) who got the session.
            Session policies without an issuer leave what the issuer may do unknown.

    Raises:
        UnknownCallerError: no such caller; with the nearest names.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    text = text.strip()
    policies = tuple(session_policies)
    found: Caller | None = _listed(world, text)
    if found is None:
        found = _arn(world, text, issuer) or _class(world, text)
    if found is None:
        found = _by_name(world, text)
    if not policies or not isinstance(found, Principal):
        return found
    if found.kind == "federated-user" and not found.issuer:
        found = replace(found, gaps=(("federated-user-issuer", found.arn),))
    return replace(found, session_policies=policies)


def session_of(role: Principal, name: str, policies: Iterable[Policy] = ()) -> Principal:
    """A session of a role.

    Raises:
        UnknownCallerError: AWS accepts no session of that name.
    """
    if not _SESSION_NAME.fullmatch(name):
        raise UnknownCallerError(name, "not a session name: up to 64 of A-Z a-z 0-9 _ + = , . @ -.")
    return replace(role, session_name=name, session_policies=tuple(policies))


def by_unique_id(world: IamWorld, unique_id: str) -> Principal | None:
    """The collected user or role with an id such as ``AROA...``."""
    return _index(world).by_id.get(unique_id)


def _listed(world: IamWorld, text: str) -> Principal | None:
    return world.principals.get(text) or by_unique_id(world, text)


def _class(world: IamWorld, text: str) -> Caller | None:
    """What is written with a prefix, a class of callers, or an account."""
    kind, colon, rest = text.partition(":")
    if kind == "service" and rest:
        name, _, account = rest.partition("@")
        if account and not _ACCOUNT.fullmatch(account):
            raise UnknownCallerError(text, "what follows @ is an account id of 12 digits.")
        return Outside("service", account, name)
    if kind == "federated" and rest:
        return _provider(world, text, rest)
    if kind == "canonical" and rest:
        return Outside("canonical", arn=rest)
    account = rest if colon and kind == "account" else text
    if _ACCOUNT.fullmatch(account):
        return outside_account(account)
    return CLASSES.get(text)


def _provider(world: IamWorld, text: str, name: str) -> Outside:
    """Whom a provider vouches for, named by ARN, as a trust policy does, or by its issuer's URL."""
    bare = name.partition("://")[2] if name.lower().startswith("https://") else name
    bare = bare.rstrip("/")
    if name.startswith("arn:") or bare in rules.data("federation.json")["named_by_host"]["hosts"]:
        return Outside("federated", arn=name if name.startswith("arn:") else bare)
    listed = sorted({*world.identity_sources.providers, *_trusted_providers(world)})
    known = {arn: federation.issuer(arn).rpartition(":saml-provider/")[2] for arn in listed}
    found = [arn for arn in listed if known[arn].lower() == bare.lower()]
    if len(found) == 1:
        return Outside("federated", arn=found[0])
    if found:
        raise UnknownCallerError(text, "several accounts have that identity provider.", found)
    close = difflib.get_close_matches(bare[:128], list(known.values())[:_NEAREST_OF], 3, 0.6)
    near = [arn for arn in listed if known[arn] in close][:3]
    raise UnknownCallerError(text, "no such identity provider is known.", near)


def _trusted_providers(world: IamWorld) -> set[str]:
    """The providers that trust policies name, collected or not."""
    documents = {
        one.trust.document.hash: one.trust.document
        for one in world.principals.values()
        if one.trust is not None and isinstance(one.trust.document, Document)
    }
    return {
        value
        for document in documents.values()
        for statement in document.statements
        for kind, value in statement.principals or ()
        if kind == "Federated" and value != "*"
    }


def _arn(world: IamWorld, text: str, issuer: str) -> Caller | None:
    taken = _ARN.fullmatch(text)
    if taken is None:
        if text.startswith("arn:"):
            raise UnknownCallerError(text, "not the ARN of a principal.", _nearest(world, text))
        return None
    partition, service, account, rest = taken.groups()
    if service == "iam" and _PROVIDER.fullmatch(rest):
        return Outside("federated", arn=text)
    form = _FORMS.get((service, rest.partition("/")[0]))
    if form is None or not form(rest):
        raise UnknownCallerError(text, "not the ARN of a principal.", _nearest(world, text))
    if not world.account(account).collected:
        return outside_account(account, text)
    found = _in_account(world, partition, account, rest, text, issuer)
    if found is None:
        why = f"account {account} was collected and has no such principal."
        raise UnknownCallerError(text, why, _nearest(world, text))
    return found


def _in_account(
    world: IamWorld, partition: str, account: str, rest: str, text: str, issuer: str
) -> Principal | None:
    """A session in a collected account; users, roles and root users are listed already."""
    kind, _, path = rest.partition("/")
    if kind == "assumed-role":
        name, _, session = path.partition("/")
        role = next(
            (
                one
                for one in _index(world).by_name.get(name, ())
                if one.kind == "role"
                and one.account == account
                and one.arn.startswith(f"arn:{partition}:")
            ),
            None,
        )
        return None if role is None else session_of(role, session)
    if kind == "root":
        return Principal(text, account, "root", name="root")
    if kind != "federated-user":
        return None
    return _federated_user(world, account, text, path, issuer)


def _federated_user(world: IamWorld, account: str, arn: str, name: str, issuer: str) -> Principal:
    """A GetFederationToken session; its user's policies count, within the session's.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    session = Principal(
        arn=arn, account=account, kind="federated-user", name=name, session_name=name
    )
    if not issuer:
        return session
    owner = world.principals.get(issuer)
    if owner is None or owner.account != account or owner.kind not in ("user", "root"):
        raise UnknownCallerError(
            issuer, f"no user of account {account}, whom a federated user's session comes from."
        )
    return replace(
        session,
        issuer=owner.arn,
        tags=owner.tags,
        policies=owner.policies,
        gaps=owner.gaps,
        boundary=owner.boundary,
        ref=owner.ref,
    )


def _session_arn(rest: str) -> bool:
    parts = rest.split("/")
    return len(parts) == 3 and bool(parts[1]) and bool(_SESSION_NAME.fullmatch(parts[2]))


def _federated_arn(rest: str) -> bool:
    name = rest.partition("/")[2]
    return len(name) <= 32 and bool(_SESSION_NAME.fullmatch(name))


_FORMS: dict[tuple[str, str], Callable[[str], bool]] = {
    ("iam", "root"): lambda rest: rest == "root",
    ("iam", "user"): lambda rest: len(rest) > len("user/") and "*" not in rest,
    ("iam", "role"): lambda rest: len(rest) > len("role/") and "*" not in rest,
    ("sts", "assumed-role"): _session_arn,
    ("sts", "federated-user"): _federated_arn,
}
"""What a principal's ARN may be after the account."""


class _Names:
    """Principals by unique id and by name."""

    def __init__(self, world: IamWorld) -> None:
        self.by_id: dict[str, Principal] = {}
        self.by_name: dict[str, list[Principal]] = {}
        for arn in sorted(world.principals):
            one = world.principals[arn]
            if one.unique_id:
                self.by_id[one.unique_id] = one
            if one.kind != "root":
                self.by_name.setdefault(one.name, []).append(one)


def _index(world: IamWorld) -> _Names:
    found = world.indexes.get("callers")
    if not isinstance(found, _Names):
        found = _Names(world)
        world.indexes["callers"] = found
    return found


def _by_name(world: IamWorld, text: str) -> Principal:
    """A user or role by its name, ``role/NAME`` or ``user/NAME``, if there is just one."""
    kind, _, name = text.rpartition("/")
    rows = [
        one
        for one in _index(world).by_name.get(name, ())
        if not kind or one.arn.endswith(f":{text}") or one.arn.endswith(f"/{text}")
    ]
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise UnknownCallerError(text, "several principals have that name.", (r.arn for r in rows))
    raise UnknownCallerError(text, "no such principal.", _nearest(world, text))


def _nearest(world: IamWorld, text: str) -> list[str]:
    """ARNs of collected principals whose names are like the text's last part."""
    parts = text[:512].split("/")
    names = _index(world).by_name
    wanted = parts[1] if parts[0].endswith(":assumed-role") and len(parts) > 1 else parts[-1]
    some = list(names)[:_NEAREST_OF]
    close = difflib.get_close_matches(wanted[:128], some, 3, 0.6)
    return [one.arn for name in close for one in names[name]][:3]
