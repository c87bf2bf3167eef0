"""Policies of more statements or principals than AWS lets anybody write, in linear time.

Such a policy is not weighed whole for each caller that it names: a statement is weighed alone,
with the one entry that names the caller and with the Denies that may be about it. What another
statement adds is said by that statement's own callers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graph.iam.document import Document, Statement
from graph.iam.principal import named
from graph.iam.world import Outside, Policy

WHOLE = 100
"""Up to so many statements and principals in one statement a policy is weighed whole."""
DENIES = 100_000
"""Up to so many Denies are weighed in all; beyond, what they leave is said to be not known."""


def is_large(document: Document) -> bool:
    """Whether a policy is weighed statement by statement."""
    if len(document.statements) > WHOLE:
        return True
    return any(len(row.principals or ()) > WHOLE for row in document.statements)


@dataclass(slots=True)
class Parts:
    """A large policy, taken apart once."""

    policy: Policy
    document: Document
    _denies: list[Statement] = field(default_factory=list)
    _of_accounts: dict[str, list[Statement]] = field(default_factory=dict)
    _left: int = DENIES

    def __post_init__(self) -> None:
        for row in self.document.statements:
            if not row.is_deny:
                continue
            accounts = {named(*pair).account for pair in row.principals or ()} or {""}
            if "" in accounts:
                self._denies.append(row)
                continue
            for account in accounts:
                self._of_accounts.setdefault(account, []).append(row)

    def allows(self) -> Iterator[Statement]:
        """Every Allow with one of its principals, each once."""
        seen = set()
        for row in self.document.statements:
            for pair in () if row.is_deny else row.principals or (None,):
                piece = row if pair is None else replace(row, principals=(pair,))
                content = replace(piece, index=0, sid="")
                if content not in seen:
                    seen.add(content)
                    yield piece

    def policy_for(self, statement: Statement, caller: Outside) -> tuple[Policy, bool]:
        """The statement with what of the rest may be about a caller, and whether that is all."""
        denies = [*self._denies, *self._of_accounts.get(caller.account, ())]
        self._left -= len(denies)
        whole = self._left >= 0
        rows = (statement, *(denies if whole else ()))
        return replace(self.policy, document=Document(self.document.hash, rows)), whole
