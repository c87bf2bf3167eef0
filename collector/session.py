"""The collector's own botocore session: one client per service and region for all accounts,
credentials of the account at hand, and a guard that refuses what is not declared.
"""

from __future__ import annotations

import contextlib
import contextvars
import ipaddress
import json
import threading
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import botocore.config
import botocore.credentials
import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownRegionError

from collector.services import operations

MAX_ATTEMPTS = 5
CONNECT_SECONDS = 5
READ_SECONDS = 60

NOT_DECLARED_BUT_NEEDED = {
    ("sts", "assume_role"): "a session in another account of the organisation",
    ("organizations", "list_accounts"): "which accounts there are",
    ("organizations", "describe_organization"): "which account manages the organisation",
    ("iam", "simulate_principal_policy"): "mapper preflight: which calls will be denied",
    ("iam", "get_role"): "mapper preflight: the path of the role whose session is ours",
}
"""What the collector calls beside the declarations, with the reason."""

_current: contextvars.ContextVar[Any] = contextvars.ContextVar("credentials")


class ForbiddenOperationError(Exception):
    """Somebody asked for an operation that no declaration names."""


class CurrentCredentials(botocore.credentials.Credentials):  # type: ignore[misc]
    """Credentials of whatever account the calling thread is working for.

    botocore asks for them each time it signs, in the thread that makes the call, so one client
    can serve all accounts.
    """

    def __init__(self) -> None:
        super().__init__("see", "the context", method="mapper")

    def get_frozen_credentials(self) -> Any:
        """What the current context's credentials are now, renewed if need be."""
        return _current.get().get_frozen_credentials()

    def get_deferred_property(self, property_name: str) -> Any:
        """Nothing of an account may stick to a client that serves several."""
        return lambda: None


class MalformedAnswerError(Exception):
    """An answer that says it went well is not JSON."""


class _OneProvider:
    """What botocore asks for credentials when it makes a client."""

    def load_credentials(self) -> CurrentCredentials:
        """The same object for every client."""
        return CurrentCredentials()


def act_as(credentials: Any) -> None:
    """Sign the calls of this context with these botocore credentials from now on."""
    _current.set(credentials)


@contextlib.contextmanager
def acting_as(credentials: Any) -> Iterator[None]:
    """Sign the calls inside with these credentials, then with those from before."""
    token = _current.set(credentials)
    try:
        yield
    finally:
        _current.reset(token)


def tool_version() -> str:
    """The installed version of the distribution; ``0`` when run from a bare source tree."""
    try:
        return metadata.version("aws-mapper")
    except metadata.PackageNotFoundError:
        return "0"


class Clients:
    """Clients by service and region, made when first needed. Safe between threads.

    Args:
        profile: the profile whose configuration (endpoints, proxies, CA bundle) applies.
        connections: how many connections a client may hold.
    """

    def __init__(self, profile: str | None = None, connections: int = 32) -> None:
        self._session = botocore.session.Session(profile=profile)
        # Tokens of the global endpoint are not valid in opt-in regions.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
        self._session.set_config_variable("sts_regional_endpoints", "regional")
        self._session.register_component("credential_provider", _OneProvider())
        self._session.user_agent_extra = f"aws-mapper/{tool_version()}"
        events = self._session.get_component("event_emitter")
        events.register_first("before-parameter-build", refuse_undeclared)
        events.register("before-sign.s3-control", self._drop_account_label)
        events.register("before-parse", refuse_malformed)
        self._config = botocore.config.Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=connections,
            retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
            account_id_endpoint_mode="disabled",
        )
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._suffixes = self._dns_suffixes()

    def get(self, client: str, region: str) -> Any:
        """The client of a service in a region."""
        found = self._clients.get((client, region))
        if found is None:
            with self._lock:
                found = self._clients.get((client, region))
                if found is None:
                    found = self._create(client, region)
                    self._clients[client, region] = found
        return found

    def _create(self, client: str, region: str) -> Any:
        return self._session.create_client(client, region_name=region, config=self._config)

    def partition_of(self, region: str) -> str:
        """The partition of a region's name, by AWS's own patterns; empty for none."""
        try:
            return str(self._session.get_partition_for_region(region))
        except UnknownRegionError:
            return ""

    def known_regions(self, service: str, partition: str | None = None) -> frozenset[str]:
        """The regions that botocore knows for a service; empty when it does not say."""
        partitions = [partition] if partition else self._session.get_available_partitions()
        return frozenset(
            region
            for name in partitions
            for region in self._session.get_available_regions(service, name)
        )

    def _dns_suffixes(self) -> tuple[str, ...]:
        endpoints = self._session.get_component("data_loader").load_data("endpoints")
        suffixes = set()
        for partition in endpoints["partitions"]:
            suffixes.add(partition["dnsSuffix"])
            for variant in partition.get("defaults", {}).get("variants", ()):
                suffixes.add(variant.get("dnsSuffix", partition["dnsSuffix"]))
        return tuple(f".{suffix}" for suffix in suffixes)

    def _drop_account_label(self, request: Any, **_: Any) -> None:
        """S3 Control puts the account before the host's name; a configured endpoint that is not
        AWS's (a test server, a proxy by address) has no such names."""
        parts = urlsplit(request.url)
        label, dot, rest = (parts.hostname or "").partition(".")
        if not dot or len(label) != 12 or not label.isdigit():
            return
        if parts.hostname and parts.hostname.endswith(self._suffixes):
            return
        if not (_is_address(rest) or "." not in rest):
            return
        port = f":{parts.port}" if parts.port else ""
        request.url = urlunsplit(parts._replace(netloc=rest + port))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def allowed_operations() -> frozenset[tuple[str, str]]:
    """``(client, operation)`` of everything that the collector may ever call."""
    return operations() | frozenset(NOT_DECLARED_BUT_NEEDED)


_ALLOWED = allowed_operations()


def refuse_undeclared(model: Any = None, params: Mapping[str, Any] | None = None, **_: Any) -> None:
    """A botocore event handler: the collector reads, and reads only what it declares.

    Raises:
        ForbiddenOperationError: the operation is not in :func:`allowed_operations`.
    """
    name = (str(model.service_model.service_name), xform_name(model.name))
    if name not in _ALLOWED:
        raise ForbiddenOperationError(
            f"{name[0]}.{name[1]} is not declared: the collector does not call it"
        )


def refuse_malformed(
    operation_model: Any = None, response_dict: Mapping[str, Any] | None = None, **_: Any
) -> None:
    """A botocore event handler: a broken body is an error, not an answer without members.

    botocore takes a JSON body that it cannot read for an error message and an answer that holds
    nothing; for a list that would read as an empty one. It refuses broken XML by itself.

    Raises:
        MalformedAnswerError: a JSON service answered well with what is no JSON.
    """
    answer = response_dict or {}
    if "json" not in str(operation_model.service_model.resolved_protocol):
        return
    body = answer.get("body")
    if answer.get("status_code", 0) >= 300 or not body or not isinstance(body, bytes):
        return
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedAnswerError(
            f"the answer to {operation_model.name} is not JSON ({len(body)} bytes)"
        ) from None
