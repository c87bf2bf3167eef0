"""``mapper explain``."""

from __future__ import annotations

import click

from mapper.options import Asked, asks


@click.command(
    name="explain",
    epilog="Examples: mapper explain 3f2a91c0; mapper explain i-0abc; "
    "mapper explain internet i-0abc",
)
@click.argument("subject", nargs=-1, required=True)
@asks(filters=False, formats=("table", "json", "md"))
def command(asked: Asked, subject: tuple[str, ...]) -> int:
    """The proof behind a row, and the locks behind a no.

    SUBJECT is the key of a row (its eight characters are enough), or a node by its id, ARN, short
    id or name: then all that was judged about it, what is closed included. FROM TO asks for the
    way between two nodes. -v adds whole ARNs and, for each fact, its file and line in the snapshot.
    """
    from graph.derive import derive
    from mapper.errors import WrongUsageError
    from mapper.explaining import explain, judgement_json
    from mapper.output.envelope import as_json, envelope
    from mapper.output.proof import proof_text
    from mapper.output.write import wants_colour, write_text

    if len(subject) > 2:
        raise WrongUsageError("Give one SUBJECT, or FROM and TO; put names with blanks in quotes.")
    with asked.open() as session:
        derivation = derive(session.snapshot)
        explanation = explain(session, derivation, subject)
        if asked.format == "json":
            nodes = {node.id: node for node in derivation.nodes}
            severity = explanation.row.severity if explanation.row else "info"
            rows = [
                judgement_json(judgement, nodes.get(judgement.target), severity)
                for judgement in explanation.judgements
            ]
            made = envelope("explain", asked.parameters, session.snapshot, rows)
            made["row"] = explanation.row.as_json() if explanation.row else None
            made["facts"] = list(explanation.facts)
            write_text(as_json(made), asked.output)
            return 0
        parties = session.parties
    text = proof_text(
        explanation, colour=wants_colour(asked.output), whole=asked.verbose, parties=parties
    )
    if asked.format == "md":
        text = "".join(f"    {line}\n" for line in text.splitlines())
    write_text(text, asked.output)
    return 0
