"""The collector's own botocore session: one client per service and region for all accounts,
credentials of the account at hand, and a guard that refuses what is not declared.
"""

from __future__ import annotations

import contextlib
import contextvars
import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import botocore.config
import botocore.credentials
import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownRegionError
from botocore.loaders import create_loader

from collector.answers import refuse_truncated, refuse_unknown_shape
from collector.limits import Brakes, Wait
from collector.models import declared_models
from collector.outcome import outcome_of, outcome_of_error
from collector.patience import Patience
from collector.request import CollectError
from collector.retries import Retries
from collector.services import operations
from collector.snapshot.ledger import Status

NOT_DECLARED_BUT_NEEDED = {
    ("sts", "assume_role"): "a session in another account of the organisation",
    ("organizations", "list_accounts"): "which accounts there are",
    ("organizations", "describe_organization"): "which account manages the organisation",
    ("account", "list_regions"): "which regions there are, where EC2 does not say",
    ("iam", "simulate_principal_policy"): "mapper preflight: which calls will be denied",
    ("iam", "get_role"): "mapper preflight: the path of the role whose session is ours",
}
"""What the collector calls beside the declarations, with the reason."""

_current: contextvars.ContextVar[Any] = contextvars.ContextVar("credentials")
_account: contextvars.ContextVar[str] = contextvars.ContextVar("account", default="")
_signed_with: contextvars.ContextVar[Any] = contextvars.ContextVar("signed_with", default=None)


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
        frozen = _current.get().get_frozen_credentials()
        _signed_with.set(frozen)
        return frozen

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


def act_as(credentials: Any, account_id: str = "") -> None:
    """Sign the calls of this context with these botocore credentials from now on."""
    _current.set(credentials)
    _account.set(account_id)


