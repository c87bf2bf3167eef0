"""Whom and what the words of an IAM question mean: principals, actions and resources."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapper.errors import WrongUsageError

if TYPE_CHECKING:
    from graph.iam.world import Caller, IamWorld, Policy

_CANDIDATES = 12
_MOST_ACTIONS = 3000
Find = Callable[[str], Sequence[str]]
"""Gives the ids of the graph's nodes that a name means."""


@dataclass(frozen=True, slots=True)
class Target:
    """A resource to ask for.

    Attributes:
        resource: an ARN, a pattern of ARNs, or ``*``.
        pattern: whether it stands for "some resource of these".
    """

    resource: str
    pattern: bool = False


def is_pattern(text: str) -> bool:
    """Whether a text has a wildcard."""
    return "*" in text or "?" in text


def principals_named(
    world: IamWorld, text: str, session_policies: Iterable[Policy] = (), account: str = ""
) -> list[Caller]:
    """The callers that a text means; several for a pattern.

    Args:
        world: what was collected.
        text: what :func:`graph.iam.callers.caller_of` takes, or a pattern of ARNs or names.
        session_policies: of the session that is asked about.
        account: of several principals of a name only that of this account.

    Raises:
        WrongUsageError: nobody, or several of one name; with the nearest names.
    """
    from graph.iam.callers import UnknownCallerError, caller_of

    given = tuple(session_policies)
    if is_pattern(text):
        return _principals_like(world, text, given, account)
    if account and (only := _of_account(world, text, account)):
        text = only
    try:
        return [caller_of(world, text, given)]
    except UnknownCallerError as problem:
        if problem.nearest:
            raise WrongUsageError(f"PRINCIPAL {problem}") from None
        raise WrongUsageError(
            f"PRINCIPAL {problem} Give a name, an ARN, a pattern such as '*admin*', anonymous, "
            "any-aws, account:ID or service:NAME."
        ) from None


def _of_account(world: IamWorld, name: str, account: str) -> str | None:
    found = [
        one.arn
        for one in world.by_account.get(account, ())
        if one.name == name or one.arn.endswith((f":{name}", f"/{name}"))
    ]
    return found[0] if len(found) == 1 else None


def _principals_like(
    world: IamWorld, text: str, session_policies: tuple[Policy, ...], account: str
) -> list[Caller]:
    from dataclasses import replace

    from graph.iam import patterns

    glob = patterns.wild(text)
    found = [
        one
        for arn, one in sorted(world.principals.items())
        if (not account or one.account == account)
        and any(patterns.matches(glob, name) for name in (arn, one.name, arn.split(":", 5)[5]))
    ]
    if not found:
        raise WrongUsageError(
            f"PRINCIPAL {text!r} matches nobody among {len(world.principals)} collected principals."
        )
    if not session_policies:
        return list(found)
    return [replace(one, session_policies=session_policies) for one in found]


def actions_named(text: str, resource: str, say: Callable[[str], None]) -> list[str]:
    """The actions that a text means: itself, or those of the catalogue that a pattern matches.

    An action that the catalogue does not have is asked for all the same (AWS adds some every
    week), with a warning.

    Args:
        text: an action, or a pattern of them.
        resource: for a bare ``*``, actions of its service only.
        say: where the warning goes.

    Raises:
        WrongUsageError: no action at all, or a pattern that matches none or too many.
    """
    from graph.iam import catalogue

    if is_pattern(text):
        return _actions_like(text, resource, say)
    service, colon, name = text.partition(":")
    if not colon or not service or not name:
        near = catalogue.nearest(text if colon else f"{text}:*" if not service else text)
        raise WrongUsageError(
            f"ACTION {text!r} is no action: write SERVICE:NAME, e.g. s3:GetObject."
            f"{_did_you_mean(near)}"
        )
    found = catalogue.action(text)
    if found is not None:
        return [found.name]
    known = catalogue.service_name(service) is not None
    what = f"no action {text}" if known else f"no service {service!r}"
    say(
        f"Warning: the catalogue of {catalogue.about()['date']} has {what}."
        f"{_did_you_mean(catalogue.nearest(text))} It is answered as written."
    )
    return [text]


def _actions_like(text: str, resource: str, say: Callable[[str], None]) -> list[str]:
    from graph.iam import catalogue

    parts = resource.split(":")
    pattern = f"{parts[2]}:*" if text == "*" and len(parts) > 5 else text
    found = catalogue.names(catalogue.bits(pattern))
    if not found:
        near = catalogue.nearest(text.replace("*", "").replace("?", ""))
        if ":" not in text:
            raise WrongUsageError(f"ACTION {text!r} matches no action.{_did_you_mean(near)}")
        say(
            f"Warning: no action of the catalogue of {catalogue.about()['date']} matches {text}."
            f"{_did_you_mean(near)} It is answered as one action, any of these."
        )
        return [text]
    if len(found) > _MOST_ACTIONS:
        raise WrongUsageError(
            f"ACTION {text!r} matches {len(found)} actions. Narrow it (s3:Get*), or leave ACTION "
            "and RESOURCE out: mapper can PRINCIPAL."
        )
    return found


