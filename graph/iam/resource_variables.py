"""Policy variables that tell of the resource: its account and that account's organisation."""

from __future__ import annotations

from graph.iam import patterns
from graph.iam.condition import UndecidedError, UnresolvedError, substitute, variables_of
from graph.iam.request import Request, facts_of
from graph.iam.world import ANY_AWS_PRINCIPAL, IamWorld

_KEYS = ("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")


def written_out(value: str, owner: str, world: IamWorld, variables: bool) -> str | None:
    """A condition's value with the variables of the resource replaced.

    A value without them comes back as it is, one with variables of the caller too.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    Args:
        value: as the policy writes it.
        owner: account of the resource.
        world: tells the account's organisation.
        variables: whether the policy's version has variables; if not, such a text is no value
            that a request could carry.

    Returns:
        The text, or ``None`` where the snapshot does not know what stands there, or nothing does.
    """
    named = variables_of(value)
    if not named or not set(named) <= set(_KEYS):
        return value
    if not variables:
        return None
    request = Request(ANY_AWS_PRINCIPAL, "*", "*", owner)
    try:
        return patterns.shown(substitute(value, facts_of(world, request, owner)))
    except (UndecidedError, UnresolvedError):
        return None
