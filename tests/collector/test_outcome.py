"""What an error means, by AWS's own words."""

from __future__ import annotations

from dataclasses import replace
from socket import EAI_NONAME, gaierror

import pytest
from botocore import exceptions
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import NameResolutionError

from collector.outcome import LONGEST_MESSAGE, outcome_of
from collector.snapshot.ledger import LedgerRow, Status, combined, worst


def error(
    code: str, message: str = "", http: int = 400, headers: tuple[str, ...] = ()
) -> exceptions.ClientError:
    return exceptions.ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": http,
                "HTTPHeaders": dict.fromkeys(headers, "1"),
            },
        },
        "Operation",
    )


@pytest.mark.parametrize(
    ("code", "message", "http", "status"),
    [
        ("AccessDenied", "", 403, Status.DENIED),
        ("AccessDeniedException", "User is not authorized", 400, Status.DENIED),
        ("UnauthorizedOperation", "You are not authorized", 403, Status.DENIED),
        ("AuthorizationError", "", 403, Status.DENIED),
        ("403", "<xml/>", 403, Status.DENIED),
        # 403 too, but no permission would help
        ("SignatureDoesNotMatch", "", 403, Status.ERROR),
        ("RequestTimeTooSkewed", "", 403, Status.ERROR),
        ("AccessDeniedException", "Macie is not enabled.", 403, Status.NOT_ENABLED),
        ("AWSOrganizationsNotInUseException", "", 400, Status.NOT_ENABLED),
        ("NoSuchBucketPolicy", "", 404, Status.ABSENT),
        ("RepositoryPolicyNotFoundException", "", 400, Status.ABSENT),
        ("ServerSideEncryptionConfigurationNotFoundError", "", 404, Status.ABSENT),
        ("AWS.SimpleQueueService.NonExistentQueue", "", 400, Status.ABSENT),
        ("InvalidInstanceID.NotFound", "", 400, Status.ABSENT),
        ("Throttling", "Rate exceeded", 400, Status.THROTTLED),
        ("RequestLimitExceeded", "", 503, Status.THROTTLED),
        ("Whatever", "", 429, Status.THROTTLED),
        ("ExpiredToken", "", 400, Status.EXPIRED),
        ("ExpiredTokenException", "", 400, Status.EXPIRED),
        ("RequestExpired", "", 400, Status.EXPIRED),
        ("TokenRefreshRequired", "", 400, Status.EXPIRED),
        # a signature that is late is our clock's fault: no login would help
        ("SignatureDoesNotMatch", "Signature expired", 403, Status.ERROR),
        ("AuthorizationErrorException", "", 400, Status.DENIED),
        ("AccessDeniedException", "User is not authorized: Macie", 403, Status.DENIED),
        (
            "InvalidAccessException",
            "Account is not subscribed to AWS Security Hub",
            401,
            Status.NOT_ENABLED,
        ),
        (
            "InvalidAccessException",
            "The account doesn't have permission to perform this action.",
            401,
            Status.DENIED,
        ),
        ("SubscriptionRequiredException", "", 400, Status.NOT_ENABLED),
        ("OptInRequired", "You are not subscribed to this service", 403, Status.NOT_ENABLED),
        ("InvalidParameterException", "not a parameter", 400, Status.ERROR),
        ("TooManyRequestsException", "", 400, Status.THROTTLED),
        ("SlowDown", "", 503, Status.THROTTLED),
        ("ServiceUnavailable", "", 503, Status.ERROR),
        ("UnknownEndpoint", "", 400, Status.NOT_SUPPORTED),
        ("ValidationException", "not available in this region", 400, Status.NOT_SUPPORTED),
        ("ValidationException", "not a valid value", 400, Status.ERROR),
        ("InvalidClientTokenId", "", 403, Status.ERROR),
        ("PermanentRedirect", "", 301, Status.ERROR),
        ("UnsupportedOperation", "", 400, Status.NOT_SUPPORTED),
        ("InvalidAction", "The action X is not valid", 400, Status.NOT_SUPPORTED),
        ("UnknownOperationException", "", 400, Status.NOT_SUPPORTED),
        # a page, and nothing says that it is AWS's
        ("404", "<!doctype html>", 404, Status.ERROR),
        ("501", "", 501, Status.ERROR),
        ("NotImplemented", "A header is not implemented", 501, Status.NOT_SUPPORTED),
        ("Whatever", "no", 501, Status.ERROR),
        ("500", "<!doctype html>", 500, Status.ERROR),
        ("InternalError", "", 500, Status.ERROR),
        ("InvalidParameterValue", "", 400, Status.ERROR),
        ("UnrecognizedClientException", "", 403, Status.ERROR),
    ],
)
def test_codes(code: str, message: str, http: int, status: Status) -> None:
    assert outcome_of(error(code, message, http)).status is status


