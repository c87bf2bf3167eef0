"""CodeBuild: builds that everybody may read, and builds that strangers may start.

A webhook that builds pull requests runs what a stranger wrote, with the project's service role.

* https://docs.aws.amazon.com/codebuild/latest/userguide/public-builds.html
* https://docs.aws.amazon.com/codebuild/latest/userguide/webhooks.html
* https://docs.aws.amazon.com/codebuild/latest/userguide/pull-request-build-policy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import Sight, member, rows
from graph.network.ec2_shapes import text, texts
from graph.network.reach import Reach

_CALL = "batch_get_projects"
_AT = f"/calls/{_CALL}/value"

# What the author of a pull request can make happen. Merging and pushing need rights to write.
# https://docs.aws.amazon.com/codebuild/latest/APIReference/API_WebhookFilter.html
_PULL_REQUEST = frozenset(
    {
        "PULL_REQUEST_CREATED",
        "PULL_REQUEST_UPDATED",
        "PULL_REQUEST_REOPENED",
        "PULL_REQUEST_CLOSED",
    }
)
_RUNNER = "WORKFLOW_JOB_QUEUED"
_EVENTS = _PULL_REQUEST | {_RUNNER}

# Roles that everybody has in a public repository.
_EVERYBODYS_ROLES = frozenset({"GITHUB_READ", "GITLAB_GUEST", "BITBUCKET_READ"})

_VISIBLE = "context:repository-visibility=public"
_COMMENT = "approval:pull-request-comment"
_WORKFLOW = "approval:workflow-run"

_LITERAL = re.compile(r"\^[A-Za-z0-9_:{}-]+\$")
_ONE_OF = re.compile(r"\^\((?:\?:)?[A-Za-z0-9_:{}-]+(?:\|[A-Za-z0-9_:{}-]+)*\)\$")


@dataclass(frozen=True, slots=True)
class Strangers:
    """What a filter group leaves of what a stranger can make happen.

    Attributes:
        events: of ``_EVENTS``.
        actors: a pattern that fixes who may start a build, if it may match others too.
    """

    events: frozenset[str]
    actors: str = ""


# Builds that everybody may read


def _visible(sight: Sight, item: Item) -> Iterator[Reach]:
    yield from sight.reached(item, "codebuild-public", (_visibility(sight, item),))


def _visibility(sight: Sight, item: Item) -> Lock:
    name, project = "visibility", _project(item)
    told = text(member(project, "projectVisibility"))
    (ref,) = sight.refs(item, f"{_AT}/projectVisibility")
    if told == "PUBLIC_READ":
        role = text(member(project, "resourceAccessRole"))
        shown = f"with logs and artifacts read by {role}" if role else "without logs or artifacts"
        return passes(name, item.id, f"Everybody may read its builds, {shown}.", ref)
    if told == "PRIVATE":
        return stops(name, item.id, "Its builds are private.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _project(item: Item) -> Mapping[str, Any]:
    call = item.call(_CALL)
    return call.value if call.known and isinstance(call.value, Mapping) else {}


# Builds that strangers may start


def _started(sight: Sight, item: Item) -> Iterator[Reach]:
    yield from sight.reached(item, "codebuild-webhook", tuple(_locks(sight, item)))


def _locks(sight: Sight, item: Item) -> Iterator[Lock]:
    (ref,) = sight.refs(item, f"{_AT}/webhook")
    project = _project(item)
    if not project:
        yield unread("webhook", item.id, sight.gap(item, _CALL), ref)
        return
    webhook = project.get("webhook")
    if not isinstance(webhook, Mapping):
        if webhook is None:
            yield stops("webhook", item.id, "No webhook starts its builds.", ref)
        else:
            yield unread("webhook", item.id, sight.gap(item, _CALL), ref)
        return
    source = text(member(project, "source", "location")) or "its repository"
    yield passes("webhook", item.id, f"A webhook of {source} starts its builds.", ref)
    status = text(webhook.get("status")) or "ACTIVE"
    if status != "ACTIVE":
        yield sleeps("state", item.id, f"The webhook is {status.lower()}.", ref)
    yield from _filters(item, webhook, sight.refs(item, f"{_AT}/webhook/filterGroups"))
    yield asks_for(
        "repository", item.id, "Strangers open pull requests where they can read.", _VISIBLE
    )


def _filters(item: Item, webhook: Mapping[str, Any], refs: tuple[Ref, ...]) -> Iterator[Lock]:
    """The strongest of the filter groups: one that lets a stranger's event through is enough."""
    told = webhook.get("filterGroups")
    groups = [_strangers(rows(group)) for group in told] if isinstance(told, list) else []
    left = [group for group in groups if group.events] if groups else [Strangers(_EVENTS)]
    if not left:
        yield stops(
            "filter groups", item.id, "No filter group passes what a stranger can do.", *refs
        )
        return
    ways = [_conditions(group, webhook) for group in left]
    best = min(ways, key=len)
    events = sorted({event for group in left for event in group.events})
    yield passes("filter groups", item.id, f"Strangers can cause {', '.join(events)}.", *refs)
    for term, words in best.items():
        yield asks_for(term.partition(":")[2].partition("=")[0], item.id, words, term, *refs)


