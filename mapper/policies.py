"""Printing what to ask for: policies, and a role for an assessor in another account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mapper.errors import WrongUsageError
from mapper.output.write import write_text

if TYPE_CHECKING:
    from collector.policy_documents import Document
    from collector.policy_templates import AssessorRole
    from collector.request import CollectRequest
    from mapper.options import Asked


def print_policies(asked: Asked, request: CollectRequest, delta: bool) -> None:
    """Print the smallest policies, or what AWS's own lack.

    One is printed as it is; several as an object of ``part 1`` to ``part n``, and with ``-o`` each
    into a file of its own.
    """
    from collector.policy_documents import (
        ATTACHED_LIMIT,
        MANAGED_LIMIT,
        documents,
        lacking,
        needed_permissions,
        reading_policies,
        size_of,
    )

    wanted = needed_permissions(request)
    if delta:
        wanted = lacking(wanted, [policy.document for policy in reading_policies()])
    made = documents(wanted)
    if not made:
        asked.say("SecurityAudit and ViewOnlyAccess allow everything that is asked for.")
        return
    _write_documents(asked, made)
    actions = len({permission.action for permission in wanted})
    sizes = ", ".join(str(size_of(document)) for document in made)
    asked.say(
        f"{actions} action{'s' * (actions != 1)} in {len(made)} "
        f"{'policy' if len(made) == 1 else 'policies'} of {sizes} characters (a managed policy "
        f"has room for {MANAGED_LIMIT}, white space not counted; a role may have "
        f"{ATTACHED_LIMIT} of them unless its quota was raised)."
    )
    if delta:
        known = ", ".join(f"{p.name} of {p.updated}" for p in reading_policies())
        asked.say(f"This is what these lack: {known}. Attach it beside them.")


def _write_documents(asked: Asked, made: Sequence[Document]) -> None:
    if len(made) == 1:
        write_text(json.dumps(made[0], indent=2) + "\n", asked.output)
    elif asked.output is None:
        parts = {f"part {number}": document for number, document in enumerate(made, 1)}
        write_text(json.dumps(parts, indent=2) + "\n", asked.output)
    else:
        for number, document in enumerate(made, 1):
            path = _numbered(asked.output, number)
            write_text(json.dumps(document, indent=2) + "\n", path)
            asked.say(f"Part {number} of {len(made)}: {path}")


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def print_template(
    asked: Asked, request: CollectRequest, language: str, trusted: str | None, stack_set: bool
) -> None:
    """Print a template of the assessor's role.

    Raises:
        WrongUsageError: IAM would not take what is asked for.
    """
    from collector.policy_documents import needed_permissions
    from collector.policy_templates import ROLE_NAME, TemplateError, assessor_role

    if trusted is None:
        raise WrongUsageError("--template needs --trusted-account ID: the account you ask from.")
    if len(request.role_names) > 1:
        raise WrongUsageError("--template makes one role: give one --role.")
    try:
        role = assessor_role(
            needed_permissions(request),
            trusted,
            request.external_id,
            next(iter(request.role_names), ROLE_NAME),
        )
        text = _template(role, language, stack_set)
    except TemplateError as problem:
        raise WrongUsageError(str(problem)) from None
    write_text(text, asked.output)
    if request.external_id is None:
        # It has to be known later: -q does not silence it.
        _tell(f"ExternalId (made just now; keep it): {role.external_id}")
    for note in _how_to_use(role, language, stack_set, asked.output):
        asked.say(note)


def _template(role: AssessorRole, language: str, stack_set: bool) -> str:
    from collector import policy_templates, policy_terraform

    if language == "terraform":
        make = policy_terraform.terraform_stack_set if stack_set else policy_terraform.terraform
    else:
        make = (
            policy_templates.cloudformation_stack_set
            if stack_set
            else policy_templates.cloudformation
        )
    return make(role)


def _how_to_use(
    role: AssessorRole, language: str, stack_set: bool, path: Path | None
) -> Iterable[str]:
    where = "in the management account" if stack_set else "in the account to be read"
    root = " OrganizationRootId=r-..." if stack_set else ""
    if language == "terraform":
        yield f"Apply it {where}" + (" (variable organization_root_id)." if stack_set else ".")
    else:
        yield (
            f"Deploy it {where}: aws cloudformation deploy --stack-name {role.name} "
            f"--template-file {path or 'FILE'} --capabilities CAPABILITY_NAMED_IAM"
            + (f" --parameter-overrides{root}" if root else "")
        )
    which = "--org" if stack_set else "--account ID"
    yield f"Then: mapper collect {which} --role {role.name} --external-id {role.external_id}"


def _tell(text: str) -> None:
    import click

    click.echo(text, err=True)
