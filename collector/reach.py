"""What cannot be reached: one endpoint, a whole region, or everything."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from collector.outcome import Outcome
from collector.snapshot.ledger import Status

GIVE_UP_AFTER = 3
"""So many times in a row an endpoint may be unreachable before it is asked no more."""
_REGION_AFTER = 5
"""So many services of a region may be unreachable, and none answer, before it is asked no more."""
_DOUBT_AFTER = 8
"""So many endpoints may fail, and none answer meanwhile, before the network itself is in doubt."""


class NetworkGoneError(Exception):
    """Nothing answers any more, not even what answered at the start; the message says how."""


class Reach:
    """Keeps count of what answers. Safe between threads.

    Args:
        answers: whether what answered at the start still does; asked when in doubt.
    """

    def __init__(self, answers: Callable[[], bool]) -> None:
        self._answers = answers
        self._failures: dict[tuple[str, str], int] = {}
        self._reached: set[str] = set()
        self._doubtful: set[tuple[str, str]] = set()
        self._doubt_after = _DOUBT_AFTER
        self._gone = ""
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def refusal(self, client: str, region: str) -> Outcome | None:
        """Why an endpoint is not asked any more; ``None`` if it is.

        Raises:
            NetworkGoneError: nothing answers any more.
        """
        if self._gone:
            raise NetworkGoneError(self._gone)
        if self._failures.get((client, region), 0) >= GIVE_UP_AFTER:
            return _not_asked(f"{client} in {region}")
        if region not in self._reached and self._is_cut_off(region):
            return _not_asked(f"every service in {region} that was tried")
        return None

    def has_failed(self, client: str, region: str) -> bool:
        """Whether the endpoint did not answer the last time."""
        return (client, region) in self._failures

    def answered(self, client: str, region: str) -> None:
        """An endpoint answered, be it with an error."""
        if (client, region) in self._failures or self._doubtful or region not in self._reached:
            with self._lock:
                self._failures.pop((client, region), None)
                self._reached.add(region)
                self._doubtful.clear()

    def failed(self, client: str, region: str, outcome: Outcome) -> None:
        """An endpoint could not be reached.

        Raises:
            NetworkGoneError: nothing answers any more.
        """
        with self._lock:
            self._failures[client, region] = self._failures.get((client, region), 0) + 1
            self._doubtful.add((client, region))
            in_doubt = len(self._doubtful) >= self._doubt_after
        if in_doubt:
            self._make_sure(outcome)

    def _is_cut_off(self, region: str) -> bool:
        with self._lock:
            return sum(place == region for _, place in self._failures) >= _REGION_AFTER

    def _make_sure(self, outcome: Outcome) -> None:
        with self._asking:
            with self._lock:
                in_doubt = len(self._doubtful) >= self._doubt_after
            if in_doubt and not self._gone:
                if self._answers():
                    with self._lock:
                        self._doubtful.clear()
                        self._doubt_after *= 2
                else:
                    self._gone = outcome.words
        if self._gone:
            raise NetworkGoneError(self._gone)


def _not_asked(what: str) -> Outcome:
    return Outcome(
        Status.UNREACHABLE,
        "EndpointConnectionError",
        f"{what} was unreachable and is not asked again",
        asked=False,
    )


def is_no_such_name(problem: BaseException) -> bool:
    """Whether the name service says that there is no such host (not: that it is out of order)."""
    seen: BaseException | None = getattr(problem, "kwargs", {}).get("error")
    while seen is not None:
        if isinstance(seen, socket.gaierror):
            return seen.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
        seen = seen.__cause__ or seen.__context__
    return False


def resolves(url: str) -> bool:
    """Whether the name service knows the host of a URL now."""
    parts = urlsplit(url)
    try:
        socket.getaddrinfo(parts.hostname, parts.port or parts.scheme)
    except (OSError, UnicodeError):
        return False
    return True