def _conditions(group: Strangers, webhook: Mapping[str, Any]) -> dict[str, str]:
    """Under which conditions the group's events start a build, with a sentence for each."""
    found: dict[str, str] = {}
    if group.actors:
        words = "The pattern of ACTOR_ACCOUNT_ID may match accounts that it does not mean."
        found[f"context:ACTOR_ACCOUNT_ID={group.actors}"] = words
    if group.events & _PULL_REQUEST:
        if _needs_comment(webhook):
            found[_COMMENT] = "A pull request is built after somebody with rights comments."
    else:
        found[_WORKFLOW] = "The repository's rules say whose workflows run."
    return found


def _needs_comment(webhook: Mapping[str, Any]) -> bool:
    """Whether a stranger's pull request waits for approval; webhooks without the policy build."""
    policy = webhook.get("pullRequestBuildPolicy")
    asked = text(member(policy, "requiresCommentApproval"))
    roles = frozenset(texts(member(policy, "approverRoles")))
    return asked not in ("", "DISABLED") and not roles & _EVERYBODYS_ROLES


def _strangers(filters: Sequence[Mapping[str, Any]]) -> Strangers:
    """What all filters of a group let through; branches, paths and messages are free to choose."""
    events, actors = _EVENTS, ""
    for row in filters:
        kind, pattern = text(row.get("type")), text(row.get("pattern"))
        excluded = row.get("excludeMatchedPattern") is True
        if kind == "EVENT" and pattern:
            named = frozenset(part.strip() for part in pattern.split(","))
            events = events - named if excluded else events & named
        elif kind == "ACTOR_ACCOUNT_ID" and not excluded:
            if _fixed(pattern):
                return Strangers(frozenset())
            actors = pattern
    return Strangers(events, actors)


def _fixed(pattern: str) -> bool:
    """Whether a regular expression matches whole names only: ``^123$``, ``^(1|2)$``, ``^1$|^2$``.

    One without both anchors also matches longer numbers, which anybody may get.
    """
    if _ONE_OF.fullmatch(pattern):
        return True
    return all(_LITERAL.fullmatch(part) for part in pattern.split("|"))


_TEST = "tests/front_doors/test_codebuild.py"

DOORS = (
    FrontDoor(
        type_id="codebuild:project",
        mechanism="codebuild-webhook",
        title="CodeBuild projects that pull requests start",
        rule="It has a webhook and some filter group lets the events of a pull request (or a "
        "queued workflow job) through without naming the accounts that may cause them "
        "(ACTOR_ACCOUNT_ID, anchored; an unanchored pattern is a condition). Always under the "
        "condition that the repository is public, which AWS does not say; a comment approval "
        "that strangers need (PullRequestBuildPolicy) is a further one. The build has the "
        "project's service role.",
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/webhooks.html",
        judge=_started,
        test=_TEST,
    ),
    FrontDoor(
        type_id="codebuild:project",
        mechanism="codebuild-public",
        title="CodeBuild projects with public builds",
        rule="projectVisibility is PUBLIC_READ; logs and artifacts too where resourceAccessRole "
        "is set.",
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/public-builds.html",
        judge=_visible,
        test=_TEST,
    ),
)
"""Declarations of this service."""
