"""A second, deliberately naive IAM evaluator, written from AWS's text alone.

Two-valued: every context key that is neither derived from the world nor given is absent.
Page names are those of docs.aws.amazon.com/IAM/latest/UserGuide unless another guide is named;
rule numbers are those of the project's checklist of IAM semantics.
"""

import base64
import binascii
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Doc = dict[str, Any]
Token = tuple[str, str]

RCP_SERVICES = {
    "s3",
    "sts",
    "kms",
    "sqs",
    "secretsmanager",
    "dynamodb",
    "ecr",
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "logs",
}
ANONYMOUS_SERVICES = {"s3", "sqs", "sns"}
MULTIVALUED = {
    "aws:tagkeys",
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:resourceorgpaths",
    "aws:principalservicenameslist",
}
# actions on no resource that are written with an ARN all the same: the examples of
# reference_policies_elements_condition_operators and reference_policies_examples_s3_home-directory
EVERYTHING = {"s3:listallmybuckets": "arn:aws:s3:::*"}
VARIABLE = re.compile(r"\s*([^,'{}]+?)\s*(?:,\s*'([^']*)'\s*)?")


@dataclass(frozen=True)
class Outcome:
    allowed: bool
    denied_by: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """One reading of the points where AWS's text is open; the defaults are the ones chosen."""

    notprincipal_needs_every_form: bool = False
    allow_notprincipal_is_delegation: bool = False
    bare_operator_takes_many_values: bool = False
    bare_operator_fails_on_set_key: bool = False
    any_value_negated_means_none: bool = False
    any_value_negated_missing_is_true: bool = False
    unparsable_fails_negated: bool = False
    unresolved_spoils_value_only: bool = False
    resource_glob: str = "text"
    service_wildcard_matches_nothing: bool = False
    empty_string_is_a_value: bool = False
    star_resource_has_no_account: bool = False
    bare_role_has_user_id: bool = False
    unknown_identity_allows: bool = False
    unknown_resource_policy_allows: bool = False
    unknown_resource_policy_denies: bool = False
    aws_star_excludes_services: bool = False
    short_arn_is_a_string: bool = False


CHOSEN = Reading()
CHANGES: list[tuple[str, dict[str, Any]]] = [
    (name, {name: True}) for name in Reading.__dataclass_fields__ if name != "resource_glob"
] + [(f"resource_glob={how}", {"resource_glob": how}) for how in ("string", "segments")]
OTHER_READINGS = [(name, replace(CHOSEN, **change)) for name, change in CHANGES]


class UnresolvedError(Exception):
    """A policy variable has no value in the request context."""


@dataclass(frozen=True)
class Who:
    """The principal of a request: kind is user, role, federated, root, service or anonymous."""

    kind: str
    account: str = ""
    arn: str = ""  # what aws:PrincipalArn says: the user, the ROLE of a session, the root
    session_arn: str = ""
    session_name: str = ""
    service: str = ""
    detail: Doc | None = None
    service_linked: bool = False


@dataclass(frozen=True)
class Target:
    """The resource of a request: kind is that of the world, or role, user, none, other."""

    arn: str
    account: str
    kind: str
    policy: Doc | None
    tags: dict[str, str]
    known: bool


@dataclass(frozen=True)
class Case:
    world: Doc
    action: str
    who: Who
    target: Target
    session_policies: list[Doc]
    context: dict[str, list[str]]
    reading: Reading


# ---------------------------------------------------------------- small helpers


def as_list(value: Any) -> list[Any]:
    """A policy element that may be one thing or a list of them (reference_policies_grammar)."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """A JSON boolean or number written as the text it stands for (reference_policies_grammar)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def statements(doc: Doc) -> list[Doc]:
    return as_list(doc.get("Statement"))


# ---------------------------------------------------------------- patterns and variables


