"""What a read-only query may not contain.

Both engines refuse writes themselves (a frozen graph, a READ transaction). This check stands
before them: it needs no server, names the clause, and covers what the engines call reading
(``LOAD CSV`` fetches any file or address). It looks at clauses only: what stands in a string, a
comment, a quoted name, or as a property, label or map key is not a clause.
"""

from __future__ import annotations

import re

_LEXEME = re.compile(
    r"""
      '(?:\\.|[^'\\])*'         # strings
    | "(?:\\.|[^"\\])*"
    | `(?:``|[^`])*`            # quoted names
    | //[^\n\r]*                # comments
    | /\*.*?(?:\*/|\Z)
    | \$?[^\W\d]\w*             # words and parameters
    | \s+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_CLAUSES = {
    *("CREATE", "MERGE", "INSERT", "SET", "DELETE", "DETACH", "NODETACH", "REMOVE", "FOREACH"),
    *("DROP", "ALTER", "RENAME", "GRANT", "DENY", "REVOKE", "TERMINATE"),
}
# After one of these a word is a name (a property, a label, a type, a key), never a clause.
_NAME_FOLLOWS = frozenset(".:|&!")
# A clause is followed by a word, a pattern or a quoted name; a name in an expression by these.
_NAME_PRECEDES = frozenset(".:,)]}=<>+-*/%|^;[")


def refusal(query: str) -> str | None:
    """Say why a query is not read-only: the clause, e.g. ``SET`` or ``LOAD CSV``; else ``None``.

    A variable that is spelled like a clause can be taken for one where the language itself does
    not tell them apart; Cypher quotes such names in backticks.
    """
    lexemes: list[str] = [
        lexeme
        for lexeme in _LEXEME.findall(query)
        if not lexeme.isspace() and not lexeme.startswith(("//", "/*"))
    ]
    for index, lexeme in enumerate(lexemes):
        before = lexemes[index - 1] if index else ""
        after = lexemes[index + 1] if index + 1 < len(lexemes) else ""
        word = lexeme.upper()
        if lexeme == ";" and after not in ("", ";"):
            return "a second statement"
        if before in _NAME_FOLLOWS:
            continue
        if word == "LOAD" and after.upper() == "CSV":
            return "LOAD CSV"
        if word in _CLAUSES and after and after not in _NAME_PRECEDES:
            return word
    return None
