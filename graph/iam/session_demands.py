"""What a call that assumes a role asks of the session for good: source identity, transitive tags.

A session keeps both through every role that it assumes next, and no later call can change them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
"""

from __future__ import annotations

from functools import lru_cache

from graph.iam import patterns
from graph.iam.expression import Expression, Literal, Term

_KEYS = ("sts:sourceidentity", "aws:sourceidentity", "sts:transitivetagkeys")
_TAGS = ("aws:requesttag/", "aws:principaltag/")
BETWEEN = "|"


def demands(allowed: Expression) -> tuple[str, ...]:
    """What every way to be allowed asks of these keys.

    Args:
        allowed: when a call is allowed, as a whole.

    Returns:
        ``key=value|value``, sorted, the key in lower case, one of the values being needed (they
        may hold ``*`` and ``?``). Nothing of a key that some way leaves open, or that must only
        *not* have a value.
    """
    if allowed.truncated or not allowed.terms:
        return ()
    first, *others = (_of_term(term) for term in allowed.terms)
    found = {key: set(values) for key, values in first.items()}
    for other in others:
        found = {key: values | other[key] for key, values in found.items() if key in other}
    return tuple(
        f"{key}={BETWEEN.join(sorted(values))}"
        for key, values in sorted(found.items())
        if key != "sts:transitivetagkeys" or len(values) == 1
    )


@lru_cache(maxsize=4096)
def _of_term(term: Term) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for atom in term:
        if isinstance(atom, Literal) and _asks(atom):
            values = {patterns.shown(value) for value in atom.values}
            found[atom.key] = found[atom.key] & values or values if atom.key in found else values
    return found


def _asks(atom: Literal) -> bool:
    """Whether a test needs the key to be there with one of its values."""
    return (
        (atom.key in _KEYS or atom.key.startswith(_TAGS))
        and atom.family == "string"
        and not (atom.absent_ok or atom.negated)
        and atom.quantifier != "all"
        and not any(BETWEEN in value for value in atom.values)
    )