def tokens(text: str, case: Case, variables: bool) -> list[Token] | None:
    """Pattern as characters and wildcards; None when a variable has no value. Rules 60 and 61.

    reference_policies_variables: variables need Version 2012-10-17, are case-insensitive in the
    key, may carry a default, and ${*} ${?} ${$} stand for the character itself.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        end = text.find("}", at)
        if variables and text.startswith("${", at) and end > at:
            body = text[at + 2 : end]
            shape = VARIABLE.fullmatch(body)
            if body in ("*", "?", "$"):
                found.append(("char", body))
                at = end + 1
                continue
            if shape:
                values = case.context.get(shape[1].lower(), [])
                value = values[0] if len(values) == 1 else shape[2]
                if value is None:
                    return None
                found += [("char", letter) for letter in value]
                at = end + 1
                continue
        letter = text[at]
        found.append({"*": ("any", ""), "?": ("one", "")}.get(letter, ("char", letter)))
        at += 1
    return found


def literal(pattern: list[Token]) -> str:
    """The pattern with its wildcards taken as the characters they are written with."""
    return "".join({"any": "*", "inside": "*", "one": "?"}.get(k, c) for k, c in pattern)


def glob(pattern: list[Token], text: str) -> bool:
    """`any` is any run of characters, `inside` any run without a colon, `one` one character."""
    done: dict[tuple[int, int], bool] = {}

    def rest(p: int, t: int) -> bool:
        if (p, t) not in done:
            done[p, t] = step(p, t)
        return done[p, t]

    def step(p: int, t: int) -> bool:
        if p == len(pattern):
            return t == len(text)
        kind, char = pattern[p]
        if kind in ("any", "inside"):
            if rest(p + 1, t):
                return True
            return t < len(text) and not (kind == "inside" and text[t] == ":") and rest(p, t + 1)
        if t == len(text):
            return False
        return (kind == "one" or char == text[t]) and rest(p + 1, t + 1)

    return rest(0, 0)


def segments(pattern: list[Token]) -> list[list[Token]]:
    """The pattern cut at its first five colons."""
    parts: list[list[Token]] = [[]]
    for token in pattern:
        if token == ("char", ":") and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def segments_match(pattern: list[Token], text: str) -> bool:
    parts, values = segments(pattern), text.split(":", 5)
    if len(parts) != 6 or len(values) != 6:
        return False
    return all(glob(part, value) for part, value in zip(parts, values, strict=True))


def arn_matches(pattern: list[Token], text: str, case: Case) -> bool:
    """Rule 57: reference_policies_elements_condition_operators, ARN: six parts, each by itself."""
    if case.reading.short_arn_is_a_string and len(segments(pattern)) != 6:
        return glob(pattern, text)
    return segments_match(pattern, text)


def wildcard_service(pattern: list[Token]) -> bool:
    """reference_policies_elements_resource, Note: no wildcard in the service segment."""
    return any(kind != "char" for part in segments(pattern)[:3] for kind, _ in part)


def resource_matches(pattern: list[Token], text: str, case: Case) -> bool:
    """Rule 47: reference_policies_elements_resource: a * that ends an ARN segment may go on past
    the colon, any other * stays in its segment; upper and lower case differ.
    """
    if pattern == [("any", "")]:
        return True
    if case.reading.service_wildcard_matches_nothing and wildcard_service(pattern):
        return False
    if case.reading.resource_glob == "string":
        return glob(pattern, text)
    if case.reading.resource_glob == "segments":
        return segments_match(pattern, text)
    held: list[Token] = []
    for place, token in enumerate(pattern):
        last = place + 1 == len(pattern) or pattern[place + 1] == ("char", ":")
        held.append(("inside", "") if token[0] == "any" and not last else token)
    return glob(held, text)


# ---------------------------------------------------------------- elements of a statement


def action_matches(patterns: Any, action: str) -> bool:
    """Rule 46: reference_policies_elements_action: case-insensitive, * and ? anywhere."""
    for text in as_list(patterns):
        pattern: list[Token] = [
            {"*": ("any", ""), "?": ("one", "")}.get(letter, ("char", letter))
            for letter in text.lower()
        ]
        if glob(pattern, action.lower()):
            return True
    return False


def action_applies(statement: Doc, case: Case) -> bool:
    """Rule 46: reference_policies_elements_notaction: NotAction is everything else."""
    if "NotAction" in statement:
        return not action_matches(statement["NotAction"], case.action)
    return action_matches(statement.get("Action"), case.action)


def compiled(values: Any, case: Case, variables: bool, lenient: bool) -> list[list[Token]]:
    """Rule 61: reference_policies_variables: an unresolved variable makes the statement invalid."""
    patterns: list[list[Token]] = []
    for value in as_list(values):
        pattern = tokens(text_of(value), case, variables)
        if pattern is not None:
            patterns.append(pattern)
        elif not (lenient or case.reading.unresolved_spoils_value_only):
            raise UnresolvedError(value)
    return patterns


def resource_applies(statement: Doc, case: Case, variables: bool, attached: bool) -> bool:
    """Rules 47 and 48: reference_policies_elements_resource and _notresource.

    A statement without the element speaks of the resource its policy hangs on (trust policies).
    """
    if "NotResource" in statement:
        patterns = compiled(statement["NotResource"], case, variables, lenient=False)
        return not any(resource_matches(p, case.target.arn, case) for p in patterns)
    if "Resource" not in statement:
        return attached
    patterns = compiled(statement["Resource"], case, variables, lenient=False)
    return any(resource_matches(p, case.target.arn, case) for p in patterns)


def to_number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def to_time(text: str) -> Decimal | None:
    """Seconds since 1970 of a W3C ISO 8601 date or of epoch seconds (condition operators, Date)."""
    if re.fullmatch(r"\d{5,}(\.\d+)?", text):
        return Decimal(text)
    shape = re.fullmatch(
        r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?",
        text,
    )
    if not shape:
        return None
    year, month, day, hour, minute, second, fraction, zone = shape.groups()
    try:
        moment = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    seconds = Decimal(int(moment.timestamp())) + Decimal(fraction or 0)
    if zone and zone != "Z":
        offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        seconds -= offset if zone[0] == "+" else -offset
    return seconds


def to_bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def to_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def to_bool(text: str) -> str | None:
    return text.lower() if text.lower() in ("true", "false") else None


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda got, wanted: got == wanted,
    "LessThan": lambda got, wanted: got < wanted,
    "LessThanEquals": lambda got, wanted: got <= wanted,
    "GreaterThan": lambda got, wanted: got > wanted,
    "GreaterThanEquals": lambda got, wanted: got >= wanted,
}
PARSERS: dict[str, Callable[[str], Any]] = {
    "Numeric": to_number,
    "Date": to_time,
    "Bool": to_bool,
    "BinaryEquals": to_bytes,
    "IpAddress": to_network,
}
POSITIVE_OF = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
OPERATORS = {
    *POSITIVE_OF.values(),
    *("Bool", "BinaryEquals"),
    *(family + end for family in ("Numeric", "Date") for end in COMPARE),
}


def parser_of(operator: str) -> Callable[[str], Any]:
    return next(parse for family, parse in PARSERS.items() if operator.startswith(family))


def text_operator_matches(operator: str, got: str, pattern: list[Token], case: Case) -> bool:
    """Rule 57: condition operators, String and ARN: only *Like and the ARN ones take wildcards."""
    if operator == "StringEquals":
        return got == literal(pattern)
    if operator == "StringEqualsIgnoreCase":
        return got.lower() == literal(pattern).lower()
    if operator == "StringLike":
        return glob(pattern, got)
    return arn_matches(pattern, got, case)


def typed_operator_matches(operator: str, got: str, wanted: str) -> bool:
    """Rule 59: condition operators, Numeric, Date, Boolean, Binary, IP: what does not parse does
    not match; no variables in any of them.
    """
    parse = parser_of(operator)
    left, right = parse(got), parse(wanted)
    if left is None or right is None:
        return False
    if operator == "IpAddress":
        return bool(left.version == right.version and left.subnet_of(right))
    if operator in ("Bool", "BinaryEquals"):
        return bool(left == right)
    return COMPARE[operator.removeprefix("Numeric").removeprefix("Date")](left, right)


def value_holds(operator: str, got: str, values: list[Any], case: Case) -> bool:
    """Rule 52: reference_policies_condition-logic-multiple-context-keys-or-values: values are
    alternatives (OR), those of a negated operator are a NOR.
    """
    positive = POSITIVE_OF.get(operator, operator)
    negated = operator in POSITIVE_OF
    if positive.startswith(("String", "Arn")):
        hit = any(text_operator_matches(positive, got, pattern, case) for pattern in values)
        return hit != negated
    hit = any(typed_operator_matches(positive, got, wanted) for wanted in values)
    if negated and case.reading.unparsable_fails_negated:
        parse = parser_of(positive)
        if parse(got) is None or any(parse(wanted) is None for wanted in values):
            return False
    return hit != negated


def missing_holds(operator: str, qualifier: str, case: Case) -> bool:
    """Rules 53 and 56: condition operators, Important box; single-vs-multi-valued keys page."""
    if qualifier == "ForAllValues":
        return True
    if qualifier == "ForAnyValue":
        return case.reading.any_value_negated_missing_is_true and operator in POSITIVE_OF
    return operator in POSITIVE_OF


def key_holds(written: str, key: str, wanted: Any, case: Case, variables: bool) -> bool:
    """Rules 52 to 59: one operator on one key (reference_policies_elements_condition_operators)."""
    qualifier, _, rest = written.rpartition(":")
    operator = rest.removesuffix("IfExists")
    if_exists = operator != rest
    got = case.context.get(key.lower(), [])  # rule 58: key names are case-insensitive
    if operator == "Null":  # rule 55
        return any((text_of(value).lower() == "true") == (not got) for value in as_list(wanted))
    if operator not in OPERATORS and operator not in POSITIVE_OF:
        raise ValueError(f"no such condition operator: {written}")
    if not got:
        return True if if_exists else missing_holds(operator, qualifier, case)  # rule 54
    values: list[Any]
    if operator.startswith(("String", "Arn")):
        values = compiled(wanted, case, variables, lenient=if_exists)
    else:
        values = [text_of(value) for value in as_list(wanted)]
    return values_hold(operator, qualifier, key, got, values, case)


def values_hold(
    operator: str, qualifier: str, key: str, got: list[str], values: list[Any], case: Case
) -> bool:
    """Rule 56: reference_policies_condition-single-vs-multi-valued-context-keys."""
    results = [value_holds(operator, value, values, case) for value in got]
    if qualifier:
        if all(value == "" for value in got) and not case.reading.empty_string_is_a_value:
            return qualifier == "ForAllValues"
        if qualifier == "ForAllValues":
            return all(results)
        if operator in POSITIVE_OF and case.reading.any_value_negated_means_none:
            return all(results)
        return any(results)
    if len(got) > 1:
        if not case.reading.bare_operator_takes_many_values:
            return False
        return all(results) if operator in POSITIVE_OF else any(results)
    if key.lower() in MULTIVALUED and case.reading.bare_operator_fails_on_set_key:
        return False
    return results[0]


def condition_applies(statement: Doc, case: Case, variables: bool) -> bool:
    """Rule 52: operators AND, keys AND (reference_policies_elements_condition)."""
    return all(
        key_holds(operator, key, wanted, case, variables)
        for operator, block in statement.get("Condition", {}).items()
        for key, wanted in block.items()
    )


def applies(statement: Doc, doc: Doc, case: Case, attached: bool = False) -> bool:
    """Action, resource and condition of a statement, without its principal. Rules 46-61."""
    variables = doc.get("Version") == "2012-10-17"
    try:
        return (
            action_applies(statement, case)
            and resource_applies(statement, case, variables, attached)
            and condition_applies(statement, case, variables)
        )
    except UnresolvedError:
        return False


# ---------------------------------------------------------------- principals


def account_named(text: str) -> str:
    """Rule 26: reference_policies_elements_principal: "<account>" and its root ARN are one."""
    if re.fullmatch(r"\d{12}", text):
        return text
    shape = re.fullmatch(r"arn:aws:iam::(\d{12}):root", text)
    return shape[1] if shape else ""


def aws_form(text: str, case: Case) -> str:
    """Rules 26, 27, 39-42: how one "AWS" entry of a Principal element matches the caller, or "".

    No partial wildcards; an id of a deleted principal or a foreign ARN is nobody's name.
    """
    who = case.who
    if text == "*":
        excluded = who.kind == "service" and case.reading.aws_star_excludes_services
        return "" if excluded else "star"
    if who.kind in ("anonymous", "service"):
        return ""
    if account_named(text) == who.account:
        return "account"
    if who.session_arn and text == who.session_arn:
        return "session"
    if who.kind == "role" and not who.detail and same_role(text, who):
        return "role"
    if who.kind == "federated":
        return "role" if who.detail and text == who.detail["Arn"] else ""
    if text == who.arn:
        return who.kind
    return ""


def same_role(text: str, who: Who) -> bool:
    """reference_identifiers, ARNs: a session's ARN has the name of its role without the path."""
    shape = re.fullmatch(r"arn:aws:iam::(\d{12}):role/(?:[^*?]*/)?([^/*?]+)", text)
    return bool(shape and who.session_arn and shape.groups() == (who.account, who.arn[31:]))


