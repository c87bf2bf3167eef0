"""Writing the layout of ``mapper import raw``: one file per call, as the AWS CLI prints it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

MEMBERS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class RecordedCalls:
    """A directory ``<account>/<place>/<service>.<operation>[.<id>].json`` in the making."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(
        self, account: str, place: str, call: str, answer: Mapping[str, Any], subject: str = ""
    ) -> None:
        """File one answer; ``call`` is ``service.operation``, ``place`` a region or ``global``."""
        name = f"{call}.{quote(subject, safe='')}.json" if subject else f"{call}.json"
        path = self._root / account / place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(answer, indent=1, sort_keys=True), encoding="utf-8")

    def error(self, account: str, place: str, call: str, code: str, subject: str = "") -> None:
        """File what AWS answers where there is nothing."""
        error = {"Error": {"Code": code, "Message": "recorded from a description of the account"}}
        self.add(account, place, call, error, subject)

    def account_details(self, account: str, details: Mapping[str, Sequence[Any]]) -> None:
        """File account details, and the instance profiles that their roles name."""
        held = {member: list(details.get(member) or ()) for member in MEMBERS}
        answer = {**held, "IsTruncated": False}
        self.add(account, "global", "iam.get_account_authorization_details", answer)
        profiles = {
            profile["Arn"]: profile
            for role in held["RoleDetailList"]
            for profile in role.get("InstanceProfileList") or ()
        }
        listed = {"InstanceProfiles": list(profiles.values()), "IsTruncated": False}
        self.add(account, "global", "iam.list_instance_profiles", listed)

    def buckets(self, account: str, policies: Mapping[str, Any]) -> None:
        """File an account's buckets by name, each with its policy or ``None``."""
        listed = {"Buckets": [{"Name": name} for name in policies]}
        self.add(account, "global", "s3.list_buckets", listed)
        for name, policy in policies.items():
            self.add(account, "global", "s3.get_bucket_location", {"LocationConstraint": ""}, name)
            if policy is None:
                call = "s3.get_bucket_policy"
                self.error(account, "global", call, "NoSuchBucketPolicy", name)
            else:
                answer = {"Policy": json.dumps(policy)}
                self.add(account, "global", "s3.get_bucket_policy", answer, name)

    def functions(
        self,
        account: str,
        region: str,
        rows: Sequence[Mapping[str, Any]],
        policies: Mapping[str, Any],
    ) -> None:
        """File a region's functions (rows of ``list_functions``), with their policies by name."""
        self.add(account, region, "lambda.list_functions", {"Functions": list(rows)})
        for row in rows:
            name = row["FunctionName"]
            policy = policies.get(name)
            if policy is None:
                call = "lambda.get_policy"
                self.error(account, region, call, "ResourceNotFoundException", name)
            else:
                answer = {"Policy": json.dumps(policy)}
                self.add(account, region, "lambda.get_policy", answer, name)
            urls: dict[str, Any] = {"FunctionUrlConfigs": []}
            self.add(account, region, "lambda.list_function_url_configs", urls, name)
            self.add(account, region, "lambda.list_aliases", {"Aliases": []}, name)
