"""A judged question: from a source to a target by one mechanism, ``no`` included.

Derivation makes judgements; those that are not ``no`` become relationships, all of them answer
``mapper explain``.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.verdict import Answer


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was asked and what came out.

    Attributes:
        question: ``reach`` (network), ``target`` (front door or group to what stands behind it),
            ``access`` (policy, ACL, share), ``assume``, ``admin``.
        source: node id, e.g. ``internet``, ``any-aws-account``, a principal's ARN.
        target: node id of what is reached.
        mechanism: e.g. ``eni/ipv4``, ``alb/ipv6``, ``bucket-policy``, ``launch-permission``,
            ``sts:AssumeRole``, a takeover set's name.
        answer: verdict, conditions, evidence and steps.
        family: ``ipv4``, ``ipv6`` or empty.
        ports: strongest ports (``tcp/443``, ``tcp/8000-8100``, ``icmp``, ``all``).
        other_ports: weaker ones, ``tcp/8080=conditional``.
        actions: IAM actions granted, for ``access`` and ``assume``.
        via: ids passed on the way, e.g. the network interface or the load balancer.
        members: where ``source`` is a set, the ids of its members: the judgement is of each.
        targets: where ``target`` is a set, likewise.
    """

    question: str
    source: str
    target: str
    mechanism: str
    answer: Answer
    family: str = ""
    ports: tuple[str, ...] = ()
    other_ports: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    def is_of(self, source: str) -> bool:
        """Whether it was judged for a source, alone or as one of a set."""
        return self.source == source or source in self.members

    def is_about(self, target: str) -> bool:
        """Whether it was judged for a target, alone or as one of a set."""
        return self.target == target or target in self.targets
