"""Why nothing can begin, in one sentence with the remedy."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable

from collector.outcome import Outcome
from collector.request import CollectError
from collector.session import Clients
from collector.snapshot.canonical import time_text
from collector.snapshot.ledger import Status

EARLIEST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""No clock that is right says less: this program is younger."""

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
_LATE_CODES = frozenset({"RequestTimeTooSkewed", "RequestExpired"})
_LATE = re.compile(
    r"Signature expired|Signature not yet current|certificate is not yet valid", re.IGNORECASE
)


def check_clock(now: dt.datetime) -> None:
    """Refuse a clock that cannot be right: AWS takes no signature of another time, and the newest
    snapshot is found by its date.

    Raises:
        CollectError: names the time.
    """
    if now < EARLIEST:
        raise CollectError(
            f"This machine's clock says {time_text(now.replace(microsecond=0))}, which cannot be: "
            "AWS refuses requests that are dated wrong. Set it right."
        )


def _now() -> str:
    return time_text(dt.datetime.now(dt.UTC).replace(microsecond=0))


def words_of_refusal(clients: Clients, home: str, outcome: Outcome) -> str:
    """Why AWS did not say whose the credentials are, and what to do.

    Args:
        clients: of the run.
        home: the region that was asked.
        outcome: what came of the question.
    """
    if outcome.code in _LATE_CODES or _LATE.search(outcome.message):
        return (
            f"AWS refuses what this machine's clock dates ({outcome.words}): it says {_now()}. "
            "Set it right."
        )
    if outcome.status is Status.EXPIRED:
        return f"The AWS credentials have expired ({outcome.code}). Renew them (aws sso login)."
    known = clients.known_regions("sts")
    if outcome.status in (Status.UNREACHABLE, Status.NOT_SUPPORTED) or "Region" in outcome.code:
        if home not in known:
            return no_such_region(home, known) + " Set AWS_DEFAULT_REGION to one that exists."
        return (
            f"AWS cannot be reached: {outcome.message.rstrip('. ')}. "
            "Check the network, the proxy and AWS_ENDPOINT_URL."
        )
    if outcome.code in (
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ):
        return (
            f"AWS does not accept these credentials ({outcome.words}). Check them; for China or "
            "GovCloud set AWS_DEFAULT_REGION to one of their regions."
        )
    return (
        f"AWS does not say whose these credentials are ({outcome.words}). Check AWS_ENDPOINT_URL "
        "and the proxy."
    )


def no_such_region(name: str, known: Iterable[str]) -> str:
    """One sentence that names the nearest regions that exist."""
    near = difflib.get_close_matches(name, sorted(known), 3, 0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no AWS region named {name!r}.{hint}"
