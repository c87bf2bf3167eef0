"""Each rule's mutants: the engine with that rule switched off, and nothing else.

They stand by section in modules ``mutants_*.py``, each with a table ``MUTANTS``: a key is a rule
(``12``) or a rule and a part of it (``12/levels``). Whoever adds a rule adds its mutant.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.iam.rules.document import IDS
from tests.iam.rules.mutation import Mutant, rule_of


def _all() -> dict[str, Mutant]:
    found: dict[str, Mutant] = {}
    for file in sorted(Path(__file__).parent.glob("mutants_*.py")):
        found.update(importlib.import_module(f"tests.iam.rules.{file.stem}").MUTANTS)
    return dict(sorted(found.items(), key=lambda row: IDS.index(rule_of(row[0]))))


MUTANTS = _all()
"""By rule or part of one, in the order of the rules."""
