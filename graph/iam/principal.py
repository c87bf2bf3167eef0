"""Matching a caller against ``Principal`` and ``NotPrincipal``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from graph.iam import expression, patterns
from graph.iam.document import Document, Statement
from graph.iam.expression import FALSE, TRUE, Expression, Literal, Opaque
from graph.iam.world import Caller, Outside, Principal

NO_ACCOUNT = "000000000000"
"""Stands in templates and examples for an account's id; no account has it."""
_ARN = re.compile(r"arn:[^:]+:(iam|sts)::([0-9]{12}):(.+)", re.DOTALL)
_FEW = 16
"""Up to so many entries, or statements, are gone through one by one."""
_WITHIN = ("user", "role", "session", "federated-user")
"""Entries that name one principal of an account."""
_DELETED = re.compile(r"(AIDA|AROA|AGPA|ASIA|AKIA)[A-Z0-9]{8,}")


@dataclass(frozen=True, slots=True)
class Named:
    """A value of ``Principal`` taken apart.

    ``kind``: ``everyone``, ``account``, ``user``, ``role``, ``session``, ``federated-user``,
    ``deleted`` (a unique id: matches nobody), ``service``, ``federated``, ``canonical``,
    ``invalid``.
    """

    kind: str
    account: str = ""
    value: str = ""


@lru_cache(maxsize=65536)
def named(kind: str, value: str) -> Named:
    """Take a ``Principal`` entry apart."""
    if kind == "Service":
        return Named("service", value=value)
    if kind == "Federated":
        return Named("everyone-federated" if value == "*" else "federated", value=value)
    if kind == "CanonicalUser":
        return Named("canonical", value=value)
    if kind != "AWS":
        return Named("invalid", value=value)
    if value == "*":
        return Named("everyone", value=value)
    if re.fullmatch(r"[0-9]{12}", value):
        return Named("account", value, value)
    return _arn(value)


def _arn(value: str) -> Named:
    found = _ARN.fullmatch(value)
    if ":iam::cloudfront:user/" in value:
        # A CloudFront origin access identity: CloudFront's own, in no customer's account.
        return Named("canonical", value=value)
    if found is None:
        return Named("deleted" if _DELETED.fullmatch(value) else "invalid", value=value)
    service, account, rest = found.groups()
    if "*" in rest or "?" in rest:
        return Named("invalid", account, value)
    if service == "iam" and rest == "root":
        return Named("account", account, value)
    if service == "iam" and rest.startswith(("user/", "role/")):
        return Named(rest[:4], account, value)
    if service == "sts" and rest.startswith("assumed-role/") and rest.count("/") == 2:
        return Named("session", account, value)
    if service == "sts" and rest.startswith("federated-user/"):
        return Named("federated-user", account, value)
    return Named("invalid", account, value)


def entries(statement: Statement) -> Iterator[Named]:
    """Whom a statement of a resource policy names; everyone where ``NotPrincipal`` stands."""
    pairs = statement.principals
    if pairs is None:
        pairs = () if statement.not_principals is None else (("AWS", "*"),)
    for kind, value in pairs:
        yield named(kind, value)


def _signs(entry: Named) -> Iterator[Hashable]:
    """What a caller must have one of, to be named by an entry: see :func:`_signs_of`."""
    if entry.kind in ("everyone", "everyone-federated"):
        yield "everyone"
        return
    yield "value", service_name(entry.value) if entry.kind == "service" else entry.value
    if entry.kind == "account" or entry.kind in _WITHIN:
        yield "within", entry.account
    if entry.kind in _WITHIN:
        yield "one of", entry.account
    if entry.kind == "account":
        yield "account", entry.account
    elif entry.kind == "role":
        yield "role", entry.account, entry.value.rpartition("/")[2]
    elif entry.kind == "session":
        yield "session", entry.account, entry.value.split(":", 5)[5].split("/")[1]


def _signs_of(caller: Caller) -> Iterator[Hashable]:
    """What the entries that may name a caller have: whatever :func:`match` lets through."""
    yield "everyone"
    yield "account", caller.account
    yield "value", caller.arn
    if isinstance(caller, Principal):
        yield from (("value", text) for text in (caller.issuer, caller.unique_id) if text)
        yield "session", caller.account, caller.name
    elif caller.kind == "service":
        yield "value", service_name(caller.arn)
    elif caller.kind == "account" and not caller.arn:
        yield "within", caller.account
    else:
        role = caller.arn.partition(":assumed-role/")[2].partition("/")[0]
        yield "role", caller.account, role
        yield "session", caller.account, caller.arn.rpartition("/")[2]


def addressing(document: Document, action: str, caller: Caller) -> tuple[Statement, ...]:
    """Of the statements that touch an action those that may name a caller, in their order.

    A policy that names thousands of callers is not weighed whole for each of them.

    Args:
        document: a resource policy, a trust policy or an RCP.
        action: lower case, internal form.
        caller: who asks.
    """
    rows = document.touching(action)
    if len(rows) <= _FEW:
        return rows
    index = document.by_principal.get(action)
    if index is None:
        index = document.by_principal[action] = {}
        for place, row in enumerate(rows):
            signs: set[Hashable] = {"everyone"}
            if row.principals is not None:
                signs = {sign for pair in row.principals for sign in _signs(named(*pair))}
            for sign in signs:
                index.setdefault(sign, []).append(place)
    places = {place for sign in _signs_of(caller) for place in index.get(sign, ())}
    return tuple(rows[place] for place in sorted(places))


def _near(statement: Statement, caller: Caller) -> list[Named]:
    """The entries of ``Principal``, else of ``NotPrincipal``, that may name a caller."""
    pairs = statement.principals if statement.principals is not None else statement.not_principals
    pairs = pairs or ()
    if len(pairs) <= _FEW:
        return [named(*pair) for pair in pairs]
    index = statement.by_principal
    if not index:
        for place, pair in enumerate(pairs):
            for sign in _signs(named(*pair)):
                index.setdefault(sign, []).append(place)
    places = {place for sign in _signs_of(caller) for place in index.get(sign, ())}
    return [named(*pairs[place]) for place in sorted(places)]


def match(entry: Named, caller: Caller) -> Expression:
    """Whether one entry names the caller."""
    if entry.kind == "everyone":
        return TRUE
    if isinstance(caller, Outside):
        return _match_outside(entry, caller)
    if entry.kind == "account":
        return TRUE if entry.account == caller.account else FALSE
    if entry.kind in ("user", "role"):
        return TRUE if entry.value in (caller.arn, caller.issuer) else FALSE
    if entry.kind == "session":
        return _match_session(entry, caller)
    if entry.kind == "federated-user":
        return TRUE if caller.kind == entry.kind and entry.value == caller.arn else FALSE
    if entry.kind == "deleted":
        return TRUE if caller.unique_id and entry.value == caller.unique_id else FALSE
    return FALSE


def _match_outside(entry: Named, caller: Outside) -> Expression:
    if caller.kind == "service":
        return TRUE if entry.kind == "service" and same_service(entry.value, caller.arn) else FALSE
    if caller.kind in ("federated", "canonical"):
        everyone = entry.kind == "everyone-federated" and caller.kind == "federated"
        same = entry.kind == caller.kind and entry.value == caller.arn
        return TRUE if everyone or same else FALSE
    if caller.kind != "account" or entry.account != caller.account:
        return FALSE
    if entry.kind == "account":
        return TRUE
    if not caller.arn:
        return _one_of_the_account((entry,))
    if entry.value == caller.arn:
        return TRUE
    # A session of an outside role is that role to whoever names the role.
    role, _, session = caller.arn.partition(":assumed-role/")[2].partition("/")
    named_role = entry.kind == "role" and entry.value.rpartition("/")[2] == role
    if entry.kind == "session" and ":role/" in caller.arn:
        _, name, wanted = entry.value.split(":", 5)[5].split("/")
        return _named_so(wanted) if name == caller.arn.rpartition("/")[2] else FALSE
    return TRUE if session and named_role else FALSE


def _is_whole(caller: Caller) -> bool:
    """Whether an account calls, of which no principal is singled out."""
    return isinstance(caller, Outside) and caller.kind == "account" and not caller.arn


def _into_account(near: Iterable[Named], caller: Caller) -> Expression:
    """When a list of entries names an account's caller; thousands of principals are one test."""
    rows = list(near)
    if any(
        entry.kind in ("account", "everyone") and match(entry, caller).is_true for entry in rows
    ):
        return TRUE
    return _one_of_the_account(entry for entry in rows if entry.account == caller.account)


def _one_of_the_account(named_ones: Iterable[Named]) -> Expression:
    """When an account's caller is one of its principals: whoever owns it has them all.

    An Allow of one is met by coming as that one, a Deny of one by coming as another. Each is told
    by what ``aws:PrincipalArn`` has when it calls.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """
    whole: dict[str, None] = {}
    sessions: dict[str, list[Named]] = {}
    for entry in named_ones:
        if entry.kind == "session":
            sessions.setdefault(entry.value.rpartition("/")[0], []).append(entry)
        elif entry.kind in _WITHIN:
            whole[patterns.plain(entry.value)] = None
    groups = list(sessions.values())
    if len(groups) > _FEW:
        groups = [[entry for group in groups for entry in group]]
    as_session = expression.any_of(map(_as_session, groups))
    return (_comes_as(*whole) if whole else FALSE) | as_session


def _comes_as(*globs: str) -> Expression:
    """When the caller's ``aws:PrincipalArn``, which is in every signed request, fits a pattern."""
    return expression.of(
        Literal(
            key="aws:principalarn",
            name="aws:PrincipalArn",
            absent_ok=False,
            family="arn",
            comparison="like",
            values=globs,
            role="chosen",
            always=True,
        )
    )


