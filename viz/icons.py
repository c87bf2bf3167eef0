"""Which of the map's own stroke icons stands for which kind of node.

The drawings are in ``assets/icons.json``: one path each on a 24x24 grid, drawn for this tool
(AWS's own icons carry no open licence). Kinds are readers' words, so they are matched by the
words in them; an unknown kind gets its category's icon.
"""

from __future__ import annotations

import functools
import json
import re
from importlib import resources

from viz.model import Category

_BY_WORDS: tuple[tuple[str, str], ...] = (
    # The first row that matches wins, so the more specific stand first.
    (r"\b(security group)", "shield"),
    (r"\b(network acl|firewall|waf)", "shield"),
    (r"\b(load balancer|alb|nlb|elb)\b", "balancer"),
    (r"\b(lambda|function)", "lambda"),
    (r"\b(api|appsync)\b", "brackets"),
    (r"\b(cloudfront|distribution|cdn)", "cloud"),
    (r"\b(instance profile)", "badge"),
    (r"\b(db|rds|aurora|database|dynamodb|redshift|elasticache|cluster snapshot)\b", "database"),
    (r"\b(instance|machine|server)\b", "chip"),
    (r"\b(ecs|eks|task|container|pod|cluster)\b", "box"),
    (r"\b(role)\b", "badge"),
    (r"\b(user)\b", "person"),
    (r"\b(group|principal set)\b", "people"),
    (r"\b(identity provider|provider|saml|oidc)\b", "provider"),
    (r"\b(policy)\b", "document"),
    (r"\b(bucket)\b", "bucket"),
    (r"\b(queue)\b", "queue"),
    (r"\b(topic)\b", "topic"),
    (r"\b(secret|parameter)\b", "lock"),
    (r"\b(key|kms)\b", "key"),
    (r"\b(image|ami)\b", "disc"),
    (r"\b(snapshot|volume|backup)\b", "camera"),
    (r"\b(repository|registry|ecr)\b", "crate"),
    (r"\b(vpc endpoint|endpoint|peering|transit gateway|vpn)\b", "joint"),
    (r"\b(internet gateway|nat gateway|gateway)\b", "gate"),
    (r"\b(route table|route)\b", "signpost"),
    (r"\b(network interface|eni|address|eip)\b", "plug"),
    (r"\b(network target)\b", "plug"),
    (r"\b(subnet)\b", "subnet"),
    (r"\b(vpc)\b", "cloud"),
    (r"\b(region)\b", "globe"),
    (r"\b(resource share|share)\b", "share"),
    (r"\b(organization|organisation|organizational unit|root)\b", "tree"),
    (r"\b(internet|anyone|any aws|cidr|range)\b", "globe"),
    (r"\b(service)\b", "gear"),
    (r"\b(account)\b", "house"),
    (r"\b(administrator|admin)\b", "crown"),
)
_BY_CATEGORY: dict[Category, str] = {
    "source": "globe",
    "network": "balancer",
    "compute": "chip",
    "identity": "badge",
    "policy": "document",
    "data": "database",
    "secrets": "lock",
    "admin": "crown",
    "other": "dot",
}


@functools.cache
def icon_for(kind: str, category: Category) -> str:
    """Name the icon of a kind, e.g. ``("Load balancer", "network")`` -> ``balancer``."""
    if category == "admin":
        return "crown"
    words = kind.lower()
    for pattern, icon in _BY_WORDS:
        if re.search(pattern, words):
            return icon
    return _BY_CATEGORY[category]


@functools.cache
def drawings() -> dict[str, str]:
    """Return every icon's SVG path data by its name."""
    text = resources.files("viz").joinpath("assets/icons.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded
