"""Which resources an action is about: none, one, or several at once.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache

from graph.iam import catalogue, patterns, rules
from graph.iam.request import Request


def as_aws_asks(request: Request) -> tuple[Request, str]:
    """The request as AWS would put it, and a note where that differs or cannot be.

    An action without resource types is authorised against ``*`` in the caller's account, whatever
    resource is named.
    """
    if request.resource == "*":
        return request, ""
    action, resource = request.action, request.resource
    if catalogue.is_wildcard_only(action):
        note = f"{action} takes no resource: it is asked for *, not for {resource}."
        return replace(request, resource="*", resource_account="", pattern=False), note
    if not request.pattern and catalogue.fits(action, resource) is False:
        return request, f"{resource} is no resource of {action}: AWS never asks this."
    return request, ""


def glob_of(request: Request) -> str:
    """The resource in internal form, as policies are asked for it."""
    if request.resource == "*":
        names = rules.data("multi_resource.json")["everything"]["resources"]
        name: str | None = names.get(request.action.lower())
        if name:
            partition = _partition(getattr(request.principal, "arn", "")) or "aws"
            return patterns.plain(f"arn:{partition}:{name}")
    if _is_log_group(request):
        return patterns.plain(f"{request.resource}:log-stream:")
    return request.resource_glob


def _is_log_group(request: Request) -> bool:
    """Whether a call is about a whole log group: policies name it with ``:*`` behind its name.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
    """
    if request.service != "logs" or request.pattern:
        return False
    parts = request.resource.split(":")
    bare = rules.data("multi_resource.json")["log_groups_by_bare_arn"]["actions"]
    return len(parts) == 7 and parts[5] == "log-group" and request.action.lower() not in bare


def other_partition(request: Request) -> str:
    """Why a caller of one partition cannot reach a resource of another; empty if it can.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html#arns-partitions
    """
    own = _partition(getattr(request.principal, "arn", ""))
    other = _partition(request.resource)
    if not own or not other or own == other:
        return ""
    return f"A principal of partition {own} cannot reach partition {other}."


def _partition(arn: str) -> str:
    if not arn.startswith("arn:"):
        return ""
    text = arn.split(":", 2)[1]
    return text if patterns.is_literal(patterns.wild(text)) else ""


def others_needed(request: Request) -> tuple[tuple[str, str], ...]:
    """Other resource types that AWS asks for in the same call: pairs of type and ARN pattern.

    Every required type where ``*`` is asked for, which is no resource of such a call. Only of
    services whose reference marks each type of a call as required; elsewhere several required
    types may be alternatives.
    """
    if not _all_types_are_asked(request.action.lower()):
        return ()
    if request.resource == "*":
        caller = request.principal
        partition = _partition(getattr(caller, "arn", "")) or "aws"
        account = request.resource_account or caller.account or "*"
        return _templates(request.action.lower(), partition, "*", account)
    parts = request.resource.split(":", 5)
    if len(parts) < 6:
        return ()
    named = catalogue.type_of(request.service, request.resource)
    account = parts[4] or request.principal.account
    rows = _templates(request.action.lower(), parts[1], parts[3] or "*", account or "*")
    return tuple(row for row in rows if row[0] != named)


@lru_cache(maxsize=4096)
def _all_types_are_asked(action: str) -> bool:
    listed = rules.data("multi_resource.json")["every_type"]
    if action.partition(":")[0] not in listed["services"]:
        return False
    return len(catalogue.required_resource_types(action)) > 1


@cache
def of_several_types() -> int:
    """The actions that ask for several resource types at once, as bits of the catalogue."""
    found = 0
    for service in rules.data("multi_resource.json")["every_type"]["services"]:
        for name in catalogue.actions_of(service):
            if _all_types_are_asked(name.lower()):
                found |= catalogue.bits(name)
    return found


@lru_cache(maxsize=4096)
def _templates(
    action: str, partition: str, region: str, account: str
) -> tuple[tuple[str, str], ...]:
    service = action.partition(":")[0]
    values = {"Partition": partition, "Region": region, "Account": account}
    return tuple(
        (name, _filled(arn, values))
        for name in catalogue.required_resource_types(action)
        for arn in catalogue.resource_arns(service, name)
    )


def _filled(template: str, values: dict[str, str]) -> str:
    """``${Partition}`` and the like replaced; every other name is any text."""
    pieces = template.split("${")
    return pieces[0] + "".join(
        values.get(name, "*") + rest
        for name, _, rest in (piece.partition("}") for piece in pieces[1:])
    )
