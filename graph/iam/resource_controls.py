"""What stands beside resource policies: plain values of S3, KMS, RAM and VPC endpoints."""

from __future__ import annotations

from dataclasses import dataclass

ALL_USERS = "all-users"
AUTHENTICATED_USERS = "authenticated-users"
LOG_DELIVERY = "log-delivery"


@dataclass(frozen=True, slots=True)
class PublicAccessBlock:
    """The two settings of Block Public Access that act on calls; the others stop changes.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """

    ignore_public_acls: bool = False
    restrict_public_buckets: bool = False


@dataclass(frozen=True, slots=True)
class AclGrant:
    """One line of an ACL.

    ``grantee``: a canonical user id, or :data:`ALL_USERS`, :data:`AUTHENTICATED_USERS`,
    :data:`LOG_DELIVERY`. ``permission``: ``READ``, ``WRITE``, ``READ_ACP``, ``WRITE_ACP``,
    ``FULL_CONTROL``.
    """

    grantee: str
    permission: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket's own settings; ``None`` for one that was not read.

    Attributes:
        acls_enabled: ``False`` under Object Ownership ``BucketOwnerEnforced``.
        acl: the lines of its ACL.
        block: its own Block Public Access; the account's stands in the world.
        called_public: S3's own word on its policy (``GetBucketPolicyStatus``).
    """

    acls_enabled: bool | None = None
    acl: tuple[AclGrant, ...] | None = None
    block: PublicAccessBlock | None = None
    called_public: bool | None = None


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """An S3 access point; its policy stands among the world's resource policies, by its ARN.

    Attributes:
        bucket: ARN of the bucket behind it.
        bucket_account: its owner; empty if that is not known.
        vpc: the one VPC that it serves; empty for any network origin.
        block: its own Block Public Access; ``None`` if it was not read.
        called_public: S3's own word on its policy, if read.
        others: the further buckets of a Multi-Region access point, each with its owner.
    """

    bucket: str
    bucket_account: str = ""
    vpc: str = ""
    block: PublicAccessBlock | None = None
    called_public: bool | None = None
    others: tuple[tuple[str, str], ...] = ()

    @property
    def buckets(self) -> tuple[tuple[str, str], ...]:
        """Every bucket behind it, each with its owner."""
        return ((self.bucket, self.bucket_account), *self.others)

    @property
    def word(self) -> bool | None:
        """Whether S3 calls its policy public; one of a single VPC never is.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        """
        return False if self.vpc else self.called_public


@dataclass(frozen=True, slots=True)
class VpcEndpoint:
    """A VPC endpoint: its ARN, under which its policy stands, and its service's name."""

    arn: str
    service: str