def forms(principal: Any, case: Case) -> set[str]:
    """Rule 39: the ways a Principal or NotPrincipal element names the caller; types are separate.

    star, account, user, role, session, service (reference_policies_elements_principal).
    """
    if principal == "*":
        return {"star"}
    found: set[str] = set()
    for kind, names in principal.items():
        for name in as_list(names):
            if kind == "AWS":
                found.add(aws_form(name, case))
            elif kind == "Service" and case.who.kind == "service" and name == case.who.service:
                found.add("service")
    return found - {""}


def names_one_of(element: Any, account: str) -> bool:
    """Whether a NotPrincipal element lists a user, role or session of an account."""
    texts = as_list(element.get("AWS", [])) if isinstance(element, dict) else []
    one = re.compile(
        rf"arn:[^:]+:(iam|sts)::{account}:(user|role|assumed-role|federated-user)/[^*?]+"
    )
    return any(one.fullmatch(text) for text in texts)


def not_principal_spares(element: Any, case: Case) -> bool:
    """Rules 20 and 43: reference_policies_elements_notprincipal, "NotPrincipal with Deny"."""
    named = forms(element, case)
    if has_boundary(case):
        return False
    others_are_meant = named == {"account"} and names_one_of(element, case.who.account)
    if case.who.kind in ("user", "role") and others_are_meant:
        return False
    if not case.reading.notprincipal_needs_every_form or "star" in named:
        return bool(named)
    needed = {
        "user": {"user", "account"},
        "role": {"session", "role", "account"},
        "federated": {"session", "account"},
        "root": {"account"},
        "service": {"service"},
        "anonymous": {"star"},
    }[case.who.kind]
    if case.who.kind == "role" and not case.who.session_arn:
        needed = {"role", "account"}
    return needed <= named


