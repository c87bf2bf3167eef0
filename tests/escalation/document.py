"""Writes ``docs/escalation.md`` from the techniques' rows and from test markers.

``python -m tests.escalation.document``, or ``make docs``.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from graph.escalation.technique import CATEGORIES, Call, Technique, techniques
from tests.generated_pages import between, write_or_check

HERE = Path(__file__).parent
TESTS = HERE.parent
PATH = HERE.parents[1] / "docs" / "escalation.md"
BEGIN, END = "<!-- techniques: begin -->", "<!-- techniques: end -->"
COMMAND = "python -m tests.escalation.document"
TITLES = {
    "new-passrole": "A role is passed to something new",
    "existing-passrole": "What has a role already is used",
    "principal-access": "Another principal is taken",
    "self-escalation": "One raises one's own rights",
    "resource-policy": "The policy of a resource is rewritten",
    "credential-access": "Credentials are read",
    "public-entry": "Whoever comes by gets in",
}
ENDS = {
    "role": "acting as the role",
    "user": "acting as the user",
    "execute": "running commands on it, so acting with its role",
    "resource": "the use of the resource",
    "account": "admin rights in the account",
    "execution-role": "acting as the roles that the administration role may assume",
}


def marked() -> dict[str, list[tuple[str, str]]]:
    """Tests of each technique: file (from the folder of tests) and function, sorted.

    Raises:
        ValueError: a marker names what is no technique.
    """
    known = {one.id for one in techniques()}
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for module in _modules():
        file = f"escalation/{module.__name__.rpartition('.')[2]}.py"
        for name, one in vars(module).items():
            for mark in getattr(one, "pytestmark", ()) if inspect.isfunction(one) else ():
                if mark.name == "technique":
                    if unknown := set(mark.args) - known:
                        raise ValueError(f"{name}: {sorted(unknown)} are no techniques")
                    for technique in mark.args:
                        found[technique].add((file, name))
    return {key: sorted(rows) for key, rows in found.items()}


def _modules() -> Iterator[ModuleType]:
    for file in sorted(HERE.glob("test_*.py")):
        if file.stem != "test_document":
            yield importlib.import_module(f"escalation.{file.stem}")


def table() -> str:
    """The generated part: one section a category, one entry a technique."""
    by_technique = marked()
    numbers = {one: n for n, one in enumerate(sorted(set().union(*by_technique.values())), 1)}
    parts = [_summary(by_technique)]
    for category in CATEGORIES:
        listed = [one for one in techniques() if one.category == category]
        if listed:
            entries = [
                _entry(one, [numbers[test] for test in by_technique.get(one.id, [])])
                for one in listed
            ]
            parts.append("\n\n".join([f"## {TITLES[category]}", *entries]))
    rows = [
        f'{number}. <a id="t{number}"></a>[`{name}`](../tests/{file})'
        for (file, name), number in numbers.items()
    ]
    parts.append("\n".join(["## Tests", "", *rows]))
    return "\n\n".join(parts)


def _summary(by_technique: dict[str, list[tuple[str, str]]]) -> str:
    live = [one for one in techniques() if one.live]
    kept = len(techniques()) - len(live)
    tested = sum(one.id in by_technique for one in live)
    return (
        f"{len(live)} techniques are drawn, {tested} of them with tests of their own; {kept} more "
        "are listed and not drawn, because they gain nothing by themselves or AWS has ended them."
    )


def _entry(one: Technique, tested: Iterable[int]) -> str:
    lines = [f"### {one.id}", "", f"`{one.name}`", "", one.description]
    if one.live:
        lines += ["", *_facts(one)]
    else:
        lines += ["", f"- Not drawn: {one.status}."]
    if one.fix:
        lines.append(f"- **To fix:** {one.fix}")
    lines.append("- Sources: " + ", ".join(f"<{url}>" for url in one.sources))
    listed = [f"[{number}](#t{number})" for number in tested]
    if listed:
        lines.append("- Tests: " + ", ".join(listed))
    return "\n".join(lines)


def _facts(one: Technique) -> Iterator[str]:
    if one.target.kind == "covered":
        yield "- Told by other relationships of the graph (`CAN_ASSUME`), not drawn a second time."
        return
    calls = [_calls(group) for group in one.groups() if group]
    yield f"- Takes: {'; or '.join(calls) or 'control of what holds the key'}"
    if needs := list(_needs(one)):
        yield f"- Needs: {'; '.join(needs)}"
    yield f"- Gives: {', '.join(ENDS[gain] for gain in one.gains)}"
    for name, why in one.conditions:
        yield f"- Stays open (`{name}`): {why}"


def _calls(calls: Iterable[Call]) -> str:
    return " and ".join(f"`{call.action}` on `{call.on}`" for call in calls)


def _needs(one: Technique) -> Iterator[str]:
    target = one.target
    if target.trusts:
        yield "a role that trusts " + " or ".join(f"`{name}`" for name in target.trusts)
    if target.federated:
        yield f"a role that trusts `{target.federated}`"
    if target.kind == "found-key" and target.type:
        yield f"a `{target.type}` in which a known access key stands"
    if target.profile:
        yield "an instance profile that holds it" if target.profile == "held" else "no profile yet"
    if target.kind in ("workload", "resource"):
        yield f"a `{target.type}`" + (f" with its {', '.join(target.roles)}" * bool(target.roles))
    for where in target.where:
        yield f"its `{where.at}` is " + (" or ".join(f"`{v}`" for v in where.allowed) or "known")
    if target.managed:
        yield "an agent of Systems Manager that answers"
    for wanted in one.exists:
        yield f"a `{wanted.type}` in the account"
    for check in one.checks:
        yield f"of the user: {check.replace('-', ' ')}"


def page(current: str) -> str:
    """The page with its generated part written anew.

    Raises:
        ValueError: the page lacks the markers of the generated part.
    """
    return between(current, BEGIN, END, table(), PATH.name)


def main(arguments: list[str] | None = None) -> int:
    """Write the page; with ``--check`` say whether it is stale (exit 1)."""
    return write_or_check(arguments, COMMAND, __doc__, PATH, page)


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    sys.exit(main())
