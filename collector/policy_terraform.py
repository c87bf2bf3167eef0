"""The assessor's role in Terraform's language.

https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.policy_documents import Document, reading_policies
from collector.policy_templates import (
    SESSION_SECONDS,
    AssessorRole,
    one_account,
    policy_name,
    trust_policy,
)

_BEGINNING = "arn:${data.aws_partition.current.partition}:"
_HEAD = (
    "terraform {\n"
    "  required_providers {\n"
    "    aws = {\n"
    '      source = "hashicorp/aws"\n'
    "    }\n"
    "  }\n"
    "}\n\n"
    'data "aws_partition" "current" {}\n'
)


@dataclass(frozen=True, slots=True)
class Expression:
    """Text that stands as it is: a reference, a call."""

    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A block inside a block."""

    body: Mapping[str, Any]


def terraform(role: AssessorRole) -> str:
    """A configuration that makes the role in one account."""
    return "\n".join([_HEAD, *_variables(role), *_role(role), _output("aws_iam_role.mapper.arn")])


def terraform_stack_set(role: AssessorRole) -> str:
    """A configuration for the management account that makes the role in every account.

    A service-managed StackSet never reaches the management account, so the role is made there
    directly.
    """
    template = json.dumps(one_account(role), indent=2)
    stack_set = _block(
        "resource",
        ("aws_cloudformation_stack_set", "mapper"),
        {
            "name": role.name,
            "description": role.description,
            "permission_model": "SERVICE_MANAGED",
            "call_as": Expression("var.call_as"),
            "capabilities": ["CAPABILITY_NAMED_IAM"],
            "parameters": {
                "TrustedAccountId": Expression("var.trusted_account_id"),
                "ExternalId": Expression("var.external_id"),
            },
            "auto_deployment": Block({"enabled": True, "retain_stacks_on_account_removal": False}),
            "operation_preferences": Block(
                {"max_concurrent_percentage": 100, "failure_tolerance_percentage": 100}
            ),
            # AWS fills it in for service-managed sets, and each plan would want it gone.
            "lifecycle": Block({"ignore_changes": [Expression("administration_role_arn")]}),
            "template_body": Expression(f"<<-TEMPLATE\n{_escaped(template)}\nTEMPLATE"),
        },
    )
    instance = _block(
        "resource",
        ("aws_cloudformation_stack_set_instance", "mapper"),
        {
            "stack_set_name": Expression("aws_cloudformation_stack_set.mapper.name"),
            "call_as": Expression("var.call_as"),
            "deployment_targets": Block(
                {"organizational_unit_ids": [Expression("var.organization_root_id")]}
            ),
        },
    )
    further = [
        _variable("organization_root_id", "The organisation's root (r-...) or one unit (ou-...)."),
        _variable("call_as", "SELF in the management account, else DELEGATED_ADMIN.", "SELF"),
    ]
    here = Expression('var.call_as == "SELF" ? 1 : 0')
    parts = [_HEAD, *_variables(role), *further, *_role(role, here), stack_set, instance]
    return "\n".join(parts)


def _variables(role: AssessorRole) -> list[str]:
    return [
        _variable("trusted_account_id", "The assessor's account.", role.trusted_account),
        _variable("external_id", "What the assessor has to give to enter.", role.external_id),
    ]


def _variable(name: str, description: str, default: str | None = None) -> str:
    body: dict[str, Any] = {"description": description, "type": Expression("string")}
    return _block("variable", (name,), body | ({} if default is None else {"default": default}))


def _output(value: str) -> str:
    return _block("output", ("role_arn",), {"value": Expression(value)})


