"""What a trust policy asks of tokens: whose they are (subject) and for whom (audience).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.guards.guard import STATES, Guard, quoted
from graph.guards.locks import Lock
from graph.guards.providers import Fixed, TokenLayout, layout_of, read_claim
from graph.iam import federation

_ALWAYS_THERE = ("sub", "aud")
_SUBJECT = STATES["subject"]
_UNKNOWN = TokenLayout("", "", False, "aud", {}, {})


def oidc(
    locks: Sequence[Lock],
    provider: str,
    listed: Sequence[str] | None,
    *,
    any_tenant: bool,
) -> Iterator[Guard]:
    """Subject and audience that one statement asks for.

    Args:
        locks: of the statement.
        provider: ARN or well-known name of the provider.
        listed: audiences that the provider's own list names, ``None`` if unknown.
        any_tenant: whether the engine found that any tenant of the provider passes.
    """
    issuer = federation.issuer(provider)
    layout = layout_of(
        "cognito-identity.amazonaws.com" if federation.is_cognito(issuer) else issuer
    )
    claims = [(lock, lock.key.rpartition(":")[2]) for lock in locks if _is_of(lock, issuer)]
    known = layout or _UNKNOWN
    yield _audience([lock for lock, claim in claims if claim == known.audience], listed)
    told = [
        made for lock, claim in claims if (made := _subject(lock, claim, known, issuer)) is not None
    ]
    best = min(told, key=lambda one: one.weakness, default=None)
    if layout is None:
        text = f"No condition on {issuer}:sub: whoever signs in there passes."
        yield best or Guard("subject", "any", text)
    elif layout.issuer_fixes:
        fixed = best if best and best.state not in ("pattern", "open") else None
        text = (
            f"{layout.name}: the issuer fixes the {layout.tenant_word}, no condition fixes more"
            f"{_said(best)}."
        )
        yield fixed or Guard("subject", "tenant", text)
    else:
        yield _of_shared(best, layout, any_tenant)


def _is_of(lock: Lock, issuer: str) -> bool:
    prefix = lock.key.rpartition(":")[0]
    return federation.is_claim_of(prefix, issuer) and lock.positive and lock.operator != "null"


def _said(best: Guard | None) -> str:
    return f" ({best.text.rstrip('.')})" if best else ""


def _of_shared(best: Guard | None, layout: TokenLayout, any_tenant: bool) -> Guard:
    """The subject of a provider that anyone can join; the engine has the last word on that."""
    is_open = best is None or best.state in ("pattern", "open")
    if any_tenant:
        text = (
            f"Any {layout.tenant_word} of {layout.name} passes: no condition fixes whose token "
            f"it is{_said(best)}."
        )
        return Guard("subject", "open", text)
    if is_open or best is None:
        text = (
            f"{layout.name}: fixed to one {layout.tenant_word} by its audience or a form not known."
        )
        return Guard("subject", layout.levels.get(layout.tenant_word, "tenant"), text)
    return best


def _audience(locks: Sequence[Lock], listed: Sequence[str] | None) -> Guard:
    fixed = [lock for lock in locks if all(map(lock.is_fixed, lock.values)) and lock.values]
    if fixed:
        return Guard("audience", "fixed", f"Only tokens for {quoted(fixed[0].values)}.")
    if listed:
        text = f"Only tokens for an audience on the provider's list ({quoted(listed)})."
        return Guard("audience", "listed", text)
    return Guard("audience", "open", "No condition fixes for whom the token was made.")


def _subject(lock: Lock, claim: str, layout: TokenLayout, issuer: str) -> Guard | None:
    """What one lock says of whose token it is; ``None`` if it says nothing."""
    forms = layout.claims.get(claim)
    if (lock.absent_ok and claim not in _ALWAYS_THERE) or not lock.values:
        return None
    if forms is None:
        if claim != "sub":
            return None
        forms = ()
    made = [
        _of_value(
            lock, value, read_claim(value, forms, wild=lock.is_pattern(value)), layout, issuer
        )
        for value in lock.values
    ]
    return max(made, key=lambda one: one.weakness)


def _of_value(lock: Lock, value: str, fixed: Fixed, layout: TokenLayout, issuer: str) -> Guard:
    name = layout.name or issuer
    if not fixed.parts:
        if lock.is_fixed(value) and not fixed.open_part:
            return Guard("subject", "subject", f"{name}: only the subject {quoted([value])}.")
        if lock.is_fixed(value):
            text = f"{name}: only where {lock.name} is {quoted([value])}."
            return Guard("subject", "subject", text)
        text = f"{lock.name} like {quoted([value])} fixes no {layout.tenant_word or 'subject'}."
        return Guard("subject", "pattern", text)
    parts = " ".join(f"{part} {quoted([text])}" for part, text in fixed.parts)
    levels = [layout.levels[part] for part, _ in fixed.parts if part in layout.levels]
    state = min(levels, key=_SUBJECT.index) if levels else "pattern"
    left = f", any {fixed.open_part}" if fixed.open_part else ""
    return Guard("subject", state, f"{name}: only {parts}{left}.")


def saml(locks: Sequence[Lock]) -> Iterator[Guard]:
    """Audience and subject of a SAML provider.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
    """
    for lock in locks:
        if lock.key == "saml:aud" and lock.positive and all(map(lock.is_fixed, lock.values)):
            yield Guard("saml-audience", "fixed", f"Only assertions for {quoted(lock.values)}.")
            break
    else:
        text = "No condition on SAML:aud: any assertion that AWS takes from this provider passes."
        yield Guard("saml-audience", "not-fixed", text)
    for lock in locks:
        if lock.key == "saml:sub" and lock.fixes:
            yield Guard("subject", "user", f"Only the subject {quoted(lock.values)}.")
            return
    text = "Whoever the identity provider gives this role; who that is stands at the provider."
    yield Guard("subject", "any", text)
