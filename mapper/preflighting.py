"""Saying what a collection would meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mapper.output.sheet import Column
from mapper.output.words import counted

if TYPE_CHECKING:
    from collector.actions import Operation
    from collector.preflight_result import Answer, Checked, Preflight
    from collector.request import CollectRequest
    from collector.world import World

_NAMED = 4
_WORDS = ("allowed", "denied", "unknown", "not tried")


def rows_of(found: Preflight) -> list[dict[str, Any]]:
    """A JSON row for each account and operation."""
    from collector.preflight import types_asked

    types = types_asked(account.ground for account in found.accounts)
    return [answer.as_json(types.get(answer.operation, ())) for answer in found.answers]


def totals_of(world: World, found: Preflight) -> dict[str, Any]:
    """Who asks, what there is, how many calls: for the JSON."""
    return {
        "answers": found.counts(),
        "caller": world.caller.arn,
        "accounts": [_account_json(account) for account in found.accounts],
        "left_out": [
            {"account_id": a.account_id, "name": a.name, "reason": a.reason, "asked": a.asked}
            for a in world.left_out
        ],
        "calls": found.estimate.calls,
        "kinds_of_follow_up": found.estimate.kinds_of_follow_up,
        "seconds": round(found.estimate.seconds, 1),
        "latency": None if found.estimate.latency is None else round(found.estimate.latency, 3),
        "held_up_by": found.estimate.held_up_by,
    }


def _account_json(account: Checked) -> dict[str, Any]:
    ground = account.ground
    by_state: dict[str, list[str]] = {"open": [], "closed": [], "unknown": []}
    for region in account.regions:
        by_state[region.state].append(region.name)
    return {
        "account_id": ground.account_id,
        "name": ground.name,
        "alias": account.alias,
        "partition": ground.partition,
        "arn": ground.arn,
        "role": ground.role,
        "root": ground.is_root,
        "simulated_as": account.simulated_as,
        "regions": {**by_state, "not_enabled": list(ground.not_enabled)},
    }


COLUMNS: tuple[str | Column, ...] = (
    "Service",
    "Calls",
    "Allowed",
    "Denied",
    Column("Unknown", least=70),
    Column("Not tried", least=70),
    "What is denied, and by whom",
)


def cells_of(found: Preflight, whole: bool = False) -> list[list[str]]:
    """A line for each service; the worst answer of any account counts. Denials stand first.

    Services of which nothing is denied or unknown have a line only in the ``whole`` table.
    """
    by_operation: dict[Operation, list[Answer]] = {}
    for answer in found.answers:
        by_operation.setdefault(answer.operation, []).append(answer)
    by_service: dict[str, list[list[Answer]]] = {}
    for operation, answers in by_operation.items():
        by_service.setdefault(operation[0], []).append(answers)
    lines = []
    for service, operations in by_service.items():
        counts = dict.fromkeys(_WORDS, 0)
        for answers in operations:
            counts[_worst(answers)] += 1
        denied = [answers for answers in operations if _worst(answers) == "denied"]
        if not (whole or denied or counts["unknown"]):
            continue
        numbers = [str(counts[word] or "") for word in _WORDS]
        lines.append([service, str(len(operations)), *numbers, _denied(denied)])
    return sorted(lines, key=lambda line: (-int(line[3] or 0), line[0]))


def _worst(answers: Iterable[Answer]) -> str:
    words = {answer.answer for answer in answers}
    return next(word for word in ("denied", "unknown", "not tried", "allowed") if word in words)


def _denied(operations: Sequence[Sequence[Answer]]) -> str:
    """Operations by who denies them: ``describe_vpcs, describe_subnets: explicit deny in SCP``."""
    by_words: dict[str, list[str]] = {}
    for answers in operations:
        first = next(answer for answer in answers if answer.answer == "denied")
        by_words.setdefault(first.denial.words or first.code, []).append(first.operation[1])
    return "\n".join(
        f"{_some(names)}: {words}" if words else _some(names) for words, names in by_words.items()
    )


def _some(names: Sequence[str], most: int = _NAMED) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def notes_of(
    world: World,
    found: Preflight,
    names: Mapping[str, str],
    request: CollectRequest,
    *,
    whole: bool = True,
) -> list[str]:
    """Who, where, how much, and (if ``whole``) what to do next; one sentence each."""
    return [
        *_who(world, found, names),
        *_regions(found, names),
        *_told(world),
        *_let_through(found),
        *_how_known(found),
        _how_much(found, request.workers),
        *_what_next(found, request, whole),
    ]


def _who(world: World, found: Preflight, names: Mapping[str, str]) -> Iterable[str]:
    yield f"You are {world.caller.arn}."
    if any(account.ground.is_root for account in found.accounts):
        yield (
            "This is the root user: nothing limits it but SCPs. Use a role that can only read: "
            "mapper preflight --template"
        )
    entered = [_named(account, names) for account in found.accounts]
    if entered:
        yield f"{counted(len(entered), 'account')} can be collected: {_some(entered, 6)}."
    for account in world.left_out:
        kind = "Cannot be entered" if account.asked else "Left out"
        name = names.get(account.account_id) or account.name
        yield f"{kind}: {f'{name} {account.account_id}'.strip()}: {account.reason}"


def _named(account: Checked, names: Mapping[str, str]) -> str:
    ground = account.ground
    name = names.get(ground.account_id) or ground.name or account.alias
    by = f" (role {ground.role})" if ground.role else ""
    return f"{name} {ground.account_id}".strip() + by


def _regions(found: Preflight, names: Mapping[str, str]) -> Iterable[str]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for account in found.accounts:
        said = []
        for state, words in (
            ("open", "open"),
            ("closed", "closed by the organisation"),
            ("unknown", "that may be open (the call there was refused or failed)"),
        ):
            regions = [region.name for region in account.regions if region.state == state]
            if regions:
                said.append(f"{len(regions)} {words} ({_some(regions)})")
        if account.ground.not_enabled:
            said.append(f"{len(account.ground.not_enabled)} not enabled")
        groups.setdefault(tuple(said), []).append(_named(account, names))
    for states, accounts in groups.items():
        where = accounts[0] if len(accounts) == 1 else f"{len(accounts)} accounts"
        yield f"Regions of {where}: {', '.join(states) or 'none'}."


def _told(world: World) -> Iterable[str]:
    """What looking around found, but for the accounts, which are named apart."""
    left_out = tuple(f"Account {account.account_id} " for account in world.left_out)
    for warning in world.warnings:
        if not warning.startswith(left_out):
            yield f"{warning}."


def _let_through(found: Preflight) -> Iterable[str]:
    services: dict[str, set[str]] = {}
    for answer in found.answers:
        services.setdefault(answer.operation[0], set()).add(answer.answer)
    fine = [name for name, words in services.items() if not words & {"denied", "unknown"}]
    if fine:
        yield (
            f"Of {counted(len(fine), 'service')} nothing that could be asked is denied (-v lists "
            "them)."
        )
    unknown = sum(answer.answer == "unknown" for answer in found.answers)
    if unknown:
        yield (
            f"{counted(unknown, 'call')} gave an answer that does not say (unknown): the service "
            "is not there, throttles, or could not be reached."
        )


def _how_known(found: Preflight) -> Iterable[str]:
    sources = [answer.source for answer in found.answers]
    simulated, tried = sources.count("simulated"), sources.count("tried")
    parts = []
    if simulated:
        parts.append(f"{simulated} answers are IAM's simulation on all resources")
    if tried:
        parts.append(f"{tried} were tried")
    if parts:
        yield " and ".join(parts) + "."
    if simulated:
        yield (
            "A simulation does not see session policies, resource policies, RCPs and endpoint "
            "policies; rights over some resources only count as denied."
        )
    if any(account.contradicted for account in found.accounts):
        yield (
            "AWS denied a call that the simulation allows: another policy is in the way (perhaps "
            "of the session), so what the simulation allows was tried instead."
        )
    not_tried = sum(answer.answer == "not tried" for answer in found.answers)
    if not_tried:
        yield (
            f"{not_tried} could not be tried: they ask about a single resource, and nothing is "
            "known yet."
        )


def _how_much(found: Preflight, workers: int) -> str:
    from collector.estimate import FOLLOW_UPS_EACH

    made = found.estimate
    text = (
        f"A collection makes {made.calls} calls at least, and about {FOLLOW_UPS_EACH} more for "
        f"each resource that it finds"
    )
    if made.latency is None:
        return f"{text}."
    held = f", held up by the rate limit of {made.held_up_by}" if made.held_up_by else ""
    return (
        f"{text}: at least {_duration(made.seconds)} ({made.latency * 1000:.0f} ms a call, "
        f"{workers} at a time{held})."
    )


def _duration(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} minutes"


def _what_next(found: Preflight, request: CollectRequest, whole: bool) -> Iterable[str]:
    from mapper.collect_options import collect_command
    from mapper.covering import affected, needs_of_answers
    from queries.library import load_library

    denied = [answer for answer in found.answers if answer.answer == "denied"]
    if not denied:
        if found.accounts:
            open_ends = sum(answer.answer in ("unknown", "not tried") for answer in found.answers)
            yield f"No denial was met; {open_ends} calls could not be tried, and may be denied."
            if whole:
                yield f"Next: {collect_command(request)}"
        return
    from collector.preflight import types_asked

    types_of = types_asked(account.ground for account in found.accounts)
    hidden = {kind for answer in denied for kind in types_of.get(answer.operation, ())}
    needs = needs_of_answers(load_library())
    which = affected(name for name, read in needs.items() if read & hidden)
    yield f"What is denied would be missing from: {which}."
    if any(answer.denial.by in ("scp", "rcp") for answer in denied):
        yield "What the organisation denies (SCP, RCP), no policy of ours allows."
    if any(answer.denial.policy_would_help for answer in denied):
        yield "What to ask for: mapper preflight --policy --delta"
    if whole and not found.nothing_can_be_collected:
        yield f"Next, with what there is: {collect_command(request)}"