@contextlib.contextmanager
def acting_as(credentials: Any, account_id: str = "") -> Iterator[None]:
    """Sign the calls inside with these credentials, then with those from before."""
    tokens = ((_current, _current.set(credentials)), (_account, _account.set(account_id)))
    signed = _signed_with.set(None)
    try:
        yield
    finally:
        _signed_with.reset(signed)
        for variable, token in tokens:
            variable.reset(token)


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
        policy: how patient with calls that fail; ``AWS_MAX_ATTEMPTS`` (``max_attempts`` of the
            profile) sets the number of attempts.
        brakes: what a call that is made again has to pass.
        wait: waits some seconds; true when work was asked to stop meanwhile.
    """

    def __init__(
        self,
        profile: str | None = None,
        connections: int = 32,
        policy: Patience | None = None,
        brakes: Brakes | None = None,
        wait: Wait = time.sleep,
    ) -> None:
        self._session = botocore.session.Session(profile=profile)
        self.brakes = brakes or Brakes({}, wait)
        self.retries = Retries(self._patience(policy or Patience()), self.brakes, wait)
        self._home: tuple[str, Any] | None = None
        self.has_failed: Callable[[str, str], bool] = lambda client, region: False
        """Whether a client did not reach a region the last time; set by whoever knows."""
        # Tokens of the global endpoint are not valid in opt-in regions.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
        self._session.set_config_variable("sts_regional_endpoints", "regional")
        self._session.register_component("credential_provider", _OneProvider())
        self._session.register_component(
            "data_loader",
            declared_models(self._session.get_config_variable("data_path"), _ALLOWED),
        )
        self._session.user_agent_extra = f"aws-mapper/{tool_version()}"
        events = self._session.get_component("event_emitter")
        events.register_first("before-parameter-build", refuse_undeclared)
        events.register("before-sign.s3-control", self._drop_account_label)
        events.register("before-parse", refuse_truncated)
        events.register("before-parse", refuse_malformed)
        events.register("after-call", refuse_unknown_shape)
        events.register("before-call", self._brake)
        events.register("needs-retry", self._again)
        self._config = botocore.config.Config(
            connect_timeout=self.retries.policy.connect_seconds,
            read_timeout=self.retries.policy.read_seconds,
            max_pool_connections=connections,
            # Retries are ours: collector.retries says why.
            retries={"mode": "standard", "total_max_attempts": 1},
            account_id_endpoint_mode="disabled",
        )
        self._clients: dict[tuple[str, str], Any] = {}
        self._known: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()
        self._suffixes = _dns_suffixes()

    def _patience(self, policy: Patience) -> Patience:
        try:
            attempts = max(0, int(self._session.get_config_variable("max_attempts") or 0))
        except ValueError:
            raise CollectError(
                "AWS_MAX_ATTEMPTS, or max_attempts of the profile, is no number. Correct it.",
                exit_code=2,
            ) from None
        if not attempts:
            return policy
        return replace(
            policy, attempts=attempts, network_attempts=min(attempts, policy.network_attempts)
        )

    def _brake(self, model: Any, context: Mapping[str, Any], **_: Any) -> None:
        """Handle botocore's ``before-call``: one request is about to be sent."""
        region = str(context.get("client_region") or "")
        client = str(model.service_model.service_name)
        self.brakes.before(_account.get(), region, client, xform_name(model.name))

    def _again(
        self,
        attempts: int,
        operation: Any,
        request_dict: Mapping[str, Any],
        response: tuple[Any, Mapping[str, Any]] | None = None,
        caught_exception: BaseException | None = None,
        **_: Any,
    ) -> float | None:
        """Handle botocore's ``needs-retry``: seconds to sleep before the next attempt."""
        answer = response[1] if response else None
        if answer is not None and "Error" in answer and _renewed_after(answer, attempts):
            return 0.0
        region = str(request_dict["context"].get("client_region") or "")
        client = str(operation.service_model.service_name)
        again = self.retries.again(
            _account.get(),
            region,
            client,
            xform_name(operation.name),
            attempts,
            answer,
            caught_exception,
            self._network_attempts(client, region),
        )
        return 0.0 if again else None

    def _network_attempts(self, client: str, region: str) -> int:
        """One where botocore knows of no such endpoint, or it has failed already."""
        if self.has_failed(client, region) or not self.is_known_place(client, region):
            return 1
        return self.retries.policy.network_attempts

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

    def at_home(self, region: str, credentials: Any) -> None:
        """Say where, and as whom, AWS has answered."""
        self._home = (region, credentials)

    def answers(self) -> bool:
        """Whether what answered at the start still does, be it with an error."""
        if self._home is None:
            return False
        region, credentials = self._home
        try:
            with acting_as(credentials):
                self.get("sts", region).get_caller_identity()
        except Exception as problem:  # anything but silence is an answer
            return outcome_of(problem).status is not Status.UNREACHABLE
        return True

    def forget_account(self, account_id: str) -> None:
        """The account is done."""
        self.brakes.forget(account_id)
        self.retries.forget(account_id)

    def is_known_place(self, service: str, region: str) -> bool:
        """Whether botocore lists the region for the service, or lists none for it at all."""
        # Without the lock: whoever makes a client holds it for long, and twice is as good as once.
        known = self._known.get(service)
        if known is None:
            known = self._known[service] = self.known_regions(service)
        return not known or region in known

    def first_region(self, partition: str) -> str:
        """The region of a partition's global services; empty for an unknown partition."""
        data = self._session.get_component("data_loader").load_data("partitions")
        for row in data["partitions"]:
            if row["id"] == partition:
                return str(row["outputs"]["implicitGlobalRegion"])
        return ""

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


def _renewed_after(answer: Mapping[str, Any], attempts: int) -> bool:
    """Whether a call was refused for expired credentials, and there are new ones by now.

    Raises:
        CredentialRetrievalError: there are none; says why.
    """
    if attempts > 2 or outcome_of_error(answer).status is not Status.EXPIRED:
        return False
    credentials = _current.get(None)
    if not hasattr(credentials, "renew"):
        return False
    if credentials.renew(_signed_with.get()):
        return True
    raise credentials.lost()


@cache
def _dns_suffixes() -> tuple[str, ...]:
    """What the hosts of every partition end in, as botocore's data has them."""
    suffixes = set()
    for partition in create_loader().load_data("endpoints")["partitions"]:
        suffixes.add(partition["dnsSuffix"])
        for variant in partition.get("defaults", {}).get("variants", ()):
            suffixes.add(variant.get("dnsSuffix", partition["dnsSuffix"]))
    return tuple(f".{suffix}" for suffix in suffixes)


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