def principal_forms(statement: Doc, case: Case) -> set[str]:
    """Rules 38 and 43: the forms by which a resource-policy statement speaks of the caller."""
    if "Principal" in statement:
        return forms(statement["Principal"], case)
    if "NotPrincipal" not in statement:
        return set()
    if statement["Effect"] == "Deny":
        return set() if not_principal_spares(statement["NotPrincipal"], case) else {"star"}
    if forms(statement["NotPrincipal"], case):
        return set()
    if case.reading.allow_notprincipal_is_delegation and case.who.kind not in (
        "anonymous",
        "service",
    ):
        return {"account"}
    return {"star"}


# ---------------------------------------------------------------- collecting the policies


def account_policies(case: Case) -> list[Doc]:
    account: Doc = case.world["accounts"].get(case.who.account, {})
    return account.get("Policies", [])


def managed(arn: str, case: Case) -> Doc | None:
    """Rule 4: access_policies_managed-versioning: only the default version counts."""
    for policy in account_policies(case):
        if policy["Arn"] == arn:
            for version in policy["PolicyVersionList"]:
                if version["IsDefaultVersion"]:
                    document: Doc = version["Document"]
                    return document
    return None


def attached_docs(detail: Doc, inline: str, case: Case) -> list[Doc]:
    docs = [entry["PolicyDocument"] for entry in detail.get(inline, [])]
    for entry in detail.get("AttachedManagedPolicies", []):
        document = managed(entry["PolicyArn"], case)
        if document is not None:
            docs.append(document)
    return docs


