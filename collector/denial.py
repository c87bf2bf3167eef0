"""Who denied a call, by AWS's own words.

AWS says "with an explicit deny in a TYPE policy" or "because no TYPE policy allows the ACTION
action". Not every service does, so nothing is concluded from words that are not there.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

DeniedBy = Literal[
    "scp",
    "rcp",
    "boundary",
    "session_policy",
    "identity_policy",
    "resource_policy",
    "vpc_endpoint_policy",
    "explicit",
    "implicit",
    "",
]
"""``explicit`` and ``implicit`` where AWS names no kind of policy that this version knows."""

_KINDS: dict[str, DeniedBy] = {
    "service control policy": "scp",
    "resource control policy": "rcp",
    "permissions boundary": "boundary",
    "session policy": "session_policy",
    "sessions policy": "session_policy",
    "identity-based policy": "identity_policy",
    "resource-based policy": "resource_policy",
    "role trust policy": "resource_policy",
    "vpc endpoint policy": "vpc_endpoint_policy",
}
_WORDS: dict[DeniedBy, str] = {
    "scp": "SCP",
    "rcp": "RCP",
    "boundary": "permissions boundary",
    "session_policy": "session policy",
    "identity_policy": "identity policy",
    "resource_policy": "resource policy",
    "vpc_endpoint_policy": "VPC endpoint policy",
}
_NAMES = "|".join(re.escape(name) for name in _KINDS)
_DENIED = re.compile(
    r"with an explicit deny"
    rf"(?: in (?:an?|the) (?P<deny>{_NAMES})(?P<through> transitively through a (?:{_NAMES}))?)?"
    rf"|because no (?P<allow>{_NAMES}|[a-z]+(?: [a-z-]+)? policy|permissions boundary) allows\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Denial:
    """Who denied.

    Attributes:
        by: the kind of policy.
        explicit: whether a statement denies; else no statement allows. None: AWS does not say.
    """

    by: DeniedBy = ""
    explicit: bool | None = None

    @property
    def words(self) -> str:
        """For a table: ``explicit deny in SCP``, ``no identity policy allows``; empty if unsaid."""
        if self.explicit is None:
            return ""
        kind = _WORDS.get(self.by, "policy")
        return f"explicit deny in {kind}" if self.explicit else f"no {kind} allows"

    @property
    def policy_would_help(self) -> bool:
        """Whether a further identity policy may let the call through.

        Not where AWS names another layer, nor where a statement denies: a Deny wins over any Allow.
        """
        return self.explicit is None or (not self.explicit and self.by in _HELPED)


_HELPED: tuple[DeniedBy, ...] = ("identity_policy", "implicit")


def denial_of(message: str) -> Denial:
    """Read AWS's words.

    The last such words count: what stands before may be a resource's name, which others choose.
    """
    found = list(_DENIED.finditer(" ".join(message.split())))
    if not found:
        return Denial()
    last = found[-1]
    if last["allow"] is not None:
        return Denial(_KINDS.get(last["allow"].lower(), "implicit"), explicit=False)
    if last["deny"] is None:
        return Denial("explicit", explicit=True)
    # "in a VPC endpoint policy transitively through a service control policy": the SCP denies.
    name = last["through"].rpartition(" a ")[2] if last["through"] else last["deny"]
    return Denial(_KINDS[name.lower()], explicit=True)


def denied_by(message: str) -> DeniedBy:
    """The kind of policy that denied; empty where AWS does not say."""
    return denial_of(message).by
