"""Labels and relationship types of a statement that the graph cannot have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_ASIDE = re.compile(
    r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:``|[^`])*`|//[^\n\r]*|/\*.*?\*/", re.DOTALL
)
_NODE = re.compile(r"\(\s*\w*\s*:([\w\s:|&]+)")
_RELATIONSHIP = re.compile(r"\[\s*\w*\s*:([\w\s:|&]+)")
_INLINE_WHERE = re.compile(r"\bwhere\b.*", re.IGNORECASE | re.DOTALL)


def unknown_names(cypher: str) -> list[str]:
    """Say which labels and relationship types of a statement are none of the schema's.

    Both stores answer such a statement with no rows, which reads like a finding.

    Args:
        cypher: a statement; what stands in strings, comments and backticks is not looked at.

    Returns:
        One sentence for each, with the nearest names.
    """
    from graph.schema.derived import FACTS, GROUPS, OTHER_LABELS, SOURCES, WALKED
    from graph.schema.registry import REGISTRY

    plain = _ASIDE.sub(" ", cypher)
    labels = {
        *REGISTRY.by_label,
        *(extra.label for _, extra in REGISTRY.extra_labels()),
        *(found.label for found in (*SOURCES, *GROUPS, *OTHER_LABELS)),
    }
    types = {
        *(link.type for _, link in REGISTRY.links()),
        *(found.type for found in (*FACTS, *WALKED)),
    }
    return [
        *(_sentence("label", name, labels) for name in sorted(_names(_NODE, plain) - labels)),
        *(
            _sentence("relationship type", name, types)
            for name in sorted(_names(_RELATIONSHIP, plain) - types)
        ),
    ]


def _names(pattern: re.Pattern[str], text: str) -> set[str]:
    found = (_INLINE_WHERE.sub("", match) for match in pattern.findall(text))
    return {name for names in found for name in re.findall(r"\w+", names)}


def _sentence(kind: str, name: str, known: Iterable[str]) -> str:
    listed = sorted(known)
    near = sorted((other for other in listed if name.lower() in other.lower()), key=len)
    near = near or difflib.get_close_matches(name, listed, n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(near[:3])}?" if near else ""
    return f"The graph has no {kind} {name}.{hint} docs/schema.md lists them."
