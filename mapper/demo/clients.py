"""boto3 clients that can talk to the demo's own server and to nothing else.

The builder creates and deletes; aimed at a real account it would do harm. So it refuses every
endpoint but a loopback server that this process started, takes no setting from the environment
or from AWS's files, carries dummy keys only, and checks each request's address before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConstantProvider
from botocore.credentials import Credentials, ReadOnlyCredentials

from mapper.demo.server import DUMMY_ACCESS_KEY, DUMMY_SECRET_KEY, DemoError, is_own_server

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MEMBER_ROLE = "OrganizationAccountAccessRole"
# One region for the services that have none; moto derives the partition from it.
GLOBAL_REGION = "us-east-1"


def refuse_foreign(endpoint: str) -> None:
    """Return only if ``endpoint`` is a demo server that this process started.

    Raises:
        DemoError: for any other address, whatever answers there.
    """
    parts = urlsplit(endpoint)
    plain = parts.scheme == "http" and not parts.path and not parts.query and not parts.username
    if not plain or parts.hostname not in LOOPBACK or parts.port is None:
        raise DemoError(
            f"the demo is built only on its own simulator on this machine, not on {endpoint}"
        )
    if not is_own_server(endpoint):
        raise DemoError(
            f"{endpoint} is not a simulator that this process started: the demo builds on no other"
        )


class _Acting(Credentials):  # type: ignore[misc]
    """Credentials of whichever account acts now: one client then serves every account."""

    def __init__(self) -> None:
        super().__init__(DUMMY_ACCESS_KEY, DUMMY_SECRET_KEY)
        self.current = ReadOnlyCredentials(DUMMY_ACCESS_KEY, DUMMY_SECRET_KEY, None)

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return self.current


class _Bound:
    """A client that acts for one account."""

    def __init__(self, client: Any, become: Callable[[], None]) -> None:
        self._client = client
        self._become = become

    def __getattr__(self, operation: str) -> Any:
        call = getattr(self._client, operation)

        def run(**arguments: Any) -> Any:
            self._become()
            return call(**arguments)

        return run


class Clients:
    """Clients for every account, region and service of one demo server. Not for several threads.

    Attributes:
        endpoint: the server's address, checked when this is made.
        calls: how many requests were sent.
    """

    def __init__(self, endpoint: str) -> None:
        """Make clients for a server started by this process.

        Raises:
            DemoError: if it is anything else.
        """
        refuse_foreign(endpoint)
        self.endpoint = endpoint
        self.calls = 0
        self._address = urlsplit(endpoint).netloc
        self._acting = _Acting()
        self._keys: dict[str, ReadOnlyCredentials] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = self._closed_session()

    def __call__(self, account_id: str, service: str, region: str = GLOBAL_REGION) -> Any:
        """Return a boto3 client of ``service`` in ``region`` that acts for ``account_id``."""
        client = self._client(service, region)
        keys = self.credentials(account_id)

        def become() -> None:
            self._acting.current = keys

        return _Bound(client, become)

    def credentials(
        self, account_id: str, role: str = MEMBER_ROLE, fresh: bool = False
    ) -> ReadOnlyCredentials:
        """Return keys of a role in the account: moto lets anybody assume any role.

        Args:
            account_id: twelve digits.
            role: the role's name.
            fresh: ask for new keys instead of those that this object acts with.
        """
        if account_id not in self._keys or fresh:
            answer = self._client("sts", GLOBAL_REGION).assume_role(
                RoleArn=f"arn:aws:iam::{account_id}:role/{role}", RoleSessionName="mapper-demo"
            )["Credentials"]
            keys = ReadOnlyCredentials(
                answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"]
            )
            if fresh:
                return keys
            self._keys[account_id] = keys
        return self._keys[account_id]

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            self._clients[service, region] = self._session.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                config=Config(
                    proxies={},
                    retries={"total_max_attempts": 1},
                    s3={"addressing_style": "path"},
                ),
            )
        return self._clients[service, region]

    def _closed_session(self) -> boto3.Session:
        """Make a session in which every setting is botocore's default, whatever is set outside."""
        session = botocore.session.Session()
        settings = session.get_component("config_store")
        for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
            settings.set_config_provider(name, ConstantProvider(default))
        settings.set_config_provider("config_file", ConstantProvider(None))
        settings.set_config_provider("credentials_file", ConstantProvider(None))
        session._credentials = self._acting
        session.register("before-sign.s3-control", self._drop_account_label)
        session.register("before-send.*.*", self._check)
        return boto3.Session(botocore_session=session)

    def _drop_account_label(self, request: Any, **_: Any) -> None:
        """S3 Control puts the account before the host, even before an address of ours."""
        parts = urlsplit(request.url)
        request.url = parts._replace(netloc=self._address).geturl()

    def _check(self, request: Any, **_: Any) -> None:
        if urlsplit(request.url).netloc != self._address:
            raise DemoError(f"a request of the demo was about to leave for {request.url}")
        self.calls += 1
