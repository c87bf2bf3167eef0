"""The derivation of an answer as text for a terminal."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from graph.iam import patterns
from graph.iam.expression import Expression, Gap, Literal, Opaque, Term
from graph.verdict import Verdict
from mapper.asking import caller_id
from mapper.deriving import ORDER, Derivation, Layer, deciding, statement_text
from mapper.output.names import short_name
from mapper.output.permissions import named
from viz.display_text import shown

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from graph.iam.locks import Lock
    from queries.answers.parties import Parties

_MARKS = {"pass": "+", "fail": "x", "conditional": "~", "unknown": "?", "none": "."}
_COLOURS = {"pass": "32", "fail": "31", "conditional": "33", "unknown": "35", "none": "2"}
_VERDICT_COLOURS = {
    Verdict.YES: "1;32",
    Verdict.CONDITIONAL: "1;33",
    Verdict.UNKNOWN: "1;35",
    Verdict.NO: "1;31",
}
_LEGEND = "+ lets pass   x stops   ~ under a condition or in part   ? not known   . takes no part"
_NAME = 26
_LONGEST = 40
"""Lines of a statement that are printed; the rest is counted."""
_ALTERNATIVES = 6


class _Page:
    """Lines, wrapped to a width, with colour where it is wanted."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self.lines: list[str] = []
        self._colour = colour
        self._width = max(width, 60)

    def styled(self, text: str, style: str) -> str:
        safe = shown(text)
        return f"\x1b[{style}m{safe}\x1b[0m" if self._colour and style else safe

    def add(self, text: str = "", *, indent: int = 0, head: str = "", style: str = "") -> None:
        """Wrap a text; ``head`` stands before its first line, within the indent."""
        room = self._width - indent
        wrapped = [
            line
            for whole in shown(text, lines=True).split("\n")
            for line in textwrap.wrap(whole, room, break_on_hyphens=False, break_long_words=False)
            or [""]
        ]
        for number, line in enumerate(wrapped):
            before = head if number == 0 and head else " " * indent
            self.lines.append(f"{before}{self.styled(line, style)}".rstrip())

    def text(self) -> str:
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        return "\n".join(self.lines) + "\n"


def derivation_text(
    found: Derivation,
    snapshot: Snapshot,
    parties: Parties,
    *,
    colour: bool,
    width: int,
    whole: bool,
    notes: Sequence[str] = (),
) -> str:
    """A derivation for a reader.

    Args:
        found: the answer with its layers and locks.
        snapshot: where the deciding statement is read from.
        parties: for the accounts' names.
        colour: whether to write colour codes.
        width: characters per line.
        whole: the place of every fact.
        notes: sentences below it.
    """
    page = _Page(colour=colour, width=width)
    _head(page, found, parties)
    for layer in found.layers:
        _layer(page, layer, whole=whole)
    page.add()
    page.add(_LEGEND, style="2")
    page.add()
    _statement(page, found, snapshot)
    _when(page, found.asked.decision.allowed, found.verdict)
    _locks(page, found)
    for text in found.asked.decision.answer.assumes:
        page.add(f"Assumed absent because nobody could see it: {text}.")
    if found.others:
        page.add(
            f"These words mean {found.others + 1} requests; this is the strongest answer. "
            "mapper can lists them all."
        )
    for note in notes:
        page.add(note)
    return page.text()


def _head(page: _Page, found: Derivation, parties: Parties) -> None:
    request, answer = found.asked.request, found.asked.decision.answer
    who = caller_id(request.principal)
    account = parties.name(request.principal.account) or request.principal.account
    title = named(who) + (f" in {account}" if account and who.startswith("arn:") else "")
    verdict = page.styled(str(found.verdict), _VERDICT_COLOURS.get(found.verdict, "1"))
    page.lines.append(
        f"{verdict}  {page.styled(f'{title}  {request.action}  {request.resource}', '1')}"
    )
    why = answer.why
    for start in (who, "an unsigned caller", "any AWS principal"):
        if why.startswith(start):
            why = f"{short_name(start)}{why[len(start) :]}"
    page.add(why[:1].upper() + why[1:] if why.startswith("an") else why)
    page.add()


def _layer(page: _Page, layer: Layer, *, whole: bool) -> None:
    mark = page.styled(_MARKS[layer.result], _COLOURS[layer.result])
    head = f"  {mark} {layer.name:<{_NAME}}"
    style = "2" if layer.result == "none" else ""
    for number, text in enumerate(layer.text):
        page.add(text, indent=_NAME + 4, head=head if number == 0 else "", style=style)
    if whole:
        for ref in layer.refs:
            page.add(str(ref), indent=_NAME + 6, style="2")


