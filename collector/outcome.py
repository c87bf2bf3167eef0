"""What an exception of an AWS call means, in the ledger's words.

The rules are AWS's, not a simulator's. Codes that AWS uses in more than one meaning are told
apart by the message or the HTTP status; what is not recognised is ``error``, which is a gap.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from typing import Any

from botocore import exceptions
from botocore.parsers import ResponseParserError

from collector.snapshot.ledger import Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call.

    Attributes:
        status: the ledger's word.
        code: the error code, or the exception's name; empty if none.
        message: AWS's own words without what differs from call to call.
        cause: a finer word than the status where there is one: ``timeout`` and ``dns``
            (unreachable), ``unsupported_region`` (not supported), ``server`` and ``client_bug``
            (error); else empty.
        asked: whether the call was made; one that is known to fail is not.
    """

    status: Status
    code: str = ""
    message: str = ""
    cause: str = ""
    asked: bool = field(default=True, compare=False)

    @property
    def words(self) -> str:
        """``Code: message``, as it stands in the snapshot's ``error``."""
        return f"{self.code}: {self.message}" if self.message else self.code

    @property
    def in_ledger(self) -> tuple[str, str]:
        """The ledger's ``code`` and ``message``: where there is a finer cause it is the code, and
        the error's own code begins the message."""
        return (self.cause, self.words) if self.cause else (self.code, self.message)


class CallError(Exception):
    """A call gave no answer; carries the :class:`Outcome`."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome


# botocore's own list of throttling codes (botocore/retries/standard.py), and LimitExceeded which
# IAM and Organizations use for the same.
_THROTTLED = frozenset(
    {
        "Throttling",
        "Throttled",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "RequestThrottled",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_NOT_ENABLED = frozenset(
    {
        "AWSOrganizationsNotInUseException",
        "SubscriptionRequiredException",
        "OptInRequired",
        "InvalidAccessException",
    }
)
_NOT_SUPPORTED = frozenset(
    {
        "UnsupportedOperation",
        "UnsupportedOperationException",
        "UnknownOperation",
        "UnknownOperationException",
        "InvalidAction",
        "NotImplemented",
        "UnknownEndpoint",
    }
)
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedFault",
        "AllAccessDisabled",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ForbiddenException",
        "NotAuthorized",
        "UnauthorizedException",
        "UnauthorizedOperation",
    }
)
# A signature or a clock is wrong: 403 as well, but no permission would help.
_NOT_ABOUT_RIGHTS = re.compile(r"Signature|TimeTooSkewed|InvalidClientToken|UnrecognizedClient")
_ABSENT = re.compile(r"NoSuch|NotFound|NotPresent|DoesNotExist|NonExistent")
_ELSEWHERE = re.compile(r"not (?:available|supported) in (?:this|the) \S*\s?region", re.IGNORECASE)
_NOT_ENABLED_WORDS = re.compile(r"\bis not (?:enabled|subscribed)\b", re.IGNORECASE)

LONGEST_MESSAGE = 600
"""Characters of AWS's words that are kept."""

_CREDENTIALS = (
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.UnauthorizedSSOTokenError,
    exceptions.SSOTokenLoadError,
)
_NETWORK = (exceptions.HTTPClientError, exceptions.ConnectionError)
_TIMEOUTS = (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError)
_OUR_FAULT = (
    exceptions.ParamValidationError,
    exceptions.ValidationError,
    exceptions.UnknownParameterError,
    exceptions.OperationNotPageableError,
)

# What differs between two calls of one world: the encoded explanation of EC2's refusals and the
# request's id.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
_CHANGING = (
    (re.compile(r"(Encoded authorization failure message:)\s*\S+"), r"\1 (left out)"),
    (re.compile(r"(?i)\(?\b(?:Extended )?(?:Request|Host) ?ID\b\s*[:=]\s*[\w+/=-]+[,;)]*"), ""),
    # The name of a session says who works when, not what may be done.
    (re.compile(r"(:(?:assumed-role|federated-user)/[\w+=,.@-]+)/[\w+=,.@-]+"), r"\1"),
    (re.compile(r"\b\d{8}T\d{6}Z\b"), "(time)"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "(address)"),
)


