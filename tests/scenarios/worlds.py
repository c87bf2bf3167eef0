"""Accounts as the AWS CLI prints them, on their way through ``mapper import raw``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collector.declare import Scope
from collector.recording import subject_name
from collector.services import TYPES

Json = dict[str, Any]
REGION = "eu-west-1"
DAY = "2026-03-01T09:00:00+00:00"
FULL: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_AWS_POLICIES = {"AdministratorAccess": FULL}
_LISTED = [
    "agentcore",
    "apprunner",
    "autoscaling",
    "batch",
    "cloudformation",
    "codebuild",
    "cognito",
    "dynamodb",
    "ec2:instance",
    "ec2:launch-template",
    "ecs",
    "eks",
    "glue",
    "iam",
    "kms",
    "lambda",
    "s3",
    "sagemaker",
    "scheduler",
    "secretsmanager",
    "sqs",
    "sns",
    "ssm:managed-instance",
    "stepfunctions",
]


def doc(*statements: Json, version: str = "2012-10-17") -> Json:
    return {"Version": version, "Statement": list(statements)}


def allow(action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: Any) -> Json:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal: Any, action: str | Sequence[str] = "sts:AssumeRole", **more: Any) -> Json:
    """A statement of a trust policy; a name with a dot and no colon is a service."""
    if isinstance(principal, str) and principal != "*":
        kind = "AWS" if ":" in principal else "Service"
        principal = {kind: principal}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def may(principal: Any, action: str | Sequence[str], resource: Any = "*", **more: Any) -> Json:
    """A statement of a resource's policy."""
    held = principal if isinstance(principal, dict) or principal == "*" else {"AWS": principal}
    return {"Effect": "Allow", "Principal": held, "Action": action, "Resource": resource, **more}