def _as_session(group: Iterable[Named]) -> Expression:
    """When the caller is one of some sessions: of a role of that name, whose path its owner knows.

    A session's name stands behind its role's, so that many of many roles are one test of each.
    """
    roles: dict[str, None] = {}
    sessions: dict[str, None] = {}
    for entry in group:
        head, _, rest = patterns.plain(entry.value).partition(":assumed-role/")
        start, name = f"{head.replace(':sts:', ':iam:')}:role/", rest.partition("/")[0]
        roles[start + name] = roles[f"{start}{patterns.STAR}/{name}"] = None
        sessions[rest] = None
    session = Literal(
        key="assumed-role",
        name="assumed-role",
        absent_ok=False,
        family="string",
        comparison="equals",
        values=tuple(sessions),
        role="chosen",
    )
    return _comes_as(*roles) & expression.of(session)


def _match_session(entry: Named, caller: Principal) -> Expression:
    """A session ARN has the role's name without its path; the session's name is the caller's."""
    _, role, session = entry.value.split(":", 5)[5].split("/")
    if caller.kind != "role" or entry.account != caller.account or role != caller.name:
        return FALSE
    if caller.session_name is not None:
        return TRUE if session == caller.session_name else FALSE
    return _named_so(session)


def _named_so(session: str) -> Expression:
    """When a role's session has a name, which whoever assumes the role chooses."""
    return expression.of(
        Literal(
            key="sts:rolesessionname",
            name="sts:RoleSessionName",
            absent_ok=False,
            family="string",
            comparison="equals",
            values=(session,),
            role="chosen",
        )
    )


def matched(statement: Statement, caller: Caller) -> list[tuple[str, Expression]]:
    """Every way in which a statement of a resource policy names the caller: (kind, expression).

    ``issuer``: it names the user whose federated session calls, which the session policy limits.
    The unique id of a principal that exists names it as its ARN does.
    A statement without Principal and NotPrincipal names nobody.
    """
    ways = {"deleted": caller.kind}
    if isinstance(caller, Principal) and caller.issuer:
        ways["user"] = "issuer"
    if statement.principals is not None:
        if _is_whole(caller):
            hit = _into_account(_near(statement, caller), caller)
            return [] if hit.is_false else [("account", hit)]
        return [
            (ways.get(entry.kind, entry.kind), hit)
            for entry in _near(statement, caller)
            if not (hit := match(entry, caller)).is_false
        ]
    if statement.not_principals is None:
        return []
    left = ~_exempt(statement, caller)
    return [] if left.is_false else [("everyone", left)]


def _exempt(statement: Statement, caller: Caller) -> Expression:
    """Whether ``NotPrincipal`` leaves the caller out.

    With Deny every form of the caller must be listed (account, role, session): where only some
    are, AWS may still deny, which is said as a condition. A caller with a permissions boundary is
    always denied. An account that is listed with some of its principals leaves these alone out.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    near = _near(statement, caller)
    if _is_whole(caller):
        return _into_account(near, caller)
    hits = [(entry.kind, hit) for entry in near if not (hit := match(entry, caller)).is_false]
    if not hits:
        return FALSE
    if not statement.is_deny or isinstance(caller, Outside):
        return expression.any_of(hit for _, hit in hits)
    if caller.boundary is not None:
        return FALSE
    kinds = {kind for kind, _ in hits}
    if "everyone" in kinds:
        return TRUE
    needed = {"user": {"account", "user"}, "role": {"account", "role", "session"}}
    if kinds == {"account"} and caller.kind in needed and _singles_out(statement, caller.account):
        return FALSE
    if needed.get(caller.kind, {"account"}) <= kinds:
        sessions = [hit for kind, hit in hits if kind == "session"]
        return expression.any_of(sessions) if sessions else TRUE
    return expression.of(Opaque("NotPrincipal-lists-every-form-of-the-caller"))


def _singles_out(statement: Statement, account: str) -> bool:
    """Whether ``NotPrincipal`` lists principals of an account, beside the account itself."""
    pairs = statement.not_principals or ()
    if len(pairs) > _FEW:
        return ("one of", account) in statement.by_principal
    return any(
        entry.account == account and entry.kind in _WITHIN
        for entry in (named(*pair) for pair in pairs)
    )


def same_service(left: str, right: str) -> bool:
    """Whether two service principals are one service: a regional form is the same service.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
    """
    return left == right or service_name(left) == service_name(right)


def service_name(principal: str) -> str:
    """``ec2.amazonaws.com`` for ``ec2.eu-west-1.amazonaws.com`` and ``ec2.amazonaws.com.cn``."""
    labels = principal.removesuffix(".cn").removesuffix(".amazonaws.com").split(".")
    if len(labels) > 1 and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", labels[-1]):
        labels = labels[:-1]
    return ".".join(labels) + ".amazonaws.com"
