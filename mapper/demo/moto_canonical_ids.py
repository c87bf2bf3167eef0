"""Canonical user ids as AWS has them: one for each account, where moto has one for all.

With one for all, the owner's own grant in a bucket's ACL reads as everybody's.
https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
"""

from __future__ import annotations

import functools
import hashlib
import importlib
from typing import Any


def apply() -> None:
    """Let the bucket ACLs of each account name its own id where moto names the one of all."""
    of_all: str = importlib.import_module("moto.s3.models").OWNER
    responses = importlib.import_module("moto.s3.responses").S3Response
    answered = responses.get_bucket_acl

    @functools.wraps(answered)
    def get_bucket_acl(response: Any) -> Any:
        status, headers, body = answered(response)
        return status, headers, body.replace(of_all, _id_of(response.current_account))

    responses.get_bucket_acl = get_bucket_acl


def _id_of(account: str) -> str:
    return hashlib.sha256(f"canonical user of {account}".encode()).hexdigest()
