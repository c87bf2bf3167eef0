"""What a preflight found out, account by account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from collector.actions import Operation, needed_by
from collector.denial import Denial
from collector.estimate import Estimate
from collector.job import Job

Word = Literal["allowed", "denied", "unknown", "not tried"]
Source = Literal["simulated", "tried", ""]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether an operation will be let through, in one account.

    Attributes:
        account_id: twelve digits.
        operation: boto3's client and method name.
        answer: ``unknown`` where AWS's answer does not say; ``not tried`` where nothing was asked.
        source: who says so.
        denial: who denies, where that is known.
        code, message: AWS's words, or why the answer is not known.
        region: where it was tried; empty if it was not.
    """

    account_id: str
    operation: Operation
    answer: Word
    source: Source = ""
    denial: Denial = field(default_factory=Denial)
    code: str = ""
    message: str = ""
    region: str = ""

    @property
    def actions(self) -> tuple[str, ...]:
        """The IAM actions behind the operation."""
        needed = needed_by(*self.operation)
        return needed.actions if needed else ()

    def as_json(self, types: Iterable[str]) -> dict[str, Any]:
        """A row; ``types`` are those that were asked for and call the operation."""
        return {
            "account_id": self.account_id,
            "service": self.operation[0],
            "operation": self.operation[1],
            "actions": list(self.actions),
            "answer": self.answer,
            "source": self.source,
            "denied_by": self.denial.by,
            "explicit": self.denial.explicit,
            "code": self.code,
            "message": self.message,
            "region": self.region,
            "types": list(types),
        }


@dataclass(frozen=True, slots=True)
class RegionState:
    """A region of an account, as one call found it.

    Attributes:
        name: e.g. ``eu-west-1``.
        state: ``open``, ``closed`` (a policy of the organisation denies it) or ``unknown``.
        message: AWS's words where it is not open.
    """

    name: str
    state: Literal["open", "closed", "unknown"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """An account that was entered.

    Attributes:
        account_id: twelve digits.
        name: as the organisation calls it; may be empty.
        partition: ``aws``, ``aws-cn``, ...
        arn: of the caller or the session there.
        role: that was assumed; empty for the caller's own credentials.
        home: the region that global questions go to.
        regions: that are enabled and asked for.
        not_enabled: regions that are asked for but not enabled, or known and not opted in.
        jobs: everything that a collection would do there.
    """

    account_id: str
    name: str
    partition: str
    arn: str
    role: str
    home: str
    regions: tuple[str, ...]
    not_enabled: tuple[str, ...]
    jobs: tuple[Job, ...]

    @property
    def is_root(self) -> bool:
        """Whether the root user is asking."""
        return self.arn.endswith(":root")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found out about an account.

    Attributes:
        ground: the account.
        alias: of the account; empty where it has none, or may not be asked.
        simulated_as: the ARN whose policies were simulated; empty if none were.
        regions: states of its regions.
        answers: one for each operation.
        contradicted: operations that the simulator allows and AWS denied all the same.
    """

    ground: Ground
    alias: str
    simulated_as: str
    regions: tuple[RegionState, ...]
    answers: tuple[Answer, ...]
    contradicted: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a collection would meet.

    Attributes:
        accounts: those that were entered.
        estimate: calls and time, at least.
        calls: calls that were made to find out.
    """

    accounts: tuple[Checked, ...]
    estimate: Estimate
    calls: int = 0

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Of every account."""
        return tuple(answer for account in self.accounts for answer in account.answers)

    @property
    def nothing_can_be_collected(self) -> bool:
        """Whether there is no operation that is let through, or may be."""
        return not any(answer.answer in ("allowed", "unknown") for answer in self.answers)

    def counts(self) -> dict[str, int]:
        """Answers by word."""
        return dict(sorted(Counter(answer.answer for answer in self.answers).items()))