def nearest(text: str, names: Iterable[str], most: int, cutoff: float = 0.6) -> list[str]:
    """The names that are most like a text, in any case."""
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.lower(), name)
    found = difflib.get_close_matches(text[:128].lower(), by_lower, n=most, cutoff=cutoff)
    return [by_lower[name] for name in found]


def _did_you_mean(near: Sequence[str]) -> str:
    return f" Did you mean {' or '.join(near)}?" if near else ""


def targets_named(world: IamWorld, text: str, action: str, find: Find) -> list[Target]:
    """The resources that a text means for an action.

    An ARN is taken as it stands. A name is looked up among the collected resources; of a bucket
    an object action asks for "some object of it". A pattern, and ``*`` for an action that has
    resource types, asks for each collected resource that matches and for "some other of these".

    Raises:
        WrongUsageError: no such resource, or several.
    """
    if text == "*":
        return _anything(world, action)
    if text.startswith("arn:"):
        return _like(world, text, action) if is_pattern(text) else [Target(text)]
    if is_pattern(text):
        found = [arn for arn in _collected(world, action) if _named_like(arn, text)]
        if not found:
            raise WrongUsageError(
                f"RESOURCE {text!r} matches no collected resource of {action.partition(':')[0]}. "
                "Write a pattern of ARNs to ask for what was not collected."
            )
        return [target for arn in found for target in _forms(arn, action)]
    return _forms(_by_name(world, text, action, find), action)


def _anything(world: IamWorld, action: str) -> list[Target]:
    from graph.iam import catalogue

    if catalogue.is_wildcard_only(action):
        return [Target("*")]
    found = [target for arn in _collected(world, action) for target in _forms(arn, action)]
    if _policy_must_allow(action):
        return found or [Target("*", pattern=True)]
    return [Target("*", pattern=True), *found]


def _like(world: IamWorld, text: str, action: str) -> list[Target]:
    """A pattern of ARNs: within one collected resource, or over several."""
    from graph.iam import patterns

    head = min(text.find(char) for char in "*?" if char in text)
    if text[:head].partition("/")[0] in world.resource_policies and "/" in text[:head]:
        return [Target(text, pattern=True)]
    shape = patterns.written_resource(text)
    found = [
        target
        for arn in _collected(world, action)
        for target in _forms(arn, action)
        if shape.matches(patterns.wild(target.resource)) or shape.matches(arn)
    ]
    if found and _policy_must_allow(action):
        return found
    return [Target(text, pattern=True), *found]


def _policy_must_allow(action: str) -> bool:
    """Whether no identity policy is enough alone: roles' trust policies."""
    return action.lower().startswith("sts:assumerole")


def _collected(world: IamWorld, action: str) -> list[str]:
    """Collected resources that carry a policy of their own and that an action may be about."""
    from graph.iam import catalogue

    service = action.partition(":")[0].lower()
    if service == "sts":
        if not _policy_must_allow(action):
            return []
        return sorted(arn for arn, one in world.principals.items() if one.kind == "role")
    return sorted(
        arn
        for arn in world.resource_policies
        if arn.split(":", 3)[2:3] == [service]
        and any(
            catalogue.fits(action, target.resource) is not False for target in _forms(arn, action)
        )
    )


def _forms(arn: str, action: str) -> list[Target]:
    """A resource as an action is about it: a bucket's objects for object actions."""
    from graph.iam import rules

    parts = arn.split(":", 5)
    bucket = len(parts) == 6 and parts[2] == "s3" and not parts[4] and "/" not in parts[5]
    if bucket and action.lower().startswith("s3:") and rules.is_object_action(action.lower()):
        return [Target(f"{arn}/*", pattern=True)]
    return [Target(arn)]


def _names_of(arn: str) -> tuple[str, ...]:
    rest = arn.split(":", 5)[-1]
    last = rest.rpartition(":")[2]
    return (rest, last, last.rpartition("/")[2], last.partition("/")[2])


def _named_like(arn: str, text: str) -> bool:
    from graph.iam import patterns

    glob = patterns.wild(text)
    return any(patterns.matches(glob, name) for name in _names_of(arn))


def _by_name(world: IamWorld, text: str, action: str, find: Find) -> str:
    """The one resource of a name: of the action's service first, then of any, then in the graph."""
    known = [*world.resource_policies, *world.resource_accounts, *world.principals]
    hits = sorted({arn for arn in known if arn.startswith("arn:") and text in _names_of(arn)})
    if not hits:
        hits = sorted({node for node in find(text) if node.startswith("arn:")})
    service = action.partition(":")[0].lower()
    service = "iam" if service == "sts" else service
    fitting = [
        arn for arn in hits if arn.partition(":")[2].partition(":")[2].startswith(f"{service}:")
    ] or hits
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = "\n".join(f"  {arn}" for arn in fitting[:_CANDIDATES])
        more = len(fitting) - _CANDIDATES
        tail = f"\n  and {more} more" if more > 0 else ""
        raise WrongUsageError(
            f"RESOURCE {text!r} means {len(fitting)} things; name one by its ARN:\n{listed}{tail}"
        )
    names = sorted({name for arn in known for name in _names_of(arn)[1:3] if name})
    near = nearest(text, names[:20000], 3)
    raise WrongUsageError(
        f"RESOURCE {text!r} is nothing that was collected: write its ARN, or * for any."
        f"{_did_you_mean(near)}"
    )
