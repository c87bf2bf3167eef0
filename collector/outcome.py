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
        # Of Security Hub: no permission, or not subscribed; the words tell.
        # https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
        "InvalidAccessException",
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
# AWS's words when a policy refuses: what else they quote is a name that anybody may have chosen.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_BY_POLICY = re.compile(
    r"not authorized to perform|explicit deny|no \S+ policy allows|no identity-based policy",
    re.IGNORECASE,
)
_NAMES = re.compile(r"\bon resource:.*|\"[^\"]*\"|'[^']*'", re.IGNORECASE | re.DOTALL)
_REQUEST_IDS = frozenset({"x-amzn-requestid", "x-amz-request-id"})

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
    about = response.get("ResponseMetadata") or {}
    http = about.get("HTTPStatusCode")
    if code in not_supported:
        return Outcome(Status.NOT_SUPPORTED, code, message)
    # The bare number is botocore's word for an error without a code: of AWS, it is an endpoint
    # that does not know the path; of a proxy between, it says nothing about AWS.
    if code in ("404", "501"):
        known = _REQUEST_IDS & {str(name).lower() for name in about.get("HTTPHeaders") or ()}
        is_page = message.startswith("<")
        status = Status.NOT_SUPPORTED if known and not is_page else Status.ERROR
    else:
        status = _status(code, _NAMES.sub("", message), http, message)
    return Outcome(status, code, message, _cause(status, code, message, http))


def _cause(status: Status, code: str, message: str, http: int | None) -> str:
    if status is Status.ERROR and (http or 0) >= 500:
        return "server"
    if status is Status.NOT_SUPPORTED and (code == "UnknownEndpoint" or says_elsewhere(message)):
        return "unsupported_region"
    return ""


def says_elsewhere(message: str) -> bool:
    """Whether AWS's own words, not a name that they quote, say: not in this region."""
    return _ELSEWHERE.search(_NAMES.sub("", message)) is not None


def _status(code: str, words: str, http: int | None, message: str) -> Status:
    bare = code.rpartition("#")[2].partition(":")[0]
    if bare in _THROTTLED or http == 429:
        return Status.THROTTLED
    if bare in _EXPIRED:
        return Status.EXPIRED
    if bare in _DENIED:
        unused = _NOT_ENABLED_WORDS.search(words) and not _BY_POLICY.search(message)
        return Status.NOT_ENABLED if unused else Status.DENIED
    if bare in _NOT_ENABLED:
        return Status.NOT_ENABLED
    if bare in _NOT_SUPPORTED or _ELSEWHERE.search(words):
        return Status.NOT_SUPPORTED
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
