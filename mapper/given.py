"""What is stated of a request beside principal, action and resource."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.iam.request import EVERY_KEY
from mapper.errors import WrongUsageError

if TYPE_CHECKING:
    from graph.iam.world import Policy


@dataclass(frozen=True, slots=True)
class Given:
    """What is stated of the request beside principal, action and resource.

    Attributes:
        context: keys with their values.
        absent: keys that the request does not carry; :data:`EVERY_KEY` for all others.
        resource_account: owner of the resource.
        session_policies: of the session.
    """

    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    resource_account: str = ""
    session_policies: tuple[Policy, ...] = ()

    @property
    def key(self) -> str:
        """A text that is the same for the same statements, empty for none."""
        if self == Given():
            return ""
        documents = [str(getattr(one.document, "hash", "")) for one in self.session_policies]
        stated = {key.lower(): sorted(values) for key, values in self.context.items()}
        absent = sorted(key.lower() for key in self.absent)
        return json.dumps([stated, absent, self.resource_account, documents], sort_keys=True)


def given_of(
    context: Iterable[str] = (),
    absent: Sequence[str] = (),
    resource_account: str | None = None,
    session_policies: Iterable[Path] = (),
    say: Callable[[str], None] | None = None,
) -> Given:
    """Read what the command line states of a request; ``say`` is warned of unknown keys.

    Raises:
        WrongUsageError: a text that is no ``key=value``, a value that a key of its type cannot
            have, an account that is none, a session policy that cannot be read.
    """
    stated: dict[str, list[str]] = {}
    for text in context:
        key, equals, value = text.partition("=")
        if not equals:
            raise _no_key(f"--context {text!r} has no value")
        named = key_named(key, f"--context {text!r}", say)
        stated.setdefault(named, []).append(value_of(named, value, f"--context {text!r}"))
    if resource_account and not is_account(resource_account):
        raise WrongUsageError(f"--resource-account {resource_account!r} is not twelve digits.")
    _both(stated, absent)
    return Given(
        {key: tuple(values) for key, values in stated.items()},
        frozenset(
            EVERY_KEY
            if key.lower() in ("all", EVERY_KEY)
            else key_named(key, f"--absent {key!r}", say)
            for key in absent
        ),
        resource_account or "",
        tuple(map(_session_policy, session_policies)),
    )


def is_account(text: str) -> bool:
    """Whether a text is an account id."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def _both(stated: Iterable[str], absent: Iterable[str]) -> None:
    twice = {key.lower() for key in stated} & {key.lower() for key in absent}
    if twice:
        raise WrongUsageError(f"{', '.join(sorted(twice))} is given and absent at once.")


def key_named(key: str, where: str, say: Callable[[str], None] | None = None) -> str:
    """A condition key as it was written; ``say`` is warned of one that AWS does not have.

    Raises:
        WrongUsageError: it is none.
    """
    prefix, colon, name = key.strip().partition(":")
    if not colon or not prefix or not name:
        raise _no_key(f"{where} names no condition key")
    if say is not None and (near := _unknown_key(key.strip())) is not None:
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        say(f"Warning: {where}: no condition key {key.strip()} is known.{hint}")
    return key.strip()


def _unknown_key(key: str) -> list[str] | None:
    """The nearest keys to one of AWS's own that is not known; None for a known or foreign one."""
    from graph.iam import catalogue, rules
    from mapper.naming import nearest

    prefix = key.partition(":")[0].lower()
    if prefix != "aws" and catalogue.service_name(prefix) is None:
        return None
    listed = rules.data("context_keys.json")
    keys = {one for row in listed.values() if isinstance(row, dict) for one in row.get("keys", ())}
    below = f"{key.lower().partition('/')[0]}/"
    if catalogue.key_type(key) is not None or key.lower() in keys or below in keys:
        return None
    return nearest(key, catalogue.keys_with(f"{prefix}:"), 1)


def value_of(key: str, value: str, where: str) -> str:
    """A value that a key of its type can have.

    Raises:
        WrongUsageError: it is none; a test of it would only ever fail.
    """
    from graph.iam import catalogue

    kind = (catalogue.key_type(key) or "").removeprefix("ArrayOf")
    if kind in _VALUES:
        what, read = _VALUES[kind]
        try:
            read(value)
        except ValueError:
            raise WrongUsageError(f"{where}: {value!r} is not {what}, as {key} is.") from None
    return value


def _boolean(text: str) -> None:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)


_VALUES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "Bool": ("true or false", _boolean),
    "Numeric": ("a number", float),
    "IPAddress": ("an IP address", ipaddress.ip_address),
}
"""Types of keys -> what their values are, and what reads one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""


def _no_key(what: str) -> WrongUsageError:
    return WrongUsageError(
        f"{what}: write KEY=VALUE, e.g. --context aws:SourceIp=203.0.113.7 (repeat a key for "
        "several values), or --absent aws:MultiFactorAuthPresent."
    )


def _session_policy(path: Path) -> Policy:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise WrongUsageError(f"--session-policy {path}: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise WrongUsageError(f"--session-policy {path} is not UTF-8 text.") from None
    return session_policy(text, f"--session-policy {path}")


def session_policy(source: str | Mapping[str, Any], where: str) -> Policy:
    """A session policy from its JSON.

    Raises:
        WrongUsageError: it is no policy.
    """
    from graph.iam.document import BrokenPolicy, parse
    from graph.iam.world import Policy

    document = parse(source)
    if isinstance(document, BrokenPolicy):
        raise WrongUsageError(f"{where} is no policy: {document.reason}.")
    return Policy("session policy", document)
