"""Every mutant, by step.

They stand in modules ``mutants_*.py``, each with a table ``MUTANTS``.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.network.mutants.mutation import StepMutant
from tests.network.mutants.steps import STEPS, step_of


def _all() -> dict[str, StepMutant]:
    found: dict[str, StepMutant] = {}
    for file in sorted(Path(__file__).parent.glob("mutants_*.py")):
        table = importlib.import_module(f"tests.network.mutants.{file.stem}").MUTANTS
        if twice := sorted(found.keys() & table.keys()):
            raise ValueError(f"{file.name}: {', '.join(twice)} is there twice")
        found.update(table)
    order = list(STEPS)
    return dict(sorted(found.items(), key=lambda row: order.index(step_of(row[0]))))


MUTANTS = _all()
"""By step or part of one, in the order of the steps."""
