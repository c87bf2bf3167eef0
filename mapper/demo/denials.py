"""Refusals that the demo's server gives on request, in the shape of the service's own errors.

moto never refuses an AssumeRole and has no denied calls; the tests of an honest collection need
both. A rule is ``{"account", "service", "action", "region", "resource", "code", "status",
"times"}``; only ``code`` and ``status`` have defaults that mean something (``AccessDenied``, 403),
the others, when absent, match everything. ``service`` is boto3's name, ``action`` the API's
(``DescribeInstances``), ``resource`` a text that the request must contain (a role's ARN), and
``times`` how often the rule fires. Throttling is ``{"code": "Throttling", "status": 400}``.

Runs inside the server's process.
"""

from __future__ import annotations

import functools
import io
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

Answer = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_SERVICE_OF_SIGNING_NAME = {"elasticloadbalancing": "elbv2"}
_CLASSIC_ELB_VERSION = b"Version=2012-06-01"
_XML_SERVICES = {"s3", "s3control"}


@dataclass
class Rule:
    """One rule; ``left`` counts down and is ``None`` for a rule that never ends."""

    wanted: dict[str, str]
    resource: str
    code: str
    status: int
    left: int | None

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Rule:
        """Read a rule.

        Raises:
            ValueError: on a key that no rule has.
        """
        known = {"account", "service", "action", "region", "resource", "code", "status", "times"}
        unknown = set(value) - known
        if unknown:
            raise ValueError(f"a denial has no {', '.join(sorted(unknown))}")
        return cls(
            wanted={
                key: value[key]
                for key in ("account", "service", "action", "region")
                if value.get(key)
            },
            resource=value.get("resource", ""),
            code=value.get("code", "AccessDenied"),
            status=int(value.get("status", 403)),
            left=value.get("times"),
        )


class Denials:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def replace(self, rules: list[dict[str, Any]]) -> None:
        """Put these rules in the place of all others."""
        read = [Rule.from_json(rule) for rule in rules]
        with self._lock:
            self._rules = read

    def refusal(self, environ: dict[str, Any]) -> Answer | None:
        """Return the refusal of this request, or ``None`` to let it through."""
        if not self._rules:
            return None
        facts, text = _read(environ)
        with self._lock:
            for rule in self._rules:
                if rule.left == 0 or rule.resource not in text:
                    continue
                if all(facts.get(key) == value for key, value in rule.wanted.items()):
                    if rule.left is not None:
                        rule.left -= 1
                    return _error(facts, rule)
        return None


def _read(environ: dict[str, Any]) -> tuple[dict[str, str], str]:
    """Say whose request this is and for what; leave the body readable."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    facts = caller(environ)
    if facts:
        if facts["service"] == "elbv2" and _CLASSIC_ELB_VERSION in body:
            facts["service"] = "elb"
        facts["action"] = _action(environ, body, facts["service"])
    address = environ["PATH_INFO"] + "?" + environ.get("QUERY_STRING", "")
    return facts, address + "\n" + unquote_plus(body.decode("utf-8", "replace"))


def caller(environ: dict[str, Any]) -> dict[str, str]:
    """Say from the signature whose request this is: account, region, service; empty if unsigned."""
    from moto.iam.models import get_account_id_from

    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0]
    parts = scope.split("/")
    if len(parts) != 5:
        return {}
    key, _, region, service, _ = parts
    service = _SERVICE_OF_SIGNING_NAME.get(service, service)
    if service == "s3" and environ["PATH_INFO"].startswith("/v20180820/"):
        service = "s3control"
    return {"account": get_account_id_from(key), "region": region, "service": service}


def _action(environ: dict[str, Any], body: bytes, service: str) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return str(target).rpartition(".")[2]
    for field in body.split(b"&"):
        if field.startswith(b"Action="):
            return field[7:].decode()
    from moto.core.request import Request
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import HTTPException

    try:
        operation, _ = get_service_router(service).match(Request(dict(environ)))
    except (HTTPException, NotImplementedError):
        return ""
    finally:
        environ["wsgi.input"] = io.BytesIO(body)
    return str(operation.name)


def _error(facts: dict[str, str], rule: Rule) -> Answer:
    action = facts.get("action", "")
    message = (
        f"User of account {facts.get('account', 'unknown')} is not authorized to perform: "
        f"{facts.get('service', '')}:{action}"
    )
    return _shaped(facts.get("service", ""), rule.code, rule.status, message)


def unsupported(message: str) -> Answer:
    """Answer a call that moto lacks as AWS answers one it does not offer: never an HTML page."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        # The body is spent by now: what the signature says must do.
        facts = caller(environ)
        shaped = _shaped(facts.get("service", ""), "InvalidAction", 400, message)
        return shaped(environ, start)

    return answer


def _shaped(service: str, code: str, status: int, message: str) -> Answer:
    """Shape an error by the protocol of the service, as botocore expects it."""
    protocol = _protocol(service) if service else "json"
    text = escape(message)
    if protocol == "ec2":
        body = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{text}</Message></Error>"
            "</Errors><RequestID>demo</RequestID></Response>"
        )
    elif protocol == "rest-xml" and service in _XML_SERVICES:
        body = (
            f"<Error><Code>{code}</Code><Message>{text}</Message><RequestId>demo</RequestId>"
            "</Error>"
        )
    elif protocol in ("query", "rest-xml"):
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{text}</Message></Error><RequestId>demo</RequestId></ErrorResponse>"
        )
    else:
        if code == "AccessDenied":
            code = "AccessDeniedException"  # the name that JSON services use
        body = json.dumps({"__type": code, "message": message, "Message": message})
    json_like = protocol not in ("ec2", "query", "rest-xml")
    headers = [
        ("Content-Type", "application/x-amz-json-1.1" if json_like else "text/xml"),
        ("x-amzn-RequestId", "demo"),
    ]
    if json_like:
        headers.append(("x-amzn-ErrorType", code))

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(f"{status} Refused", headers)
        return [body.encode()]

    return answer


@functools.cache
def _protocol(service: str) -> str:
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader

    try:
        model = Loader().load_service_model(service, "service-2")
    except UnknownServiceError:  # a name that only signatures have: JSON is the commonest shape
        return "json"
    return str(model["metadata"]["protocol"])
