"""Properties that many types have, each with one name and one meaning."""

from __future__ import annotations

from graph.schema.convert import present, texts, truth, whole
from graph.schema.declare import Property


def status(path: str, example: str) -> Property:
    """Its state, in AWS's words."""
    return Property("status", path, f"E.g. {example}.")


def created(path: str) -> Property:
    """When it was made."""
    return Property("created_at", path, "When it was made (ISO 8601).")


def engine(path: str, example: str) -> Property:
    """What software it runs."""
    return Property("engine", path, f"E.g. {example}.")


def version(path: str) -> Property:
    """The version of that software."""
    return Property("engine_version", path, "The version of its engine.")


def endpoint(path: str) -> Property:
    """The host name or URL under which it answers."""
    return Property("endpoint_address", path, "Under which name it answers.")


def port(path: str) -> Property:
    """The port on which it answers."""
    return Property("endpoint_port", path, "On which port it answers.", whole)


def public(path: str, description: str = "") -> Property:
    """AWS's own switch for a public address."""
    said = description or "Whether AWS gives it a public address; alone no exposure."
    return Property("publicly_accessible", path, said, truth)


def encrypted(path: str) -> Property:
    """Whether it is encrypted at rest."""
    return Property("encrypted", path, "Whether it is encrypted at rest.", truth)


def key(path: str) -> Property:
    """The KMS key of its data."""
    return Property("kms_key_id", path, "The key that encrypts it.")


def role(path: str, description: str = "The role that it acts with.") -> Property:
    """A role's ARN."""
    return Property("role_arn", path, description)


def roles(path: str) -> Property:
    """Several roles' ARNs."""
    return Property("role_arns", path, "The roles that it acts with.", texts, absent=[])


def policy(path: str) -> Property:
    """Whether it has a resource policy."""
    return Property("has_policy", path, "Whether it has a resource policy.", present, absent=False)


def groups(path: str) -> Property:
    """Its security groups."""
    return Property("security_group_ids", path, "Ids of its security groups.", texts, absent=[])


def subnets(path: str) -> Property:
    """The subnets that it is in or may use."""
    return Property("subnet_ids", path, "Ids of its subnets.", texts, absent=[])


def flag(name: str, path: str, description: str) -> Property:
    """A boolean."""
    return Property(name, path, description, truth)


def many(name: str, path: str, description: str) -> Property:
    """A list of texts, empty where there are none."""
    return Property(name, path, description, texts, absent=[])
