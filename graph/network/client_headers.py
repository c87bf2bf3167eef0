"""Headers whose values are the client's choice, and no secret."""

from __future__ import annotations

# Headers that any client sets to what the site expects; every other header that a rule asks for
# is taken for a secret that only a trusted front (a CDN) knows.
CLIENT_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "content-type",
        "cookie",
        "host",
        "origin",
        "referer",
        "upgrade",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-requested-with",
    }
)