def groups_of(detail: Doc, case: Case) -> list[Doc]:
    """Rule 4: id_groups: a user has the policies of the groups it is in; a role is in none."""
    groups = case.world["accounts"][case.who.account].get("GroupDetailList", [])
    return [group for group in groups if group["GroupName"] in detail.get("GroupList", [])]


def identity_docs(case: Case) -> list[Doc]:
    """Rule 4: own inline and managed policies, and those of a user's groups (access_policies)."""
    detail = case.who.detail
    if detail is None:
        return []
    if case.who.kind == "role":
        return attached_docs(detail, "RolePolicyList", case)
    docs = attached_docs(detail, "UserPolicyList", case)
    for group in groups_of(detail, case):
        docs += attached_docs(group, "GroupPolicyList", case)
    return docs


def has_boundary(case: Case) -> bool:
    """Rules 14 and 21: access_policies_boundaries; a service-linked role cannot have one."""
    detail = case.who.detail or {}
    return bool(detail.get("PermissionsBoundary")) and not case.who.service_linked


def boundary_docs(case: Case) -> list[Doc]:
    if not has_boundary(case) or case.who.detail is None:
        return []
    document = managed(case.who.detail["PermissionsBoundary"]["PermissionsBoundaryArn"], case)
    return [] if document is None else [document]


def levels(world: Doc, account: str) -> list[str]:
    """The account, its OUs and the root, from the bottom up; empty outside the organization."""
    organization = world.get("organization")
    if not organization:
        return []
    found = [account]
    while found[-1] in organization["parents"]:
        found.append(organization["parents"][found[-1]])
    if found[-1] != organization["root"]:
        return [account, organization["root"]] if account == organization["management"] else []
    return found


def scp_levels(case: Case) -> list[list[Doc]]:
    """Rules 9 and 10: AWS Organizations guide, orgs_manage_policies_scps(_evaluation).

    Not for the management account, service-linked roles, services, or callers from elsewhere.
    """
    organization = case.world.get("organization")
    who = case.who
    if not organization or not organization.get("scps") or not who.account:
        return []
    if who.account == organization["management"] or who.service_linked:
        return []
    return [organization["scps"].get(level, []) for level in levels(case.world, who.account)]


def rcp_docs(case: Case) -> list[Doc]:
    """Rules 12 and 13: AWS Organizations guide, orgs_manage_policies_rcps.

    Resources of member accounts, supported services; an action without a resource uses the
    caller's account; no effect on a service-linked role, nor on a service that assumes one.
    """
    organization = case.world.get("organization")
    service = case.action.split(":")[0].lower()
    if not organization or service not in RCP_SERVICES or case.who.service_linked:
        return []
    account = case.who.account if case.target.kind == "none" else case.target.account
    if not account or account == organization["management"]:
        return []
    if case.who.kind == "service" and is_service_linked(case.target.arn):
        return []
    found: list[Doc] = []
    for level in levels(case.world, account):
        found += organization.get("rcps", {}).get(level, [])
    return found


def resource_doc(case: Case) -> Doc | None:
    """Rules 28 and 7: the policy on the resource."""
    return case.target.policy


# ---------------------------------------------------------------- what a set of policies says


def any_statement(docs: Iterable[Doc], effect: str, case: Case) -> bool:
    for doc in docs:
        for statement in statements(doc):
            if statement["Effect"] == effect and applies(statement, doc, case):
                return True
    return False


def resource_forms(docs: Iterable[Doc], effect: str, case: Case) -> set[str]:
    """The forms by which statements of that effect, on the resource, speak of the caller."""
    found: set[str] = set()
    for doc in docs:
        for statement in statements(doc):
            if statement["Effect"] == effect and applies(statement, doc, case, attached=True):
                found |= principal_forms(statement, case)
    return found


