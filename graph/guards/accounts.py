"""What a statement asks of callers of AWS accounts: ExternalId, MFA, organisation, network.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from graph.guards.guard import Guard, quoted
from graph.guards.locks import Lock
from graph.iam import rules

EXTERNAL_ID = "sts:externalid"
_MFA = "aws:multifactorauthpresent"
_MFA_AGE = "aws:multifactorauthage"
_NETWORK = {
    "aws:sourceip": "addresses in",
    "aws:vpcsourceip": "private addresses in",
    "aws:sourcevpc": "VPC",
    "aws:sourcevpcarn": "VPC",
    "aws:sourcevpce": "VPC endpoint",
    "aws:vpceaccount": "VPC endpoints of account",
    "aws:vpceorgid": "VPC endpoints of organisation",
    "aws:vpceorgpaths": "VPC endpoints below",
}
_ORGANISATION = ("aws:principalorgid", "aws:principalorgpaths")
_PRINCIPAL = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:userid",
    "aws:userarn",
    "aws:username",
    "kms:calleraccount",
)


def external_id(
    locks: Sequence[Lock], guessable: frozenset[str], shared: frozenset[str]
) -> Iterator[Guard]:
    """Whether an ExternalId is asked for, and whether several could know it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html

    Args:
        locks: of one statement.
        guessable: texts that anyone would try, in lower case.
        shared: values that roles ask of accounts that have nothing to do with each other.
    """
    asked = [lock for lock in locks if lock.key == EXTERNAL_ID]
    for lock in asked:
        yield _external_id(lock, guessable, shared)
    if not asked:
        text = (
            "No ExternalId is asked for: other customers of whoever acts in that account could "
            "make it act here."
        )
        yield Guard("external-id", "not-required", text)


def _external_id(lock: Lock, guessable: frozenset[str], shared: frozenset[str]) -> Guard:
    if lock.absent_ok or (not lock.positive and lock.operator != "null"):
        text = f"The test of {lock.name} lets a call without ExternalId through."
        return Guard("external-id", "not-required", text)
    if lock.must_be_there or lock.operator == "null":
        return Guard("external-id", "guessable", "Any ExternalId passes, whatever its value.")
    if weak := [why for value in lock.values if (why := _weak(lock, value, guessable))]:
        return Guard("external-id", "guessable", f"An ExternalId is asked for, but {weak[0]}.")
    if any(value in shared for value in lock.values):
        text = (
            "An ExternalId is asked for, but roles that trust different outside accounts ask for "
            "the same one: each of them knows it."
        )
        return Guard("external-id", "shared", text)
    return Guard("external-id", "required", "The caller must give the agreed ExternalId.")


def _weak(lock: Lock, value: str, guessable: frozenset[str]) -> str:
    if lock.is_pattern(value):
        return "any that fits a pattern will do"
    if not lock.is_fixed(value):
        return "its value is a policy variable, which the caller knows"
    if not value.strip():
        return "an empty one will do"
    return "it is an account's id or a name that anyone would try" if _is(value, guessable) else ""


def _is(value: str, guessable: frozenset[str]) -> bool:
    return value.strip().lower() in guessable


def mfa(locks: Sequence[Lock]) -> Iterator[Guard]:
    """Whether the caller must have used MFA.

    The key is missing in calls with long-term access keys; ``BoolIfExists`` lets those through.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    """
    for lock in locks:
        asks = (
            (lock.key == _MFA and lock.operator in ("bool", "stringequals") and _is_true(lock))
            or (lock.key == _MFA_AGE and lock.operator.startswith("numericlessthan"))
            or (lock.key == _MFA_AGE and lock.must_be_there)
        )
        if asks and lock.absent_ok:
            text = (
                "MFA is asked for only where the call says whether it was used: long-term access "
                "keys, which do not say so, pass."
            )
            yield Guard("mfa", "if-present", text)
        elif asks:
            yield Guard("mfa", "required", "The caller must have signed in with MFA.")


def _is_true(lock: Lock) -> bool:
    return lock.positive and tuple(value.lower() for value in lock.values) == ("true",)


def fixed(locks: Sequence[Lock]) -> Iterator[Guard]:
    """Organisation, principal and network that the caller must be of."""
    for lock in locks:
        if not lock.positive or lock.operator == "null" or not lock.values:
            continue
        if lock.key in _ORGANISATION:
            if not _an_open_organisation(lock.values):
                yield _fixed("organisation", lock, "Only principals of the organisation {}.")
        elif lock.key in _PRINCIPAL:
            if not _a_star(lock.values):
                yield _fixed("principal", lock, f"Only principals whose {lock.name} is {{}}.")
        elif lock.key in _NETWORK and not _everywhere(lock.values):
            yield _fixed("network", lock, f"Only from {_NETWORK[lock.key]} {{}}.")


# One policy may name thousands, each a source that asks the same again.
@lru_cache(maxsize=64)
def _an_open_organisation(values: tuple[str, ...]) -> bool:
    return any(value.startswith("*") for value in values)


@lru_cache(maxsize=64)
def _a_star(values: tuple[str, ...]) -> bool:
    return any(set(value) <= {"*"} for value in values)


def _everywhere(values: tuple[str, ...]) -> bool:
    return _a_star(values) or _every_address(values)


@lru_cache(maxsize=64)
def _every_address(values: tuple[str, ...]) -> bool:
    return "0.0.0.0/0" in values or "::/0" in values


def _fixed(kind: str, lock: Lock, text: str) -> Guard:
    said = text.replace("{}", quoted(lock.values))
    if lock.absent_ok:
        return Guard(kind, "if-present", f"{said} A call without {lock.name} passes.")
    return Guard(kind, "fixed", said)


def until(locks: Sequence[Lock]) -> Iterator[Guard]:
    """A date after which the statement admits nobody."""
    for lock in locks:
        dated = lock.key in ("aws:currenttime", "aws:epochtime")
        if dated and lock.operator.endswith(("lessthan", "lessthanequals")):
            yield Guard("time", "limited", f"Only until {quoted(lock.values)}.")


def chosen(locks: Sequence[Lock], third_party: bool) -> Iterator[Guard]:
    """Tests that keep nobody out, because the caller or its owner sets what they look at."""
    keys = {lock.name for lock in locks if rules.key_is("chosen_by_the_caller", lock.key)}
    if keys:
        text = f"Whoever calls sets {quoted(sorted(keys), ', ')}: that keeps nobody out."
        yield Guard("no-guard", "chosen", text)
    for lock in locks:
        if lock.key.startswith("aws:principaltag/") and lock.positive:
            if third_party:
                text = f"{lock.name} is set by the owner of the other account."
                yield Guard("no-guard", "theirs", text)
            else:
                yield _fixed("principal-tag", lock, f"Only principals whose {lock.name} is {{}}.")