@pytest.mark.parametrize("number", ["404", "501"])
def test_a_bare_number_is_awss_only_with_a_request_id(number: str) -> None:
    for name in ("x-amzn-RequestId", "x-amz-request-id"):
        answered = error(number, "", int(number), (name,))
        assert outcome_of(answered).status is Status.NOT_SUPPORTED
        page = error(number, "<!doctype html>", int(number), (name,))
        assert outcome_of(page).status is Status.ERROR
    # its twin comes from what stands between
    assert outcome_of(error(number, "", int(number), ("via",))).status is Status.ERROR


DENIES = "User: u is not authorized to perform: glue:GetTables on resource: arn:aws:glue:r:1:table/"
NAMES = ("db/this is not enabled", "X is not supported in this region", "a is not subscribed")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("after", ["", " because no identity-based policy allows it", "'"])
def test_a_name_in_a_denial_is_no_fact(name: str, after: str) -> None:
    for words in (DENIES + name + after, f"On '{name}': with an explicit deny in a policy"):
        outcome = outcome_of(error("AccessDeniedException", words, 403))
        assert (outcome.status, outcome.cause) == (Status.DENIED, "")


@pytest.mark.parametrize("name", NAMES[1:2])
def test_a_quoted_name_does_not_say_where_a_service_is(name: str) -> None:
    assert outcome_of(error("ValidationException", f"bad value '{name}'")).status is Status.ERROR
    assert outcome_of(error("AccessDenied", name)).status is Status.DENIED
    # its twin: AWS's own words
    assert outcome_of(error("ValidationException", name)).status is Status.NOT_SUPPORTED


@pytest.mark.parametrize(
    "code",
    [
        "NoSuchConfiguration",
        "PolicyNotFound",
        "PolicyNotFoundException",
        "LifecyclePolicyNotFoundException",
        "TrailNotFoundException",
        "ReportNotPresent",
        "ResourceNotFoundException",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ReplicationConfigurationNotFoundError",
        "NoSuchWebsiteConfiguration",
        "NoSuchTagSet",
        "NoSuchLifecycleConfiguration",
        "NoSuchCORSConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchAccessPointPolicy",
        "NoSuchEntity",
    ],
)
def test_what_is_not_configured_is_absent_and_hides_nothing(code: str) -> None:
    assert outcome_of(error(code, "", 404)).status is Status.ABSENT
    # the same denied is a gap
    assert outcome_of(error("AccessDenied", code, 403)).status is Status.DENIED


def test_a_declared_code_means_not_supported_for_its_call_only() -> None:
    refused = error("InvalidInputException", "enum")
    assert outcome_of(refused).status is Status.ERROR
    assert outcome_of(refused, ("InvalidInputException",)).status is Status.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), Status.UNREACHABLE),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), Status.UNREACHABLE),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), Status.UNREACHABLE),
        (exceptions.SSLError(endpoint_url="https://x", error="e"), Status.UNREACHABLE),
        (
            exceptions.CredentialRetrievalError(provider="sso", error_msg="gone"),
            Status.EXPIRED,
        ),
        (exceptions.ParamValidationError(report="bad"), Status.ERROR),
        (NotImplementedError("x"), Status.ERROR),
    ],
)
def test_exceptions(problem: Exception, status: Status) -> None:
    assert outcome_of(problem).status is status
    assert outcome_of(problem).code == type(problem).__name__


NO_NAME = NameResolutionError("h", None, gaierror(EAI_NONAME, "no such name"))


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (
            exceptions.ReadTimeoutError(endpoint_url="https://x"),
            "timeout",
            'ReadTimeoutError: Read timeout on endpoint URL: "https://x"',
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url="https://x", error=NO_NAME),
            "dns",
            'EndpointConnectionError: Could not connect to the endpoint URL: "https://x"',
        ),
        # its twin: there is such a host, and it does not take the connection
        (
            exceptions.EndpointConnectionError(endpoint_url="https://x", error=OSError(111)),
            "EndpointConnectionError",
            'Could not connect to the endpoint URL: "https://x"',
        ),
        (error("InternalError", "oh", 500), "server", "InternalError: oh"),
        (error("InternalError", "oh", 400), "InternalError", "oh"),
        (
            exceptions.ParamValidationError(report="bad"),
            "client_bug",
            "ParamValidationError: Parameter validation failed: bad",
        ),
        (error("ValidationException", "bad"), "ValidationException", "bad"),
        (
            error("InvalidAction", "X is not available in this region"),
            "unsupported_region",
            "InvalidAction: X is not available in this region",
        ),
        (error("UnknownEndpoint", "no"), "unsupported_region", "UnknownEndpoint: no"),
        (error("InvalidAction", "X is not valid"), "InvalidAction", "X is not valid"),
        (error("AccessDenied", "no", 403), "AccessDenied", "no"),
    ],
)
def test_the_ledger_has_the_finer_cause_and_keeps_awss_code(
    problem: Exception, code: str, message: str
) -> None:
    code_and_message = outcome_of(problem).in_ledger
    assert code_and_message[0] == code
    assert " ".join(code_and_message[1].split()) == message


