"""What IAM Access Analyzer found about access from outside, as plain values.

An external analyzer reports every resource of some types that somebody outside its zone of trust,
one account or one organisation, may use by the resource's own policy, ACL or sharing list.

* types: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html
* findings: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
* their members: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummary.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from graph.evidence import Ref
from graph.verdict import Verdict

TOOL = "IAM Access Analyzer"
ACTIVE, ARCHIVED = "ACTIVE", "ARCHIVED"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One access from outside that Access Analyzer saw.

    Attributes:
        id: of the finding.
        resource: ARN as AWS gives it.
        principals: pairs of AWS's kind (``AWS``, ``Federated``, ``CanonicalUser``) and value.
        actions: as AWS names them.
        conditions: pairs of key and value that it depends on.
        public: whether AWS calls it public.
        status: :data:`ACTIVE` or :data:`ARCHIVED`.
        analysed_at: ISO 8601, or empty.
        restriction: what AWS says of resource control policies, e.g. ``APPLICABLE``.
        sources: by what of a bucket it is granted, e.g. ``BUCKET_ACL``.
        error: why the resource could not be analysed; such a finding tells nothing else.
    """

    id: str
    resource: str
    principals: tuple[tuple[str, str], ...]
    actions: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    public: bool
    status: str
    analysed_at: str
    restriction: str
    sources: tuple[str, ...]
    error: str
    ref: Ref

    @property
    def title(self) -> str:
        """What it says, in the words of the answers."""
        kind = "public access" if self.public else "external access"
        return f"{kind}, archived" if self.status == ARCHIVED else kind

    @property
    def who(self) -> str:
        """Its principals."""
        return shown(value for _, value in self.principals) or "somebody that it does not name"

    @property
    def reason(self) -> str:
        """Its reasons in one sentence."""
        parts = [f"{shown(self.actions) or 'access'} for {self.who}"]
        if self.conditions:
            parts.append(f"under {shown(f'{key}={value}' for key, value in self.conditions)}")
        if self.sources:
            parts.append(f"by {shown(self.sources)}")
        text = f"{' '.join(parts)}; {'' if self.public else 'not '}public"
        if self.restriction == "APPLICABLE":
            text += "; a resource control policy applies, which it did not evaluate"
        return text


@dataclass(frozen=True, slots=True)
class Analyzer:
    """An analyzer of external access that is switched on and whose findings were read.

    Attributes:
        arn: of the analyzer.
        account_id: where it stands; of an organisation's the delegated or management account.
        region: of what it analyses.
        whole_organization: whether its zone of trust is the organisation; else its account.
        analysed_at: when it last analysed some resource; empty if it never did.
        findings: those that are active or archived.
    """

    arn: str
    account_id: str
    region: str
    whole_organization: bool
    analysed_at: str
    findings: tuple[Finding, ...]
    ref: Ref


@dataclass(frozen=True, slots=True)
class AnalyzedType:
    """A type of resources that Access Analyzer looks at; members as in the data file."""

    type: str
    snapshot: str
    analyzed: tuple[str, ...]
    mechanisms: frozenset[str]
    everywhere: bool
    created: str
    silent: str
    unseen: str

    def reads(self, mechanism: str) -> bool:
        """Whether it looks at what a judgement was made of."""
        return mechanism.partition("/")[0] in self.mechanisms


@dataclass(frozen=True, slots=True)
class Place:
    """A collected resource of a type that Access Analyzer looks at.

    Attributes:
        id: of its node.
        created: when it was made, ISO 8601; empty if that is not known.
    """

    id: str
    kind: AnalyzedType
    account_id: str
    region: str
    created: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One contradiction with both reasons.

    Attributes:
        place: what it is about.
        who: the party that the two do not agree on.
        analysis: id of the finding, or ARN of the analyzer that has none.
        theirs: e.g. ``public access, archived`` or ``no finding``.
        ours: our verdict of that party.
        region: of the analyzer.
        ref: the finding, or the analyzer.
    """

    place: Place
    who: str
    analysis: str
    theirs: str
    their_reason: str
    analysed_at: str
    ours: Verdict
    our_reason: str
    region: str
    ref: Ref


@cache
def analyzed_types() -> dict[str, AnalyzedType]:
    """Every row of the data file, by our resource type."""
    name = "access_analyzer_types.json"
    text = resources.files("graph.sharing").joinpath(name).read_text(encoding="utf-8")
    return {
        row["type"]: AnalyzedType(
            type=row["type"],
            snapshot=row["snapshot"],
            analyzed=tuple(row["analyzed"]),
            mechanisms=frozenset(row["mechanisms"]),
            everywhere=bool(row.get("everywhere")),
            created=row.get("created", ""),
            silent=row.get("silent", ""),
            unseen=row.get("unseen", ""),
        )
        for row in json.loads(text)["types"]
    }


_OWNERS = re.compile(r"^(arn:[\w-]+:ec2:[\w-]+:)\d{12}(:snapshot/.+)$")
_VERSION = re.compile(r"^(arn:[\w-]+:lambda:[\w-]+:\d{12}:layer:[^:]+):\d+$")
_STREAM = re.compile(r"^(arn:[\w-]+:dynamodb:[\w-]+:\d{12}:table/[^/]+)/stream/.+$")


def node_of(resource: str) -> str:
    """The node that a finding is about: of a layer's version the layer, of a stream its table."""
    if found := _OWNERS.match(resource):
        return f"{found[1]}{found[2]}"
    found = _VERSION.match(resource) or _STREAM.match(resource)
    return found[1] if found else resource


def shown(names: Iterable[str]) -> str:
    """The first few of some names."""
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