def _role(role: AssessorRole, count: Expression | None = None) -> list[str]:
    counted = {} if count is None else {"count": count}
    role_name = Expression("aws_iam_role.mapper" + ("[0]" if count else "") + ".name")
    trust = trust_policy(
        "arn:${data.aws_partition.current.partition}:iam::${var.trusted_account_id}:root",
        Expression("var.external_id"),
    )
    found = [
        _block(
            "resource",
            ("aws_iam_role", "mapper"),
            {
                **counted,
                "name": role.name,
                "description": role.description,
                "max_session_duration": SESSION_SECONDS,
                "assume_role_policy": _encoded(trust),
            },
        )
    ]
    for policy in reading_policies():
        label = re.sub("(?<=[a-z])(?=[A-Z])", "_", policy.name).lower()
        found.append(_attachment(label, role_name, policy.arn(_BEGINNING), counted))
    inline = role.inline(_BEGINNING)
    for number, document in enumerate(inline, 1):
        body = {
            **counted,
            "name": policy_name(role, number),
            "role": role_name,
            "policy": _encoded(document),
        }
        found.append(_block("resource", ("aws_iam_role_policy", f"reads_{number}"), body))
    for number, document in enumerate([] if inline else role.managed(_BEGINNING), 1):
        name = f"reads_{number}"
        body = {**counted, "name": policy_name(role, number), "policy": _encoded(document)}
        found.append(_block("resource", ("aws_iam_policy", name), body))
        arn = Expression(f"aws_iam_policy.{name}" + ("[0]" if count else "") + ".arn")
        found.append(_attachment(name, role_name, arn, counted))
    return found


def _attachment(name: str, role: Expression, arn: Any, counted: Mapping[str, Any]) -> str:
    body = {**counted, "role": role, "policy_arn": arn}
    return _block("resource", ("aws_iam_role_policy_attachment", name), body)


# Writing the language


def _encoded(document: Document) -> Expression:
    return Expression(f"jsonencode({_value(document, 1)})")


def _block(kind: str, labels: tuple[str, ...], body: Mapping[str, Any]) -> str:
    head = " ".join([kind, *(json.dumps(label) for label in labels)])
    return f"{head} {{\n{_members(body, 1)}}}\n"


def _members(body: Mapping[str, Any], depth: int) -> str:
    indent = "  " * depth
    lines = []
    for name, value in _aligned(body, depth):
        if isinstance(value, Block):
            lines.append(
                f"{indent}{name.strip()} {{\n{_members(value.body, depth + 1)}{indent}}}\n"
            )
        else:
            lines.append(f"{indent}{name} = {_value(value, depth)}\n")
    return "".join(lines)


def _value(value: Any, depth: int) -> str:
    """A value as an expression. ``${`` in a text is Terraform's own: only ours may hold it."""
    indent = "  " * depth
    match value:
        case Expression(text):
            return text
        case Mapping():
            quoted = {json.dumps(str(name)): inner for name, inner in value.items()}
            lines = [
                f"{indent}  {name} = {_value(inner, depth + 1)}\n"
                for name, inner in _aligned(quoted, depth + 1)
            ]
            return f"{{\n{''.join(lines)}{indent}}}"
        case list():
            lines = [f"{indent}  {_value(inner, depth + 1)},\n" for inner in value]
            return f"[\n{''.join(lines)}{indent}]" if value else "[]"
    return json.dumps(value)


def _aligned(body: Mapping[str, Any], depth: int) -> list[tuple[str, Any]]:
    """The names, filled up as ``terraform fmt`` does: to the longest of those that stand together.

    What takes several lines ends such a run.
    """
    found: list[tuple[str, Any]] = []
    run: list[tuple[str, Any]] = []

    def end() -> None:
        longest = max((len(name) for name, _ in run), default=0)
        found.extend((name.ljust(longest), value) for name, value in run)
        run.clear()

    for name, value in body.items():
        if isinstance(value, Block) or "\n" in _value(value, depth):
            end()
            found.append((name, value))
        else:
            run.append((name, value))
    end()
    return found


def _escaped(text: str) -> str:
    """A text in which Terraform finds nothing to fill in."""
    return text.replace("${", "$${").replace("%{", "%%{")
