"""``pathfinding-labs``: each lab by its named technique, and by none with an action taken away."""

from collections import defaultdict

import pytest

from graph.verdict import Verdict
from tests.corpora import files
from tests.corpora.files import beside, needs_corpora
from tests.corpora.imported import edited, without_action
from tests.corpora.test_pathfinding_labs import BY_SHORT, LABS, full, nodes

pytestmark = needs_corpora

PINNED = beside("lab_paths.json")
READS = beside("labs.json")["reads_the_bucket"]
HERE = "arn:aws:iam::111111111111:"
WALKED = ("CAN_ASSUME", "CAN_ESCALATE_TO", "CAN_EXECUTE_ON", "HAS_ROLE")
FOUND = [lab for lab in LABS if lab not in PINNED["admin_by_the_set"]]


def technique(lab):
    return lab.partition("__")[2]


def start(lab):
    (found,) = [node["arn"] for node in nodes(lab) if node.get("access")]
    return found


def required(lab):
    """Actions that the lab asks for, with the principal that holds them."""
    known = files.read(BY_SHORT[lab])["expected"]
    by_name = {arn.rpartition("/")[2]: arn for arn in known["principals"]}
    for row in known["required"]:
        who = by_name.get(row.get("principal"))
        for right in row.get("permissions") or [row]:
            yield who, right["permission"]


def steps(one):
    """Relationships that an attacker walks, by where they start."""
    found = defaultdict(list)
    for row in one.derivation.relationships:
        if row.type in WALKED and row.props["verdict"] in ("yes", "conditional"):
            found[row.start].append(row)
    return found


def reached(walk, source):
    seen, waiting = {source}, [source]
    while waiting:
        for row in walk[waiting.pop()]:
            if row.end not in seen:
                seen.add(row.end)
                waiting.append(row.end)
    return seen


def used(one, lab, source):
    """The relationships of the lab's technique that stand on the way from somebody."""
    walk = steps(one)
    return [
        row
        for node in sorted(reached(walk, source))
        for row in walk[node]
        if row.props.get("technique") == technique(lab)
    ]


def ends(one, lab):
    """Nodes of which any is the lab's end: admins, the account, who reads the bucket."""
    if lab in READS:
        return {HERE + READS[lab]}
    every = {arn for arn, who in one.world.principals.items() if any(map(full, who.policies))}
    return {*every, "account:111111111111"}


@pytest.mark.parametrize("lab", FOUND)
def test_the_named_technique_stands_on_the_way_from_the_start_to_the_end(lab, corpus):
    one = corpus(BY_SHORT[lab])
    rows = used(one, lab, start(lab))
    assert rows
    walk = steps(one)
    through = [row for row in rows if reached(walk, row.end) & ends(one, lab)]
    makes = lab.startswith("to-admin__cloudformation")
    assert through or makes, "CloudFormation makes an admin with the role that is gained"
    verdicts = {row.props["verdict"] for row in rows}
    if lab in PINNED["conditional"]:
        assert verdicts == {"conditional"}


@pytest.mark.parametrize("lab", FOUND)
def test_with_any_one_required_action_taken_away_it_is_gone(lab, corpus):
    one = corpus(BY_SHORT[lab])
    spared = PINNED["not_needed"].get(lab, {})
    tried = 0
    for who, action in required(lab):
        holders = {who} if who else {row.start for row in used(one, lab, start(lab))}
        for holder in holders:
            twin = edited(one, holder, without_action(action))
            left = [row for row in used(twin, lab, start(lab)) if row.start == holder]
            assert bool(left) is (action in spared), action
            tried += 1
    assert tried


def test_a_start_that_is_admin_with_the_labs_own_actions_needs_no_step(corpus):
    for lab in PINNED["admin_by_the_set"]:
        one = corpus(BY_SHORT[lab])
        assert one.admin(start(lab)).answer.verdict is Verdict.YES
        assert used(one, lab, start(lab)) == []
        (held,) = [
            row
            for row in one.derivation.relationships
            if row.type == "HAS_ADMIN" and row.start == start(lab)
        ]
        assert technique(lab) in held.props["techniques"]
    assert len(FOUND) + len(PINNED["admin_by_the_set"]) == 38