def test_sessions_times_and_ids_do_not_stay_in_the_words() -> None:
    one, two = (
        outcome_of(
            error(
                "AccessDenied",
                f"User: arn:aws:sts::111122223333:assumed-role/audit/{session} is not authorized. "
                f"Signature expired: {time} is now earlier. request id: {ident} "
                f"<urllib3.Connection object at {place}>",
            )
        )
        for session, time, ident, place in (
            ("alice@example.com", "20261122T110000Z", "aB-1", "0x7f0012345678"),
            ("bob", "20261122T120000Z", "cD-2", "0x7f00abcdef01"),
        )
    )
    assert one == two
    assert "assumed-role/audit is not authorized" in one.message
    # its twin: the role is not the session
    other = outcome_of(error("AccessDenied", "User: arn:aws:sts::1:assumed-role/admin/x may not"))
    assert "assumed-role/admin may not" in other.message


def test_words_do_not_change_from_call_to_call() -> None:
    one, two = (
        outcome_of(
            error(
                "UnauthorizedOperation",
                f"You may not. Encoded authorization failure message: {blob} (RequestId: {blob})",
            )
        )
        for blob in ("aB3-_x9", "zZ8-_y1")
    )
    assert one == two
    assert one.message.startswith("You may not.")


def test_the_policy_that_denies_stays_in_the_words() -> None:
    words = "with an explicit deny in a service control policy"
    assert outcome_of(error("AccessDeniedException", words)).message == words


@given(st.text(max_size=3000))
def test_words_are_short_and_on_one_line(text: str) -> None:
    message = outcome_of(error("X", text)).message
    assert len(message) <= LONGEST_MESSAGE + 3
    assert "\n" not in message


@given(st.lists(st.sampled_from(list(Status)), min_size=1))
def test_a_gap_always_shows(statuses: list[Status]) -> None:
    gaps = {s for s in statuses if LedgerRow("1", "r", "s", "o", "t", s).is_gap}
    assert not gaps or worst(statuses) in gaps


def row(region: str, service: str, status: Status) -> LedgerRow:
    return LedgerRow("111122223333", region, service, "describe", f"{service}:x", status)


SERVICES = ("ec2", "rds", "sqs", "sns", "kms")


def test_a_region_closed_by_policy_is_told_apart() -> None:
    closed = [row("eu-west-1", service, Status.DENIED) for service in SERVICES]
    open_ = [row("us-east-1", service, Status.OK) for service in SERVICES]
    statuses = {r.region: r.status for r in combined(closed + open_)}
    assert statuses == {"eu-west-1": Status.REGION_DENIED, "us-east-1": Status.OK}


def test_a_region_with_one_answer_is_not_closed() -> None:
    rows = [row("eu-west-1", service, Status.DENIED) for service in SERVICES[1:]]
    rows += [row("eu-west-1", "ec2", Status.EMPTY), row("us-east-1", "ec2", Status.OK)]
    assert Status.REGION_DENIED not in {r.status for r in combined(rows)}


def scp_row(region: str, service: str) -> LedgerRow:
    words = "not authorized with an explicit deny in a service control policy"
    return replace(row(region, service, Status.DENIED), message=words)


def test_a_region_closed_by_policy_but_for_exempt_services_is_told_apart() -> None:
    rows = [scp_row("eu-west-1", service) for service in SERVICES]
    rows += [row("us-east-1", service, Status.OK) for service in SERVICES]
    rows += [row("eu-west-1", "acm", Status.OK), row("eu-west-1", "logs", Status.DENIED)]
    statuses = {(r.region, r.service): r.status for r in combined(rows)}
    assert {statuses["eu-west-1", service] for service in SERVICES} == {Status.REGION_DENIED}
    assert statuses["eu-west-1", "acm"] is Status.OK
    assert statuses["eu-west-1", "logs"] is Status.DENIED


def test_services_that_a_policy_denies_everywhere_do_not_close_a_region() -> None:
    rows = [scp_row(region, s) for region in ("eu-west-1", "us-east-1") for s in SERVICES]
    rows += [row(region, "acm", Status.OK) for region in ("eu-west-1", "us-east-1")]
    assert Status.REGION_DENIED not in {r.status for r in combined(rows)}


def test_an_account_denied_everywhere_is_denied_not_closed() -> None:
    rows = [
        row(region, s, Status.DENIED) for region in ("eu-west-1", "us-east-1") for s in SERVICES
    ]
    assert {r.status for r in combined(rows)} == {Status.DENIED}