def explicit_denies(case: Case) -> Iterable[str]:
    """Rules 2 and 3: evaluation-logic_policy-eval-denyallow: one Deny in any policy wins."""
    doc = resource_doc(case)
    if resource_forms(rcp_docs(case), "Deny", case):
        yield "rcp"
    if any_statement(itertools.chain(*scp_levels(case)), "Deny", case):
        yield "scp"
    if not case.target.known and case.reading.unknown_resource_policy_denies:
        yield "resource"
    if doc is not None and resource_forms([doc], "Deny", case):
        yield "trust" if case.target.kind == "role" else "resource"
    if any_statement(identity_docs(case), "Deny", case):
        yield "identity"
    if any_statement(boundary_docs(case), "Deny", case):
        yield "boundary"
    if any_statement(case.session_policies, "Deny", case):
        yield "session"


def silent_layers(case: Case) -> list[str]:
    """Of those that the caller needs, the layers without an Allow; for callers with an account."""
    granted = granted_by_resource(case)
    trust = case.target.kind == "role" and case.action.lower().startswith("sts:")
    foreign = case.target.kind != "none" and case.target.account != case.who.account
    needed = trust or foreign or case.target.kind == "kms-key"
    found = {
        "scp": not scps_allow(case),
        "identity": not identity_allows(case),
        "boundary": not boundary_allows(case),
        "session": not session_allows(case),
        "trust" if trust else "resource": needed and not granted,
    }
    return [name for name, silent in found.items() if silent]


def identity_allows(case: Case) -> bool:
    """Rule 1: the root user has every permission on the identity side."""
    if case.who.kind == "root":
        return True
    if case.who.account not in case.world["accounts"]:
        return case.reading.unknown_identity_allows
    return any_statement(identity_docs(case), "Allow", case)


def boundary_allows(case: Case) -> bool:
    """Rule 14: access_policies_boundaries: a boundary limits, it never grants."""
    return not has_boundary(case) or any_statement(boundary_docs(case), "Allow", case)


def session_allows(case: Case) -> bool:
    """Rules 23 and 24: access_policies, session policies; a federated user without one has none."""
    if case.session_policies:
        return any_statement(case.session_policies, "Allow", case)
    return case.who.kind != "federated"


def scps_allow(case: Case) -> bool:
    """Rule 9: orgs_manage_policies_scps_evaluation: an Allow is needed at every level."""
    return all(any_statement(level, "Allow", case) for level in scp_levels(case))


def granted_by_resource(case: Case) -> set[str]:
    doc = resource_doc(case)
    if doc is not None:
        return resource_forms([doc], "Allow", case)
    if not case.target.known and case.reading.unknown_resource_policy_allows:
        return {"account"}
    return set()


# ---------------------------------------------------------------- the verdict


def identity_side(case: Case, resource_grants: bool) -> str:
    """The first layer that withholds: (identity or grant) and boundary and session. 14, 23."""
    if not (resource_grants or identity_allows(case)):
        return "identity"
    if not boundary_allows(case):
        return "boundary"
    return "" if session_allows(case) else "session"


def withheld_same_account(case: Case, granted: set[str], layer: str) -> str:
    """Rules 5, 15-18, 26, 27, 31: evaluation-logic_policy-eval-denyallow, resource-based policies.

    A user, a session, and everybody are granted directly; a role is still limited by boundary and
    session; an account is a delegation. Trust and key policies must allow in any case.
    """
    must = case.target.kind == "kms-key" or layer == "trust"
    if granted & {"user", "session", "star"}:
        return ""
    if must and not granted:
        return layer
    return identity_side(case, resource_grants="role" in granted)


def withheld(case: Case) -> str:
    """The layer that implicitly denies, or "". Rules 5-9, 28, 45."""
    service = case.action.split(":")[0].lower()
    granted = granted_by_resource(case)
    layer = "trust" if case.target.kind == "role" and service == "sts" else "resource"
    if case.who.kind == "service":
        return "" if granted & {"service", "star"} else layer
    if case.who.kind == "anonymous":
        if service not in ANONYMOUS_SERVICES:
            return "identity"
        return "" if "star" in granted else layer
    if not scps_allow(case):
        return "scp"
    if case.who.kind in ("root", "federated") and layer == "trust":
        # STS guide, API_AssumeRole: not with root user credentials; API_GetFederationToken: no
        # operations of STS but GetCallerIdentity
        return "identity"
    if case.target.kind == "none" or case.target.account == case.who.account:
        return withheld_same_account(case, granted, layer)
    if not granted:
        return layer  # rules 6 and 8: evaluation-logic-cross-account
    return identity_side(case, resource_grants=False)


def decide(world: Doc, request: Doc, reading: Reading = CHOSEN) -> Outcome:
    """The verdict on one fully specified request: evaluation-logic_policy-eval-denyallow."""
    case = build_case(world, request, reading)
    by = next(iter(explicit_denies(case)), "")
    if by:
        return Outcome(False, by, f"a Deny of the {by} policies applies")
    by = withheld(case)
    if by:
        return Outcome(False, f"implicit:{by}", f"no Allow of the {by} policies applies")
    return Outcome(True, "", "allowed")


