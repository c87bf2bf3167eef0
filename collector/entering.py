"""Entering other accounts by assuming roles."""

from __future__ import annotations

import datetime as dt
import functools
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import botocore.credentials

from collector.credentials import CodePrompt, RenewableCredentials
from collector.outcome import CallError, Outcome, outcome_of
from collector.request import CollectError
from collector.session import Clients, acting_as
from collector.snapshot.ledger import Status, worst

SESSION_NAME = "mapper"
# Chained roles last an hour at most; this is also what every role allows.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
SESSION_SECONDS = 3600

_ROLE = re.compile(r"arn:([a-z0-9-]+):iam::([0-9]{12}):role/([\w+=,.@/-]+)", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}")


def is_account_id(text: str) -> bool:
    """Whether it is twelve digits, as an account's id is; nothing else becomes a path."""
    return _ACCOUNT.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class RoleArn:
    """An IAM role's ARN, in its parts.

    Attributes:
        text: as given.
        partition: ``aws``, ``aws-cn``, ...
        account_id: twelve digits.
        name: with its path.
    """

    text: str
    partition: str
    account_id: str
    name: str

    @classmethod
    def of(cls, text: str) -> RoleArn:
        """Take it apart.

        Raises:
            CollectError: it is no role's ARN.
        """
        match = _ROLE.fullmatch(text)
        if match is None:
            raise CollectError(
                f"{text!r} is no ARN of a role: write arn:PARTITION:iam::ACCOUNT:role/NAME.",
                exit_code=2,
            )
        return cls(text, *match.groups())


class Door:
    """Assumes roles with the caller's credentials.

    With an MFA device the code goes with the first role that lets us in. A code is good once, so
    that role's session then assumes the others.

    Args:
        clients: where the STS client comes from.
        credentials: the caller's.
        region: whose STS is asked.
        external_id: sent with every call.
        mfa_serial: the MFA device; ``None`` for none.
        prompt: asks for the code.
    """

    def __init__(
        self,
        clients: Clients,
        credentials: Any,
        region: str,
        external_id: str | None = None,
        mfa_serial: str | None = None,
        prompt: CodePrompt | None = None,
    ) -> None:
        self._clients = clients
        self._credentials = credentials
        self._region = region
        self._external_id = external_id
        self._mfa_serial = mfa_serial
        self._prompt = prompt or CodePrompt()
        self._inside: RenewableCredentials | None = None
        self._lock = threading.RLock()

    def enter(self, roles: Sequence[str]) -> tuple[str, RenewableCredentials]:
        """Assume the first of the roles that lets us in.

        Args:
            roles: ARNs.

        Returns:
            the role's ARN, and credentials that renew themselves.

        Raises:
            NotLetInError: none did; says how each refused.
            CollectError: a code is needed and nobody can be asked.
        """
        if self._mfa_serial and self._inside is None:
            with self._lock:
                if self._inside is None:
                    arn, self._inside = self._first_of(roles, self._credentials, with_code=True)
                    return arn, self._inside
        return self._first_of(roles, self._inside or self._credentials, with_code=False)

    def _first_of(
        self, roles: Sequence[str], base: Any, with_code: bool
    ) -> tuple[str, RenewableCredentials]:
        refusals: list[str] = []
        statuses = []
        for arn in roles:
            try:
                held = self._session(arn, base, with_code)
            except CollectError:
                raise
            except Exception as problem:  # whatever the answer was, the next role is tried
                outcome = outcome_of(problem)
                refusals.append(f"{arn.partition(':role/')[2]}: {outcome.words}")
                statuses.append(outcome.status)
                continue
            return arn, RenewableCredentials(
                held, functools.partial(self._session, arn, base, with_code)
            )
        raise NotLetInError("; ".join(refusals), worst(statuses))

    def _session(self, arn: str, base: Any, with_code: bool) -> Any:
        return botocore.credentials.RefreshableCredentials.create_from_metadata(
            metadata=self._assumed(arn, base, with_code),
            refresh_using=lambda: self._assumed(arn, base, with_code),
            method="assume-role",
        )

    def _assumed(self, arn: str, base: Any, with_code: bool) -> dict[str, str]:
        extra = {"ExternalId": self._external_id} if self._external_id else {}
        if with_code and self._mfa_serial:
            extra |= {
                "SerialNumber": self._mfa_serial,
                "TokenCode": self._prompt(f"MFA code of {self._mfa_serial}: "),
            }
        with acting_as(base):
            answer = self._clients.get("sts", self._region).assume_role(
                RoleArn=arn,
                RoleSessionName=SESSION_NAME,
                DurationSeconds=SESSION_SECONDS,
                **extra,
            )
        inside = str((answer.get("AssumedRoleUser") or {}).get("Arn", ""))
        if inside.split(":")[4:5] != arn.split(":")[4:5]:
            words = f"AWS answers with a session of {inside or 'nobody'}"
            raise CallError(Outcome(Status.ERROR, "WrongAccount", words))
        return _metadata(answer["Credentials"])


class NotLetInError(Exception):
    """No role could be assumed; the message says which failed how.

    Attributes:
        status: what came of it, the worst of the tries.
    """

    def __init__(self, message: str, status: Status) -> None:
        super().__init__(message)
        self.status = status


def _metadata(given: Mapping[str, Any]) -> dict[str, str]:
    expiry = given["Expiration"]
    return {
        "access_key": given["AccessKeyId"],
        "secret_key": given["SecretAccessKey"],
        "token": given["SessionToken"],
        "expiry_time": expiry.isoformat() if isinstance(expiry, dt.datetime) else str(expiry),
    }
