"""What is stated of a request beside principal, action and resource."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
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
) -> Given:
    """Read what the command line states of a request.

    Raises:
        WrongUsageError: a text that is no ``key=value``, an account that is none, a session policy
            that cannot be read.
    """
    stated: dict[str, list[str]] = {}
    for text in context:
        key, equals, value = text.partition("=")
        if not equals:
            raise _no_key(f"--context {text!r} has no value")
        stated.setdefault(key_named(key, f"--context {text!r}"), []).append(value)
    if resource_account and not is_account(resource_account):
        raise WrongUsageError(f"--resource-account {resource_account!r} is not twelve digits.")
    _both(stated, absent)
    return Given(
        {key: tuple(values) for key, values in stated.items()},
        frozenset(
            EVERY_KEY if key.lower() in ("all", EVERY_KEY) else key_named(key, f"--absent {key!r}")
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


def key_named(key: str, where: str) -> str:
    """A condition key as it was written.

    Raises:
        WrongUsageError: it is none.
    """
    prefix, colon, name = key.strip().partition(":")
    if not colon or not prefix or not name:
        raise _no_key(f"{where} names no condition key")
    return key.strip()


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
