"""The steps of the engine, each of which has mutants."""

STEPS = {
    "N1": "an address that the internet can send to",
    "N2": "VPC Block Public Access",
    "N3": "an internet gateway is attached",
    "N4": "replies are routed to it",
    "N5": "ingress routing",
    "N6": "network ACL in",
    "N7": "network ACL out, for replies",
    "N8": "security groups in",
    "N9": "state",
    "N10": "what inspects on the way",
    "N11": "what listens is not known",
    "LB": "load balancers as front doors",
    "LB rules": "what listeners forward, to whom",
    "LB targets": "from a load balancer to what stands behind it",
    "LB health": "which targets get traffic",
    "DB": "databases",
    "groups": "security groups between two interfaces",
    "ACLs": "network ACLs between two interfaces",
    "ends": "what sends and what takes",
    "local": "routes inside a VPC",
    "peering": "VPC peering",
    "transit": "transit gateways",
    "private link": "PrivateLink",
    "on-prem": "VPN and Direct Connect",
    "out": "the way out to the internet",
    "NAT": "NAT gateways",
    "alike": "what groups judge once, and what they keep apart",
    "open services": "data services without a login",
}
"""Step -> what it is about; N1 to N11 are those of a path from the internet to an interface."""


def step_of(key: str) -> str:
    """The step that a mutant switches off, wholly or in part (``N4/blackhole``)."""
    return key.partition("/")[0]
