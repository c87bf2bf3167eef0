"""Whose an S3 canonical user id is, as far as the snapshot says.

* an account's id, which stands for the account: it owns the account's buckets
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html
* an origin access identity of CloudFront, in an account's distributions
  https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from collector.snapshot import Snapshot
from graph.iam.s3_from_snapshot import members
from graph.judgement import Judgement

_IDENTITY = "user/CloudFront Origin Access Identity "


class CanonicalUsers:
    """Accounts of canonical user ids."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._accounts: dict[str, set[str]] = {}
        for item in snapshot.items("s3:bucket"):
            owner = members(item.call("get_bucket_acl"), "Owner").get("ID")
            if owner:
                self._accounts.setdefault(str(owner), set()).add(item.account_id)
        self._identities: dict[str, str] = {}
        for item in snapshot.items("cloudfront:origin-access-identity"):
            for name in ("Id", "S3CanonicalUserId"):
                if item.item.get(name):
                    self._identities[str(item.item[name])] = item.account_id

    def named(self, found: Iterable[Judgement], owner: str) -> Iterator[Judgement]:
        """Judgements of a bucket with its canonical users as accounts, those of its owner left out.

        Args:
            found: the judgements.
            owner: the bucket's account.
        """
        for one in found:
            kind, _, user = one.source.partition(":")
            if kind != "canonical":
                yield one
            elif (account := self._account(user)) is not None:
                if account != owner:
                    yield replace(one, source=f"account:{account}")
            elif self._identities.get(user.rpartition(_IDENTITY)[2]) != owner:
                yield one

    def _account(self, user: str) -> str | None:
        """The one account that owns buckets by this id."""
        accounts = self._accounts.get(user, set())
        return next(iter(accounts)) if len(accounts) == 1 else None
