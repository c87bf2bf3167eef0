"""``mapper explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mapper.completion import subjects
from mapper.options import WHOLE, Asked, asks
from mapper.question_options import given_options

if TYPE_CHECKING:
    from mapper.explanation import Explanation


@click.command(
    name="explain",
    epilog="Examples, with names of make demo: mapper explain 3f4933ba; "
    "mapper explain prod-bastion; mapper explain internet dev-web-1; "
    "mapper explain alice s3:GetObject prod-downloads-444444",
)
@click.argument("subject", nargs=-1, required=True, shell_complete=subjects)
@given_options
@asks(filters=False, formats=("table", "json", "md"), verbose=WHOLE)
def command(
    asked: Asked,
    subject: tuple[str, ...],
    context: tuple[str, ...],
    absent: tuple[str, ...],
    resource_account: str | None,
    session_policy: tuple[Path, ...],
) -> int:
    """The proof behind a row, and the locks behind a no.

    SUBJECT is the key of a row, of reach, trusts --accounts, paths, paths --choke and blast too
    (its eight characters are enough), or a node by its id, ARN, short id, name or host name: then
    all that was judged about it, what is closed included. FROM TO asks for the way between two
    nodes. PRINCIPAL ACTION
    [RESOURCE] derives the answer of mapper can: each layer of policies, the statement that decides,
    and for a no what keeps it shut. Each fact is followed by where it stands in the snapshot: the
    line's id and the JSON pointer. -v adds whole ARNs and the files.
    """
    from mapper.errors import WrongUsageError
    from mapper.explaining import explain, judgement_json
    from mapper.given import Given, given_of
    from mapper.output.envelope import as_json, envelope
    from mapper.output.gaps import gap_notes
    from mapper.output.proof import proof_text
    from mapper.output.reaching import closing_notes
    from mapper.output.table import lines_fit
    from mapper.output.write import is_terminal, wants_colour, write_text
    from mapper.questioning import explain_answer
    from queries.answers.coverage import Coverage, coverage_of
    from queries.answers.reach import NEEDS
    from viz.display_text import shown

    given = given_of(context, absent, resource_account, session_policy, asked.say)
    if len(subject) == 3 or (len(subject) == 2 and _is_action(subject[1])):
        principal, action, *rest = subject
        return explain_answer(asked, (principal, action, *(rest or ["*"])), given)
    if len(subject) > 3:
        raise WrongUsageError(
            "Give one SUBJECT, FROM and TO, or PRINCIPAL ACTION RESOURCE; put names with blanks in "
            "quotes."
        )
    if given != Given():
        raise WrongUsageError(
            "--context, --absent, --resource-account and --session-policy are of PRINCIPAL ACTION "
            "RESOURCE."
        )
    with asked.open() as session:
        derivation = session.derivation
        explanation = explain(session, derivation, subject)
        of_pair = len(subject) == 2 and _is_of_pair(explanation)
        coverage = coverage_of(session.snapshot, NEEDS) if of_pair else Coverage()
        if asked.format == "json":
            nodes = {node.id: node for node in derivation.nodes}
            severity = explanation.row.severity if explanation.row else "info"
            rows = [
                judgement_json(judgement, nodes.get(judgement.target), severity)
                for judgement in explanation.judgements
            ]
            made = envelope("explain", asked.parameters, session.snapshot, rows, coverage=coverage)
            made["row"] = explanation.row.as_json() if explanation.row else None
            made["facts"] = list(explanation.facts)
            write_text(as_json(made), asked.output)
            return 0
        parties = session.parties
    table = asked.format == "table"
    text = proof_text(
        explanation,
        colour=wants_colour(asked.output) and table,
        whole=asked.verbose,
        parties=parties,
        width=lines_fit(asked.output is None and is_terminal()) if table else 0,
    )
    for note in closing_notes(session, asked.what_if, gap_notes(coverage, parties)):
        text += f"{shown(note)}\n"
    if asked.format == "md":
        text = "".join(f"    {line}\n" for line in text.splitlines())
    write_text(text, asked.output)
    return 0


def _is_of_pair(explanation: Explanation) -> bool:
    """Whether it proves what ``mapper reach`` says of one pair: the same gaps may hide more."""
    judged = explanation.judgements
    pairs = {(one.source, one.target) for one in judged}
    return len(pairs) == 1 and all(one.question == "reach" for one in judged)


def _is_action(text: str) -> bool:
    """Whether a word is an action of a service, not the id of a node."""
    from graph.iam import catalogue

    service, colon, name = text.partition(":")
    return bool(colon and name) and ":" not in name and catalogue.service_name(service) is not None
