"""Where credentials come from, and how they are had anew when they expire.

They come from where the AWS CLI takes them: botocore's own chain (environment, profiles, roles of
profiles with MFA, SSO, ``credential_process``, containers, instances).
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.config
import botocore.credentials
import botocore.session
import botocore.utils
from botocore import exceptions

from collector.outcome import outcome_of
from collector.patience import Patience
from collector.request import CollectError

_CACHE = Path("~/.aws/cli/cache")
"""Where the AWS CLI keeps the sessions of role profiles: a code typed there is not asked again.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
"""
_LOGIN = (
    "Log in (aws sso login, aws configure), set AWS_PROFILE, or pass --profile with one that works."
)
_CORRECT = "Correct ~/.aws/config, or pass --profile with one that works."
_WRITTEN_WRONG = (
    exceptions.ConfigParseError,
    exceptions.InfiniteLoopConfigError,
    exceptions.InvalidConfigError,
    exceptions.PartialCredentialsError,
)


@dataclass
class CodePrompt:
    """Asks for MFA codes: the one that was given first, then whoever sits at the terminal.

    Attributes:
        code: given beforehand; good for one use.
        ask: asks the user, with a text; ``None`` where nobody can be asked.
    """

    code: str | None = None
    ask: Callable[[str], str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, text: str) -> str:
        """A code.

        Raises:
            CollectError: there is nobody to ask.
        """
        with self._lock:
            if self.code:
                code, self.code = self.code, None
                return code
            if self.ask is None:
                raise CollectError(
                    f"An MFA code is needed ({text.strip().rstrip(':')}), and there is no terminal "
                    "to ask on. Pass --mfa-code, or log in with the AWS CLI first."
                )
            return self.ask(text)


class RenewableCredentials:
    """Credentials of one source that can be asked again. Safe between threads.

    botocore renews what says when it ends. This also renews what AWS refuses as expired or what
    its source can no longer renew by itself: keys that were rotated in a file, a process or a
    login that gives new ones by now. Whose each new key is, is asked before it is used: a source
    may have changed to another account meanwhile.

    Args:
        held: botocore's credentials.
        source: gives new ones; raises what it likes.
        confirm: asked once for each access key, raises if it is somebody else's; ``None`` where
            the source itself makes sure.
        access_key: the one that is known to be the right one's already.
    """

    def __init__(
        self,
        held: Any,
        source: Callable[[], Any],
        confirm: Callable[[Any], None] | None = None,
        access_key: str = "",
    ) -> None:
        self._held = held
        self._source = source
        self._confirm = confirm
        self._confirmed = {access_key}
        self._lost: BaseException | None = None
        self._lock = threading.RLock()

    @property
    def method(self) -> str:
        """How botocore came by them."""
        return str(self._held.method)

    def get_frozen_credentials(self) -> Any:
        """The keys as they are now.

        Raises:
            CredentialRetrievalError: there are none any more, or they are somebody else's.
        """
        try:
            frozen = self._held.get_frozen_credentials()
        except Exception as problem:  # whatever a provider raises: they are asked anew, once
            if not self.renew(None):
                raise self.lost() from problem
            frozen = self._held.get_frozen_credentials()
        if not self._is_confirmed(frozen):
            with self._lock:
                if self._lost is not None:
                    raise self.lost()
                try:
                    self._ask_whose(frozen)
                except Exception as problem:
                    self._lost = problem
                    raise self.lost() from problem
        return frozen

    def _is_confirmed(self, frozen: Any) -> bool:
        return self._confirm is None or frozen.access_key in self._confirmed

    def _ask_whose(self, frozen: Any) -> None:
        if self._confirm is None or self._is_confirmed(frozen):
            return
        self._confirm(
            botocore.credentials.Credentials(frozen.access_key, frozen.secret_key, frozen.token)
        )
        self._confirmed.add(frozen.access_key)

    def lost(self) -> exceptions.CredentialRetrievalError:
        """Why there are no other keys, after :meth:`renew` said so."""
        return exceptions.CredentialRetrievalError(
            provider=self.method, error_msg=_words(self._lost)
        )

    def renew(self, refused: Any) -> bool:
        """Ask the source anew.

        Args:
            refused: the keys that AWS refused; ``None`` when there are none.

        Returns:
            whether there are other keys now.
        """
        with self._lock:
            if self._lost is not None:
                return False
            try:
                if refused is not None and self._held.get_frozen_credentials() != refused:
                    return True
                new = self._source()
                frozen = new.get_frozen_credentials()
                if frozen == refused:
                    raise CollectError("their source gives the same keys again")
                self._ask_whose(frozen)
            except Exception as problem:
                self._lost = problem
                return False
            self._held = new
            return True


class Watched:
    """Credentials that remember which key they gave last, for who asks AWS whose it is."""

    def __init__(self, held: Any) -> None:
        self._held = held
        self.access_key = ""

    def get_frozen_credentials(self) -> Any:
        """The keys as they are now."""
        frozen = self._held.get_frozen_credentials()
        self.access_key = str(frozen.access_key)
        return frozen


def _words(problem: BaseException | None) -> str:
    if problem is None:
        return "unknown"
    return str(problem) if isinstance(problem, CollectError) else outcome_of(problem).words


def from_chain(profile: str | None, prompt: CodePrompt | None = None) -> tuple[Any, str]:
    """What botocore's chain gives, and the region of its configuration (may be empty).

    Args:
        profile: of the AWS configuration files; ``None`` takes the usual one.
        prompt: asks for the MFA code of a role profile.

    Raises:
        CollectError: there are none, or the configuration cannot be used.
    """
    try:
        session = _session(profile, prompt or CodePrompt())
        credentials = session.get_credentials()
        region = session.get_config_variable("region") or os.environ.get("AWS_REGION", "")
        if credentials is not None:
            # A role's profile makes its first call here: its refusal should not look like ours.
            credentials.get_frozen_credentials()
    except exceptions.ProfileNotFound:
        names = ", ".join(sorted(botocore.session.Session().available_profiles)) or "none"
        raise CollectError(
            f"There is no AWS profile named {profile or os.environ.get('AWS_PROFILE')!r} "
            f"(there are: {names}).",
            exit_code=2,
        ) from None
    except CollectError:
        raise
    except Exception as problem:  # a credential_process that is missing raises what it likes
        named = f" of profile {profile}" if profile else ""
        remedy = _CORRECT if isinstance(problem, _WRITTEN_WRONG) else _LOGIN
        words = outcome_of(problem).words.rstrip(".:")
        raise CollectError(f"The AWS credentials{named} cannot be had: {words}. {remedy}") from None
    if credentials is None:
        raise CollectError(f"No AWS credentials were found. {_LOGIN}")
    return credentials, str(region)


def _session(profile: str | None, prompt: CodePrompt) -> Any:
    session = botocore.session.Session(profile=profile)
    session.set_config_variable("sts_regional_endpoints", "regional")
    usual = Patience()
    session.set_default_client_config(
        botocore.config.Config(
            connect_timeout=usual.connect_seconds, read_timeout=usual.read_seconds
        )
    )
    provider = session.get_component("credential_provider").get_provider("assume-role")
    provider.cache = botocore.utils.JSONFileCache(str(_CACHE.expanduser()))
    # botocore asks with getpass, which reads standard input where there is no terminal.
    provider._prompter = prompt
    return session


def account_in_configuration(profile: str) -> str:
    """The account that a profile names in its configuration; empty where it names none."""
    try:
        rows = botocore.session.Session().full_config.get("profiles", {}).get(profile, {})
    except exceptions.BotoCoreError:
        return ""
    parts = str(rows.get("role_arn", "")).split(":")
    named = str(rows.get("sso_account_id", parts[4] if len(parts) > 5 else ""))
    return named if re.fullmatch("[0-9]{12}", named) else ""
