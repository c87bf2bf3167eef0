"""Policy documents, parsed once per distinct text.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from graph.iam import patterns

VARIABLES_VERSION = "2012-10-17"


ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
"""The elements of a statement; AWS writes them in this case."""
_LOWERED = frozenset(map(str.lower, ELEMENTS))


class PolicyError(Exception):
    """A policy document that does not have the shape of one."""


@dataclass(frozen=True, slots=True)
class ConditionTest:
    """One line of a ``Condition`` block.

    Attributes:
        operator: without prefix and suffix, lower case, e.g. ``stringlike``.
        key: as written; compared without case.
        values: what it is compared with, as text, never empty.
        quantifier: ``all``, ``any`` or empty (``ForAllValues:``, ``ForAnyValue:``).
        if_exists: whether the operator ends in ``IfExists``.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``None`` for an element that is not there.

    ``principals`` and ``not_principals`` are pairs of (type, value) with type ``AWS``,
    ``Service``, ``Federated``, ``CanonicalUser``; ``"Principal": "*"`` is ``("AWS", "*")``.
    Actions are patterns in internal form, resources are texts as written, ``action_names`` are
    the actions as written (empty for ``NotAction``).
    """

    index: int
    effect: str
    sid: str
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[tuple[str, str], ...] | None
    not_principals: tuple[tuple[str, str], ...] | None
    conditions: tuple[ConditionTest, ...]
    variables: bool
    action_names: tuple[str, ...] = ()

    @property
    def is_deny(self) -> bool:
        """Whether the effect is ``Deny``."""
        return self.effect == "Deny"

    def touches(self, action: str) -> bool:
        """Whether the actions meet an action or pattern (lower case, internal form)."""
        if self.actions is not None:
            return any(patterns.intersects(glob, action) for glob in self.actions)
        return not any(patterns.covers(glob, action) for glob in self.not_actions or ())

    def holds_all(self, action: str) -> bool:
        """Whether the actions contain all of an action or pattern."""
        if self.actions is not None:
            return any(patterns.covers(glob, action) for glob in self.actions)
        return not any(patterns.intersects(glob, action) for glob in self.not_actions or ())


_ANY = ""
_FEW = 16


def _keys(row: Statement) -> set[str]:
    """Where a statement is looked up: actions by name, ``service:`` for patterns within one."""
    if row.actions is None:
        return {_ANY}
    found = set()
    for glob in row.actions:
        service, colon, name = glob.partition(":")
        if patterns.is_literal(glob):
            found.add(glob)
        else:
            found.add(f"{service}:" if colon and name and patterns.is_literal(service) else _ANY)
    return found


_OF_ACCOUNT = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?", re.DOTALL)


def _accounts_named(row: Statement) -> set[str]:
    """The accounts of a statement's principals; the empty one for what may be of any account."""
    if row.principals is None:
        return {_ANY}
    found = set()
    for kind, value in row.principals:
        literal = _OF_ACCOUNT.fullmatch(value) if kind == "AWS" else None
        found.add(literal[1] if literal else _ANY)
    # Weighed once: what may be of any account is found for every account.
    return {_ANY} if _ANY in found else found


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed policy. ``hash`` is that of the text; equal documents are the same object."""

    hash: str
    statements: tuple[Statement, ...]
    _by_action: dict[str, tuple[Statement, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _by_account: dict[str, dict[str, list[Statement]]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _by_name: dict[str, dict[int, Statement]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def touching(self, action: str) -> tuple[Statement, ...]:
        """Statements whose actions meet an action (lower case, internal form); remembered."""
        found = self._by_action.get(action)
        if found is None:
            rows = self._near(action) if len(self.statements) > _FEW else self.statements
            found = tuple(row for row in rows if row.touches(action))
            self._by_action[action] = found
        return found

    def _near(self, action: str) -> list[Statement]:
        """Statements that may touch an action: those that name it, and those with a wildcard of
        its service or of any."""
        if not self._by_name:
            for row in self.statements:
                for key in _keys(row):
                    self._by_name.setdefault(key, {})[row.index] = row
        if not patterns.is_literal(action):
            return list(self.statements)
        service = action.partition(":")[0]
        found: dict[int, Statement] = {}
        for key in (action, f"{service}:", _ANY):
            found |= self._by_name.get(key, {})
        return [found[index] for index in sorted(found)]

    def addressing(self, action: str, account: str) -> list[Statement]:
        """Of :meth:`touching` those whose principals may be of an account, in their order.

        Only statements that name nobody but principals of other accounts are left out, so a
        policy that names thousands of accounts is not weighed whole for each of them.
        """
        index = self._by_account.get(action)
        if index is None:
            index = {}
            for row in self.touching(action):
                for named in _accounts_named(row):
                    index.setdefault(named, []).append(row)
            self._by_account[action] = index
        rows = [*index.get(_ANY, ()), *(index.get(account, ()) if account != _ANY else ())]
        return sorted(rows, key=lambda row: row.index)


@dataclass(frozen=True, slots=True)
class BrokenPolicy:
    """A document that cannot be read. Whoever depends on it gets ``unknown``."""

    reason: str


_PARSED: dict[str, Document | BrokenPolicy] = {}


def parse(source: str | Mapping[str, Any]) -> Document | BrokenPolicy:
    """Parse a policy document: JSON text (URL-encoded too, as IAM gives it) or a mapping.

    Never raises: a text that is no policy gives :class:`BrokenPolicy` with the reason.
    """
    text = source if isinstance(source, str) else json.dumps(source, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    known = _PARSED.get(digest)
    if known is None:
        try:
            known = Document(digest, _statements(_loaded(source)))
        except PolicyError as problem:
            known = BrokenPolicy(str(problem))
        except RecursionError:
            known = BrokenPolicy("nested too deeply")
        _PARSED[digest] = known
    return known


def _loaded(source: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(source, Mapping):
        return source
    text = source.strip()
    if text.startswith("%"):
        text = unquote(text)
    try:
        loaded = json.loads(text)
    except ValueError:
        raise PolicyError("not JSON") from None
    if not isinstance(loaded, dict):
        raise PolicyError("not a JSON object")
    return loaded


def _statements(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    rows = document.get("Statement")
    if isinstance(rows, Mapping):
        rows = [rows]
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise PolicyError("no list of statements")
    variables = document.get("Version") == VARIABLES_VERSION
    return tuple(_statement(index, row, variables) for index, row in enumerate(rows))


def _statement(index: int, row: Any, variables: bool) -> Statement:
    if not isinstance(row, Mapping):
        raise PolicyError(f"statement {index} is not an object")
    for name in row.keys() - ELEMENTS:
        if str(name).lower() in _LOWERED:
            # Dropping it could turn a grant to everyone into one to nobody.
            raise PolicyError(f"statement {index} spells an element as {name!r}")
    effect = row.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"statement {index} has no Effect of Allow or Deny")
    actions, not_actions = _pair(index, row, "Action")
    if actions is None and not_actions is None:
        raise PolicyError(f"statement {index} has neither Action nor NotAction")
    resources, not_resources = _pair(index, row, "Resource")
    principals = _principals(index, row, "Principal")
    not_principals = _principals(index, row, "NotPrincipal")
    return Statement(
        index=index,
        effect=effect,
        sid=str(row.get("Sid") or ""),
        actions=None if actions is None else tuple(map(patterns.action_glob, actions)),
        not_actions=None if not_actions is None else tuple(map(patterns.action_glob, not_actions)),
        resources=resources,
        not_resources=not_resources,
        principals=principals,
        not_principals=not_principals,
        conditions=_conditions(index, row.get("Condition")),
        variables=variables,
        action_names=actions or (),
    )


def _pair(
    index: int, row: Mapping[str, Any], name: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """``X`` and ``NotX`` of a statement; both at once is not a policy."""
    plain, negated = row.get(name), row.get(f"Not{name}")
    if plain is not None and negated is not None:
        raise PolicyError(f"statement {index} has both {name} and Not{name}")
    return (
        None if plain is None else _texts(index, name, plain),
        None if negated is None else _texts(index, f"Not{name}", negated),
    )


def _texts(index: int, name: str, value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(entry, str) for entry in values):
        raise PolicyError(f"statement {index}: {name} is not text")
    return tuple(values)


def _principals(
    index: int, row: Mapping[str, Any], name: str
) -> tuple[tuple[str, str], ...] | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        return (("AWS", value),)
    if isinstance(value, Mapping):
        return tuple(
            (str(kind), entry)
            for kind, entries in value.items()
            for entry in _texts(index, name, entries)
        )
    raise PolicyError(f"statement {index}: {name} is neither text nor an object")


def _conditions(index: int, block: Any) -> tuple[ConditionTest, ...]:
    if block is None:
        return ()
    if not isinstance(block, Mapping) or not all(isinstance(v, Mapping) for v in block.values()):
        raise PolicyError(f"statement {index}: Condition is not an object of objects")
    return tuple(
        _condition(operator, key, value)
        for operator, tests in block.items()
        for key, value in tests.items()
    )


def _condition(operator: str, key: str, value: Any) -> ConditionTest:
    name, quantifier = str(operator).strip(), ""
    for prefix, kind in (("forallvalues:", "all"), ("foranyvalue:", "any")):
        if name.lower().startswith(prefix):
            name, quantifier = name[len(prefix) :], kind
    lowered = name.lower()
    if_exists = lowered.endswith("ifexists")
    values = value if isinstance(value, list | tuple) else [value]
    return ConditionTest(
        operator=lowered.removesuffix("ifexists"),
        key=str(key),
        values=tuple(_text(entry) for entry in values),
        quantifier=quantifier,
        if_exists=if_exists,
    )


def _text(value: Any) -> str:
    """A condition value as AWS compares it: JSON booleans and numbers are their text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