def missing_documents(world: Doc, request: Doc) -> bool:
    """Rule 22: a policy or boundary the caller carries but whose document is not in the world."""
    case = build_case(world, request, CHOSEN)
    detail = case.who.detail
    if detail is None:
        return False
    carriers = [detail]
    carriers += groups_of(detail, case)
    arns = [p["PolicyArn"] for c in carriers for p in c.get("AttachedManagedPolicies", [])]
    if has_boundary(case):
        arns.append(detail["PermissionsBoundary"]["PermissionsBoundaryArn"])
    return any(managed(arn, case) is None for arn in arns)


def decidable(
    world: Doc, request: Doc, reading: Reading = CHOSEN, open_points: str = ""
) -> tuple[Outcome | None, str]:
    """The outcome, or None and the open points of AWS's text (or of the data) it hangs on.

    Points whose name starts with `open_points`, if that is given, are left as `reading` has them.
    """
    chosen = decide(world, request, reading)
    why = [
        name
        for name, change in CHANGES
        if not (open_points and name.startswith(open_points))
        and decide(world, request, replace(reading, **change)).allowed != chosen.allowed
    ]
    if missing_documents(world, request):
        why.append("a policy document is not in the world")
    return (None, ", ".join(why)) if why else (chosen, "")


def contexts(request: Doc, unknown: dict[str, list[Any]]) -> Iterable[Doc]:
    """The request under every combination of values of the unknown keys; None is absent."""
    keys = list(unknown)
    lowered = {key.lower() for key in keys}
    kept = {k: v for k, v in request["context"].items() if k.lower() not in lowered}
    for values in itertools.product(*(unknown[key] for key in keys)):
        chosen = {
            key: as_list(value) if value is not None else []
            for key, value in zip(keys, values, strict=True)
        }
        yield {**request, "context": {**kept, **chosen}}


def possible(
    world: Doc, request: Doc, unknown: dict[str, list[Any]], reading: Reading = CHOSEN
) -> str:
    """always, sometimes or never allowed, by trying every combination of the unknown keys."""
    verdicts = {decide(world, each, reading).allowed for each in contexts(request, unknown)}
    if verdicts == {True}:
        return "always"
    return "never" if verdicts == {False} else "sometimes"


def possible_decidable(
    world: Doc, request: Doc, unknown: dict[str, list[Any]]
) -> tuple[str | None, str]:
    """`possible`, or None and why: some combination hangs on an open point. Slow; ask it last."""
    chosen = possible(world, request, unknown)
    why = [
        name
        for name, reading in OTHER_READINGS
        if possible(world, request, unknown, reading) != chosen
    ]
    if missing_documents(world, request):
        why.append("a policy document is not in the world")
    return (None, ", ".join(why)) if why else (chosen, "")


# ---------------------------------------------------------------- reading world and request


def is_service_linked(role_arn: str) -> bool:
    """using-service-linked-roles: their path begins with /aws-service-role/."""
    return ":role/aws-service-role/" in role_arn


def find(details: list[Doc], key: str, value: str) -> Doc | None:
    return next((detail for detail in details if detail[key] == value), None)


def who_is(world: Doc, principal: str) -> Who:
    """Rules 41 and 42: reference_identifiers and reference_policies_elements_principal."""
    if principal == "anonymous":
        return Who("anonymous")
    if principal.startswith("service:"):
        return Who("service", service=principal.removeprefix("service:"))
    account, name = principal.split(":", 5)[4:]
    data = world["accounts"].get(account, {})
    users, roles = data.get("UserDetailList", []), data.get("RoleDetailList", [])
    if name == "root":
        return Who("root", account, principal)
    if name.startswith("user/"):
        return Who("user", account, principal, detail=find(users, "Arn", principal))
    if name.startswith("role/"):
        detail = find(roles, "Arn", principal)
        linked = is_service_linked(principal)
        return Who("role", account, principal, detail=detail, service_linked=linked)
    kind, short, *session = name.split("/")
    if kind == "federated-user":
        detail = find(users, "UserName", short)
        return Who("federated", account, principal, principal, short, detail=detail)
    detail = find(roles, "RoleName", short)
    arn = detail["Arn"] if detail else f"arn:aws:iam::{account}:role/{short}"
    linked = is_service_linked(arn)
    return Who("role", account, arn, principal, session[0], "", detail, linked)


def target_of(world: Doc, arn: str) -> Target:
    """Rule 7: whose the resource is comes from the world; an object is its bucket's."""
    if arn == "*":
        return Target(arn, "", "none", None, {}, known=True)
    for resource in world["resources"]:
        of_bucket = resource["kind"] == "s3-bucket" and arn.startswith(resource["arn"] + "/")
        if arn == resource["arn"] or of_bucket:
            tags = {} if of_bucket else resource["tags"]
            return Target(
                arn, resource["account"], resource["kind"], resource["policy"], tags, known=True
            )
    service, _, account, name = arn.split(":", 5)[2:]
    if service == "iam":
        return iam_target(world, arn, account, name)
    kind = "kms-key" if service == "kms" and name.startswith("key/") else "other"
    return Target(arn, account, kind, None, {}, known=False)