def outcome_of(problem: BaseException, not_supported: tuple[str, ...] = ()) -> Outcome:
    """Classify an exception.

    Args:
        problem: what a botocore client raised.
        not_supported: codes that mean, for this operation, that the feature is not there.
    """
    if isinstance(problem, CallError):
        return problem.outcome
    if isinstance(problem, exceptions.ClientError):
        return outcome_of_error(problem.response, not_supported)
    name = type(problem).__name__
    # botocore quotes an answer that it cannot parse, with whatever secrets are in it.
    quotes = isinstance(problem, ResponseParserError)
    words = "the answer cannot be parsed" if quotes else _steady(str(problem))
    if isinstance(problem, _CREDENTIALS):
        return Outcome(Status.EXPIRED, name, words)
    if isinstance(problem, _NETWORK):
        return Outcome(Status.UNREACHABLE, name, words, _why_unreachable(problem))
    return Outcome(
        Status.ERROR, name, words, "client_bug" if isinstance(problem, _OUR_FAULT) else ""
    )


def _why_unreachable(problem: BaseException) -> str:
    if isinstance(problem, _TIMEOUTS):
        return "timeout"
    reason = getattr(problem, "kwargs", {}).get("error")
    nameless = isinstance(reason, socket.gaierror) or type(reason).__name__ == "NameResolutionError"
    return "dns" if nameless else ""


def outcome_of_error(response: Any, not_supported: tuple[str, ...] = ()) -> Outcome:
    """Classify an error answer, ``{"Error": {"Code", "Message"}}``, live or from a file."""
    error = response.get("Error") or {}
    code = str(error.get("Code") or "Unknown")
    message = _steady(str(error.get("Message") or ""))
    http = (response.get("ResponseMetadata") or {}).get("HTTPStatusCode")
    if code in not_supported:
        return Outcome(Status.NOT_SUPPORTED, code, message)
    status = _status(code, message, http)
    return Outcome(status, code, message, _cause(status, code, message, http))


def _cause(status: Status, code: str, message: str, http: int | None) -> str:
    if status is Status.ERROR and (http or 0) >= 500:
        return "server"
    if status is Status.NOT_SUPPORTED and (code == "UnknownEndpoint" or _ELSEWHERE.search(message)):
        return "unsupported_region"
    return ""


def _status(code: str, message: str, http: int | None) -> Status:
    bare = code.rpartition("#")[2].partition(":")[0]
    if bare in _THROTTLED or http == 429:
        return Status.THROTTLED
    if bare in _EXPIRED:
        return Status.EXPIRED
    if bare in _NOT_ENABLED or (bare in _DENIED and _NOT_ENABLED_WORDS.search(message)):
        return Status.NOT_ENABLED
    # A service that knows the operation answers 404 with a code of its own; the bare number is
    # botocore's word for a page without one, from an endpoint that does not know the path.
    if bare in _NOT_SUPPORTED or bare in ("404", "501") or http == 501:
        return Status.NOT_SUPPORTED
    if _ELSEWHERE.search(message):
        return Status.NOT_SUPPORTED
    if bare in _DENIED:
        return Status.DENIED
    if _ABSENT.search(code):
        return Status.ABSENT
    if (bare == "403" or http == 403) and not _NOT_ABOUT_RIGHTS.search(bare):
        return Status.DENIED
    return Status.ERROR


def _steady(message: str) -> str:
    for pattern, replacement in _CHANGING:
        message = pattern.sub(replacement, message)
    words = " ".join(message.split())
    return words if len(words) <= LONGEST_MESSAGE else words[:LONGEST_MESSAGE] + "..."