def _statement(page: _Page, found: Derivation, snapshot: Snapshot) -> None:
    """The statement that decided, as it stands in the snapshot."""
    cited = deciding(found.asked.decision)
    if cited is None:
        return
    sid = f" ({cited.sid})" if cited.sid else ""
    page.add(f"The {cited.effect} that decides: {cited.policy}, statement {cited.index}{sid}",
             style="1")  # fmt: skip
    if cited.ref is not None:
        text = statement_text(snapshot, cited.ref)
        lines = [] if text is None else json.dumps(text, indent=2, default=str).split("\n")
        for line in lines[:_LONGEST]:
            page.lines.append(f"    {shown(line)}")
        if len(lines) > _LONGEST:
            page.add(f"... {len(lines) - _LONGEST} more lines", indent=4)
        page.add(str(cited.ref), indent=2, style="2")
    page.add()


def _when(page: _Page, allowed: Expression, verdict: Verdict) -> None:
    """What an answer that is no plain yes or no depends on."""
    if allowed.is_true or allowed.is_false or verdict is Verdict.NO:
        return
    page.add(
        "Allowed if" if len(allowed.terms) == 1 else "Allowed if one of these holds", style="1"
    )
    for term in allowed.terms[:_ALTERNATIVES]:
        page.add(_term_words(term), indent=4, head="  - ")
    if len(allowed.terms) > _ALTERNATIVES or allowed.truncated:
        page.add("or under further conditions (--format json has all).", indent=4)
    page.add()


def _term_words(term: Term) -> str:
    return ", and ".join(sorted(map(_atom_words, term))) or "always"


_COMPARISONS = {
    "equals": ("is", "is not"),
    "ignorecase": ("is, in any case,", "is not, in any case,"),
    "like": ("is like", "is not like"),
    "<": ("is below", "is not below"),
    "<=": ("is at most", "is above"),
    ">": ("is above", "is at most"),
    ">=": ("is at least", "is below"),
}


def _atom_words(atom: Literal | Opaque | Gap) -> str:
    if isinstance(atom, Gap):
        need = "allows it" if atom.needed else "does not refuse it"
        of = f" of {atom.value}" if atom.value else ""
        return f"what was not collected, {atom.subject}{of}, {need}"
    if isinstance(atom, Opaque):
        return f"{atom.text} does not hold" if atom.negated else f"{atom.text} holds"
    said = _literal_words(atom)
    role = "chosen" if atom.is_chosen else atom.role
    known = {"chosen": " (the caller chooses it)", "secret": " (a secret)"}.get(role, "")
    return f"{said}{known}"


def _literal_words(atom: Literal) -> str:
    if atom.family == "any":
        return f"{atom.name} is {'absent' if atom.negated else 'present'}"
    verbs = ("is in", "is not in") if atom.family == "ip" else _COMPARISONS.get(
        atom.comparison, ("is", "is not")
    )  # fmt: skip
    values = " or ".join(patterns.shown(value) for value in atom.values)
    one = {"all": "every value of ", "any": "some value of "}.get(atom.quantifier, "")
    absent = " or is absent" if atom.absent_ok else ""
    return f"{one}{atom.name} {verbs[atom.negated]} {values}{absent}"


def _locks(page: _Page, found: Derivation) -> None:
    """What keeps it shut, and what would be left without each lock."""
    if not found.locks:
        return
    page.add("What keeps it shut", style="1")
    for lock in found.locks:
        page.add(_lock_words(lock), indent=4, head="  x ")
    page.add()


def _lock_words(lock: Lock) -> str:
    name = dict(ORDER).get(lock.layer, lock.layer)
    text = lock.text[:1].upper() + lock.text[1:]
    if lock.without is None:
        return f"{name}: {text}."
    if lock.only_one:
        gone = "with an Allow there"
        if lock.statement is not None or lock.layer == "block_public_access":
            gone = "without it"
        return f"{name}: {text}. It is the only lock: {gone} the answer is {lock.without}."
    return f"{name}: {text}. Not the only lock: with it alone off the answer is still no."


def quoted(lines: str) -> Iterator[str]:
    """A text as an indented block of Markdown."""
    return (f"    {line}\n" for line in lines.splitlines())
