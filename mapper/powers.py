"""What a principal can do, as rows by service and level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.iam import catalogue, rules
from graph.verdict import Answer, Verdict
from mapper.errors import WrongUsageError
from queries.answers.row import Row, row_key

if TYPE_CHECKING:
    from graph.iam.questions import Power, Powers

LEVELS = ("permissions", "write", "tagging", "list", "read")
"""The catalogue's levels, the most telling first."""
VERDICT_OF = {
    "all": Verdict.YES,
    "some": Verdict.YES,
    "conditional": Verdict.CONDITIONAL,
    "unknown": Verdict.UNKNOWN,
}
_SAID = {
    "all": "on all resources",
    "some": "on some resources",
    "conditional": "under conditions",
    "unknown": "not known: a policy was not collected",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """Actions of one service and level that get one answer."""

    service: str
    level: str
    actions: int
    power: Power

    @property
    def names(self) -> list[str]:
        """The actions."""
        return catalogue.names(self.actions)


def slices(powers: Powers, service: str | None = None) -> Iterator[Slice]:
    """Powers by service and level, in the catalogue's order of services."""
    for prefix in (service,) if service else catalogue.services():
        whole = catalogue.service_bits(prefix)
        for power in powers.powers:
            if not power.actions & whole:
                continue
            for level in LEVELS:
                if actions := power.actions & whole & catalogue.level_bits(level):
                    yield Slice(prefix, level, actions, power)


def service_named(text: str) -> str:
    """A service prefix as the catalogue writes it.

    Raises:
        WrongUsageError: there is none; with the nearest.
    """
    import difflib

    known = {prefix.lower(): prefix for prefix in catalogue.services()}
    if text.lower() in known:
        return known[text.lower()]
    near = difflib.get_close_matches(text.lower(), known, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise WrongUsageError(f"--service {text!r} is no service prefix, such as s3.{hint}")


def power_rows(powers: Powers, service: str | None = None) -> list[Row]:
    """One row per service, level and answer."""
    return [_row(powers, one) for one in slices(powers, service)]


def _row(powers: Powers, one: Slice) -> Row:
    principal, power = powers.principal, one.power
    told = "\n".join((power.reach, *power.resources, *power.but, *power.conditions))
    names = one.names
    whole = catalogue.service_bits(one.service) & catalogue.level_bits(one.level)
    answer = Answer(
        VERDICT_OF[power.reach],
        f"{len(names)} {one.level} action{'s' * (len(names) != 1)} of {one.service} "
        f"{_SAID[power.reach]}.",
        power.conditions,
        assumes=powers.assumes,
    )
    return Row(
        row_key("can", one.service, principal.arn, one.level, told),
        principal.arn,
        principal.name or None,
        {"role": "AWS::IAM::Role", "user": "AWS::IAM::User"}.get(principal.kind),
        principal.account or None,
        "global",
        answer,
        own={
            "principal": principal.arn,
            "service": one.service,
            "level": one.level,
            "reach": power.reach,
            "actions": names,
            "of": whole.bit_count(),
            "resources": list(power.resources),
            "except": list(power.but),
        },
        accounts=(principal.account,),
    )


def power_totals(powers: Powers) -> dict[str, Any]:
    """Counts of actions by reach, and of those that a layer takes away."""
    return {
        "actions": {reach: powers.reaching(reach).bit_count() for reach in VERDICT_OF},
        "services": sum(
            bool(powers.reaching() & catalogue.service_bits(one)) for one in catalogue.services()
        ),
        "cut": {layer: actions.bit_count() for layer, actions in powers.cut.items()},
        "not_in_catalogue": list(powers.unlisted),
    }


def notable(names: list[str]) -> list[str]:
    """Actions, those first that a reader looks for: takeovers, then by level."""
    telling = _takeovers()

    def order(name: str) -> tuple[bool, int, str]:
        found = catalogue.action(name)
        level = LEVELS.index(found.level) if found else len(LEVELS)
        return name not in telling, level, name

    return sorted(names, key=order)


def _takeovers() -> frozenset[str]:
    rows = rules.data("takeover_sets.json")["sets"]
    return frozenset(name for row in rows for name in (*row["actions"], *row["then"]))