@dataclass
class Account:
    """One account: everything that its describing calls answer."""

    number: str
    details: dict[str, list[Json]] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    lists: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    @property
    def node(self) -> str:
        return f"account:{self.number}"

    @property
    def root(self) -> str:
        return f"arn:aws:iam::{self.number}:root"

    def iam(self, kind: str, name: str) -> str:
        return f"arn:aws:iam::{self.number}:{kind}/{name}"

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self.number}:{rest}"

    # What is recorded ------------------------------------------------------------------------

    def answer(self, call: str, value: Json, subject: str = "", place: str = REGION) -> None:
        """``call`` is boto3's ``service.operation``."""
        self.answers[place, call, subject] = value

    def absent(self, call: str, code: str, subject: str = "", place: str = REGION) -> None:
        self.answer(call, {"Error": {"Code": code, "Message": "not there"}}, subject, place)

    def listed(self, call: str, member: str, item: Any) -> None:
        self.lists.setdefault((call, member), []).append(item)

    # Identities ------------------------------------------------------------------------------

    def _identity(self, kind: str, name: str, path: str, statements: Sequence[Json]) -> Json:
        title = kind.title()
        own = [{"PolicyName": "own", "PolicyDocument": doc(*statements)}] if statements else []
        return {
            "Arn": f"arn:aws:iam::{self.number}:{kind}{path}{name}",
            f"{title}Name": name,
            f"{title}Id": f"AAAA{len(self.details.get(kind, ())):04}{self.number}",
            "Path": path,
            "CreateDate": DAY,
            f"{title}PolicyList": own,
            "AttachedManagedPolicies": [],
        }

    def _attach(self, item: Json, more: Mapping[str, Any]) -> None:
        for arn in more.get("managed", ()):
            name = arn.rpartition("/")[2]
            item["AttachedManagedPolicies"].append({"PolicyName": name, "PolicyArn": arn})
            if arn.startswith("arn:aws:iam::aws:"):
                self._aws_policy(name)
        if boundary := more.get("boundary"):
            held = {"PermissionsBoundaryArn": boundary, "PermissionsBoundaryType": "Policy"}
            item["PermissionsBoundary"] = held
        tags = more.get("tags", {})
        item["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]

    def _aws_policy(self, name: str) -> None:
        held = self.details.setdefault("policy", [])
        if not any(one["PolicyName"] == name for one in held):
            arn = f"arn:aws:iam::aws:policy/{name}"
            held.append(_policy_item(arn, name, "/", [doc(_AWS_POLICIES[name])], 1))

    def user(
        self,
        name: str,
        *statements: Json,
        path: str = "/",
        groups: Sequence[str] = (),
        keys: Sequence[str] = (),
        login: bool = False,
        mfa: bool = False,
        **more: Any,
    ) -> str:
        """A user.

        Args:
            name: of it.
            statements: of its inline policy.
            path: of its ARN.
            groups: names.
            keys: status of each access key.
            login: whether it has a password.
            mfa: whether it has an MFA device.
            more: ``managed`` (ARNs), ``boundary`` (ARN), ``tags``.
        """
        item = self._identity("user", name, path, statements) | {"GroupList": list(groups)}
        self._attach(item, more)
        self.details.setdefault("user", []).append(item)
        held = [
            {"UserName": name, "AccessKeyId": f"AKIA{n}{self.number}ABC", "Status": status}
            for n, status in enumerate(keys)
        ]
        self.answer("iam.list_access_keys", {"AccessKeyMetadata": held}, name, "global")
        for key in held:
            used = {"UserName": name, "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
            subject = key["AccessKeyId"]
            self.answer("iam.get_access_key_last_used", used, subject, "global")
        serial = [{"UserName": name, "SerialNumber": self.iam("mfa", name), "EnableDate": DAY}]
        self.answer("iam.list_mfa_devices", {"MFADevices": serial if mfa else []}, name, "global")
        if login:
            profile = {"LoginProfile": {"UserName": name, "CreateDate": DAY}}
            self.answer("iam.get_login_profile", profile, name, "global")
        else:
            self.absent("iam.get_login_profile", "NoSuchEntity", name, "global")
        for call, member in (
            ("list_signing_certificates", "Certificates"),
            ("list_ssh_public_keys", "SSHPublicKeys"),
            ("list_service_specific_credentials", "ServiceSpecificCredentials"),
        ):
            self.answer(f"iam.{call}", {member: []}, name, "global")
        return str(item["Arn"])

    def group(self, name: str, *statements: Json, path: str = "/", **more: Any) -> str:
        item = self._identity("group", name, path, statements)
        self._attach(item, more)
        del item["Tags"]
        self.details.setdefault("group", []).append(item)
        return str(item["Arn"])

    def role(self, name: str, trusts: Json | Sequence[Json], *statements: Json, **more: Any) -> str:
        """A role; ``profile=True`` puts it into an instance profile of its name."""
        path = more.get("path", "/")
        item = self._identity("role", name, path, statements)
        self._attach(item, more)
        given = [trusts] if isinstance(trusts, dict) else trusts
        item["AssumeRolePolicyDocument"] = doc(*given)
        item["InstanceProfileList"] = []
        if more.get("profile"):
            held = {"Arn": item["Arn"], "RoleName": name, "RoleId": item["RoleId"], "Path": path}
            profile = {
                "Arn": self.iam("instance-profile", name),
                "InstanceProfileName": name,
                "InstanceProfileId": f"AIPA{name}",
                "Path": "/",
                "Roles": [held],
            }
            item["InstanceProfileList"] = [profile]
            self.listed("iam.list_instance_profiles", "InstanceProfiles", profile)
        self.details.setdefault("role", []).append(item)
        return str(item["Arn"])

    def admin(self, name: str, *trusts: Json, **more: Any) -> str:
        """A role with AdministratorAccess."""
        return self.role(name, list(trusts), managed=[ADMINISTRATOR], **more)

    def policy(self, name: str, *statements: Json, path: str = "/", **more: Any) -> str:
        """A managed policy of the account; ``older`` are statements of earlier versions."""
        arn = f"arn:aws:iam::{self.number}:policy{path}{name}"
        versions = [*(doc(*one) for one in more.get("older", ())), doc(*statements)]
        item = _policy_item(arn, name, path, versions, len(versions))
        self.details.setdefault("policy", []).append(item)
        return arn

    # Writing ---------------------------------------------------------------------------------

    def write(self, root: Path) -> None:
        folder = root / self.number
        held = dict(self.answers)
        for (call, member), items in self.lists.items():
            place = "global" if call.split(".")[0] in ("iam", "s3") else REGION
            held[place, call, ""] = {member: items}
        for place, call, member in _empty_lists():
            held.setdefault((place, call, ""), {member: []})
        details = {
            f"{kind.title()}DetailList": self.details.get(kind, [])
            for kind in ("user", "group", "role")
        }
        details["Policies"] = self.details.get("policy", [])
        given = {**details, "IsTruncated": False}
        held["global", "iam.get_account_authorization_details", ""] = given
        for (place, call, subject), value in held.items():
            name = f"{call}.{subject_name(subject)}.json" if subject else f"{call}.json"
            path = folder / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value), encoding="utf-8")


def _policy_item(arn: str, name: str, path: str, versions: list[Json], default: int) -> Json:
    listed = [
        {
            "VersionId": f"v{number}",
            "Document": document,
            "IsDefaultVersion": number == default,
            "CreateDate": DAY,
        }
        for number, document in enumerate(versions, 1)
    ]
    return {
        "Arn": arn,
        "PolicyName": name,
        "PolicyId": f"ANPA{name}",
        "Path": path,
        "DefaultVersionId": f"v{default}",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "PolicyVersionList": listed,
    }


def _empty_lists() -> list[tuple[str, str, str]]:
    """Place, call and member of what is listed, and empty where nothing was put."""
    return [
        ("global" if declared.scope is Scope.GLOBAL else REGION, f"{declared.client}.{call}", top)
        for name, declared in TYPES.items()
        if name in _LISTED or name.partition(":")[0] in _LISTED
        if declared.scope in (Scope.GLOBAL, Scope.REGIONAL) and not declared.listed_for
        for call, top in {
            (one.operation, one.result.partition("[")[0].partition(".")[0])
            for one in declared.lists
        }
        if call != "get_account_authorization_details"
    ]


@dataclass
class Estate:
    """Accounts that are imported together."""

    accounts: dict[str, Account] = field(default_factory=dict)

    def account(self, number: str) -> Account:
        return self.accounts.setdefault(number, Account(number))

    def write(self, root: Path) -> None:
        for account in self.accounts.values():
            account.write(root)
