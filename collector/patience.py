"""How long a collection waits for AWS, and how often it asks again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How patient a collection is.

    Attributes:
        attempts: of a call that is throttled or fails at AWS's side, the first one included.
        network_attempts: of a call that does not reach AWS.
        first: seconds that are waited at most before the second attempt; doubled each time.
        longest: seconds that are waited at most between two attempts.
        place_budget: throttled retries of one account, region and service in one go: each answer
            gives a part of one back. When they are used up, what is throttled stays so.
        account_budget: the same for all of an account.
        connect_seconds: that a connection may take.
        read_seconds: that an answer may keep us waiting.
    """

    attempts: int = 8
    network_attempts: int = 2
    first: float = 0.5
    longest: float = 20.0
    place_budget: float = 60.0
    account_budget: float = 600.0
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
