"""Which snapshot types the techniques are used on, or need."""

from __future__ import annotations

from graph.escalation.technique import Technique, techniques

_AGENTS = "ssm:managed-instance"
_OF_KIND = {
    "passed-role": "iam:role",
    "role": "iam:role",
    "user": "iam:user",
    "policy-of-role": "iam:policy",
    "policy-of-self": "iam:policy",
    "group": "iam:group",
    "group-of-self": "iam:group",
    "saml-provider": "iam:saml-provider",
    "new-provider": "iam:role",
    "tags-of-role": "iam:role",
}
"""Types of what techniques of IAM are used on."""
_OF_ALL = {"user": "iam:user", "role": "iam:role", "group": "iam:group", "admin-group": "iam:group"}
_OF_ORGANISATION = frozenset({"org:delegated-admin", "org:root", "sso:instance"})


def types_of(technique: Technique) -> tuple[str, ...]:
    """Types of what a technique is used on; nothing where it makes its own, or uses itself."""
    target = technique.target
    if target.kind in ("workload", "resource"):
        return (target.type, _AGENTS) if target.managed else (target.type,)
    found = _OF_ALL.get(target.type) if target.kind == "every" else _OF_KIND.get(target.kind)
    return (found,) if found else ()


def needed_types() -> frozenset[str]:
    """Types without which what follows from the live techniques is incomplete."""
    live = [one for one in techniques() if one.live]
    used = {type_id for one in live for type_id in types_of(one)}
    there = {wanted.type for one in live for wanted in one.exists}
    return frozenset(used | there | _OF_ORGANISATION)