def iam_target(world: Doc, arn: str, account: str, name: str) -> Target:
    """A role with its trust policy, or another IAM resource, which has no policy at all."""
    data = world["accounts"].get(account)
    role = name.startswith("role/")
    details = (data or {}).get("RoleDetailList" if role else "UserDetailList", [])
    detail = find(details, "Arn", arn) or {}
    tags = {tag["Key"]: tag["Value"] for tag in detail.get("Tags", [])}
    policy = detail.get("AssumeRolePolicyDocument")
    kind = "role" if role else "user"
    return Target(arn, account, kind, policy, tags, known=data is not None or not role)


def organization_keys(world: Doc, account: str, prefix: str) -> dict[str, list[str]]:
    """Rule 62: reference_policies_condition-keys: only for an account in an organization."""
    path = levels(world, account)
    if not path:
        return {}
    identifier = world["organization"]["id"]
    route = "/".join([identifier, *reversed(path[1:])]) + "/"
    return {f"aws:{prefix}OrgID": [identifier], f"aws:{prefix}OrgPaths": [route]}


def principal_keys(world: Doc, who: Who, reading: Reading) -> dict[str, list[str]]:
    """Rule 62: reference_policies_condition-keys and the principal table of _variables."""
    if who.kind == "service":
        return {"aws:PrincipalIsAWSService": ["true"]}
    if who.kind == "anonymous":
        return {
            "aws:PrincipalType": ["Anonymous"],
            "aws:PrincipalAccount": ["anonymous"],
            "aws:userid": ["anonymous"],
        }
    keys = {
        "aws:PrincipalArn": [who.arn],
        "aws:PrincipalAccount": [who.account],
        "aws:PrincipalIsAWSService": ["false"],
        **organization_keys(world, who.account, "Principal"),
    }
    detail = who.detail or {}
    if who.kind != "federated":
        for tag in detail.get("Tags", []):
            keys[f"aws:PrincipalTag/{tag['Key']}"] = [tag["Value"]]
    keys["aws:PrincipalType"] = [
        {"user": "User", "role": "AssumedRole", "federated": "FederatedUser", "root": "Account"}[
            who.kind
        ]
    ]
    keys.update(id_keys(who, detail, reading))
    return keys


def id_keys(who: Who, detail: Doc, reading: Reading) -> dict[str, list[str]]:
    """aws:username is of IAM users only; aws:userid by kind (reference_policies_variables)."""
    if who.kind == "root":
        return {"aws:userid": [who.account]}
    if who.kind == "federated":
        return {"aws:userid": [f"{who.account}:{who.session_name}"]}
    if who.kind == "user":
        name = who.arn.rsplit("/", 1)[1]
        found = {"aws:username": [name]}
        return {**found, "aws:userid": [detail["UserId"]]} if detail else found
    if detail and (who.session_name or reading.bare_role_has_user_id):
        return {"aws:userid": [f"{detail['RoleId']}:{who.session_name}"]}
    return {}


def resource_keys(world: Doc, who: Who, target: Target, reading: Reading) -> dict[str, list[str]]:
    """Rule 62: aws:ResourceAccount, ResourceOrgID, ResourceOrgPaths and ResourceTag/*."""
    account = target.account
    if target.kind == "none" and not reading.star_resource_has_no_account:
        account = who.account
    keys = {f"aws:ResourceTag/{key}": [value] for key, value in target.tags.items()}
    if account:
        keys["aws:ResourceAccount"] = [account]
        keys.update(organization_keys(world, account, "Resource"))
    return keys


def build_case(world: Doc, request: Doc, reading: Reading) -> Case:
    """The request context: derived keys, then those given, which win; an empty list is absent."""
    who = who_is(world, request["principal"])
    target = target_of(world, request["resource"])
    if target.kind == "none" and request["action"].lower() in EVERYTHING:
        target = replace(target, arn=EVERYTHING[request["action"].lower()])
    if target.kind == "role" and not request["action"].lower().startswith("sts:"):
        target = replace(target, policy=None, known=True)  # a trust policy speaks of sts only
    keys = principal_keys(world, who, reading)
    keys.update(resource_keys(world, who, target, reading))
    if who.account and request["action"].lower().startswith("kms:"):
        keys["kms:CallerAccount"] = [who.account]
    context = {key.lower(): values for key, values in keys.items()}
    for key, values in request["context"].items():
        context[key.lower()] = [text_of(value) for value in as_list(values)]
    return Case(
        world, request["action"], who, target, request.get("session_policies", []), context, reading
    )
