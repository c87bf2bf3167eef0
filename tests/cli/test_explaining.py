"""Subjects of explain: keys, nodes, names, two ends; and the proof as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from graph.derive import Derivation
from graph.evidence import Ref, Step
from graph.judgement import Judgement
from graph.records import Node
from graph.verdict import Answer, Verdict
from mapper.config import Config
from mapper.errors import WrongUsageError
from mapper.explaining import Explanation, explain, judgement_json
from mapper.output.proof import WITH_STEPS, proof_text
from mapper.session import Session, open_session
from queries.answers.parties import account_of
from tests.queries import organisation as org


def judged(
    question: str, source: str, target: str, mechanism: str, verdict: str = "yes"
) -> Judgement:
    result = "fail" if verdict == "no" else "pass"
    ref = Ref("accounts/1/eu-west-1/ec2/subnet.jsonl", target, "/item")
    step = Step("route", target, result, f"The route of {target} is {verdict}.", (ref,))
    answer = Answer(Verdict(verdict), why=f"It is {verdict}.", steps=(step,))
    return Judgement(question, source, target, mechanism, answer)


JUDGEMENTS = (
    judged("reach", "internet", org.ALB, "alb/ipv4"),
    judged("target", org.ALB, org.I_WEB, "alb"),
    judged("reach", "internet", org.I_OPEN, "eni/ipv4"),
    judged("reach", "internet", org.I_INSIDE, "eni/ipv4", "no"),
    judged("assume", org.WEB_ROLE, org.HOP_ROLE, "sts:AssumeRole"),
    judged("assume", org.HOP_ROLE, org.SEC_ADMIN, "sts:AssumeRole"),
    judged("admin", org.SEC_ADMIN, f"account:{org.SEC}", "full"),
    judged("assume", org.DAVE, org.HOP_ROLE, "sts:AssumeRole", "no"),
)


@pytest.fixture
def session(place) -> Iterator[Session]:
    with open_session(place.snapshot, Config(), target=str(place.graph)) as opened:
        yield opened


@pytest.fixture
def ask_why(session: Session):
    derivation = Derivation(tuple(org.nodes()), tuple(org.relationships()), JUDGEMENTS, ())
    return lambda *subject: explain(session, derivation, subject)


def asked(explanation: Explanation) -> list[tuple[str, str, str]]:
    return [(j.source, j.target, str(j.answer.verdict)) for j in explanation.judgements]


def key_of(session: Session, node: str) -> str:
    rows = [*session.public_rows, *session.compute_rows]
    return next(row.key for row in rows if row.id == node)


def test_a_key_or_its_beginning_gives_the_steps_of_its_row(session, ask_why) -> None:
    key = key_of(session, org.I_WEB)
    for text in (key, key[:8]):
        explanation = ask_why(text)
        assert explanation.row is not None
        assert explanation.row.id == org.I_WEB
        assert set(asked(explanation)) == {
            ("internet", org.ALB, "yes"),
            (org.ALB, org.I_WEB, "yes"),
        }


def test_a_chain_is_proved_step_by_step(session, ask_why) -> None:
    (row,) = [r for r in session.trust_rows if len(r.own["hops"]) == 3]
    assert set(asked(ask_why(row.key))) == {
        (org.WEB_ROLE, org.HOP_ROLE, "yes"),
        (org.HOP_ROLE, org.SEC_ADMIN, "yes"),
        (org.SEC_ADMIN, f"account:{org.SEC}", "yes"),
    }


def test_a_machines_role_is_said(session, ask_why) -> None:
    (row,) = [r for r in session.compute_rows if r.id == org.I_WEB]
    assert ask_why(row.key).facts == ("i-0web carries the role web.",)


@pytest.mark.parametrize("text", [org.I_INSIDE, "i-0inside"])
def test_a_node_gives_all_that_was_judged_the_no_included(ask_why, text: str) -> None:
    assert asked(ask_why(text)) == [("internet", org.I_INSIDE, "no")]


def test_an_account_is_found_by_id_and_name(ask_why) -> None:
    for text in (org.SEC, "security", f"account:{org.SEC}"):
        assert asked(ask_why(text)) == [(org.SEC_ADMIN, f"account:{org.SEC}", "yes")]


def test_a_door_is_found_by_the_host_names_that_lead_to_it(ask_why) -> None:
    by_name = ask_why("shop")
    for host in ("www.shop.example", "shop-1.eu-west-1.elb.amazonaws.com"):
        assert asked(ask_why(host)) == asked(by_name)
    assert by_name.about == ("called shop-1.eu-west-1.elb.amazonaws.com, www.shop.example",)


def test_from_and_to(ask_why) -> None:
    assert asked(ask_why("internet", "i-0open")) == [("internet", org.I_OPEN, "yes")]
    assert asked(ask_why("dave", "hop")) == [(org.DAVE, org.HOP_ROLE, "no")]
    assert set(asked(ask_why("internet", "i-0web"))) == {
        ("internet", org.ALB, "yes"),
        (org.ALB, org.I_WEB, "yes"),
    }
    assert set(asked(ask_why("web", "sec-admin"))) == {
        (org.WEB_ROLE, org.HOP_ROLE, "yes"),
        (org.HOP_ROLE, org.SEC_ADMIN, "yes"),
    }


def test_from_the_internet_through_a_machine_to_what_its_role_becomes(session, ask_why) -> None:
    entered = {("internet", org.ALB, "yes"), (org.ALB, org.I_WEB, "yes")}
    assumed = {(org.WEB_ROLE, org.HOP_ROLE, "yes"), (org.HOP_ROLE, org.SEC_ADMIN, "yes")}
    role = ask_why("internet", org.WEB_ROLE)
    assert (set(asked(role)), role.facts) == (entered, ("i-0web carries the role web.",))
    account = ask_why("internet", "security")
    admin = (org.SEC_ADMIN, f"account:{org.SEC}", "yes")
    assert set(asked(account)) == entered | assumed | {admin}
    assert asked(account)[-1] == admin
    assert asked(ask_why("internet", "dave")) == []


def test_a_key_that_no_row_has_says_where_reach_is_proved(ask_why) -> None:
    with pytest.raises(WrongUsageError, match="explain FROM TO"):
        ask_why("00000000")


@pytest.mark.parametrize(("found", "locks"), [("fail", False), ("pass", True)])
def test_what_grants_nobody_anything_has_no_lock(found: str, locks: bool) -> None:
    granted = Step("bucket ACL", "b", found, "The bucket's ACL.")
    shut = Step("IgnorePublicAcls", "b", "fail", "It is set.")
    answer = Answer(Verdict.NO, why="Closed.", steps=(granted, shut))
    closed = Judgement("access", "internet", "b", "bucket-acl", answer)
    text = proof_text(Explanation("b", None, (closed,)), colour=False, whole=False)
    assert ("One lock holds: IgnorePublicAcls." in text) is locks
    assert ("Nothing is granted here" in text) is not locks
    assert bool(judgement_json(closed, None, "info")["locks"]) is locks


@pytest.mark.parametrize("code", ["CANNOT_ROUTE", ""])
def test_what_a_bracket_is_stands_below_where_there_is_one(code: str) -> None:
    step = Step("route", "i", "fail", "No route.", code=code)
    answer = Answer(Verdict.NO, steps=(step,))
    judgement = Judgement("reach", "internet", "i", "eni/ipv4", answer)
    text = proof_text(Explanation("i", None, (judgement,)), colour=False, whole=False)
    assert (" [CANNOT_ROUTE]" in text) is bool(code)
    assert ("Reachability Analyzer" in text) is bool(code)


def test_several_meanings_are_listed(session) -> None:
    other = org._node(org.arn("ec2", org.DEV, "instance/i-0twin"), "EC2Instance", None, org.DEV)
    twin = Node(other.id, other.labels, {**other.props, "name": "i-0open"})
    derivation = Derivation((*org.nodes(), twin), tuple(org.relationships()), JUDGEMENTS, ())
    with pytest.raises(WrongUsageError) as problem:
        explain(session, derivation, ("i-0open",))
    assert "means 2 things" in str(problem.value)
    assert org.I_OPEN in str(problem.value)
    assert twin.id in str(problem.value)
    assert explain(session, derivation, (org.I_OPEN,)).judgements


def test_no_meaning_has_the_nearest_names(ask_why) -> None:
    with pytest.raises(WrongUsageError, match="sec-admin"):
        ask_why("sec-admn")


def test_a_whole_proof_names_each_step_and_where_its_fact_stands(ask_why) -> None:
    text = proof_text(ask_why("i-0inside"), colour=False, whole=True)
    assert f"no: internet -> {org.I_INSIDE}" in text
    assert f"  x route: The route of {org.I_INSIDE} is no." in text
    assert f"      accounts/1/eu-west-1/ec2/subnet.jsonl#{org.I_INSIDE}/item" in text
    assert "\x1b" not in text
    assert "\x1b[31mx\x1b[0m" in proof_text(ask_why("i-0inside"), colour=True, whole=True)


def test_a_proof_says_short_ids_and_the_account_once(session, ask_why) -> None:
    explanation = ask_why("dave", "hop")
    text = proof_text(explanation, colour=False, whole=False, parties=session.parties)
    head, *rest = text.splitlines()
    assert head == f"{org.DAVE} to {org.HOP_ROLE}"
    dave, hop = (session.parties.name(account_of(node, None)) for node in (org.DAVE, org.HOP_ROLE))
    expected = f"no: user/dave in {dave} -> role/hop in {hop} (assume, sts:AssumeRole)"
    assert expected in rest
    assert "arn:" not in "".join(rest)
    assert "subnet.jsonl" not in text


def test_a_short_id_keeps_the_sentence_around_it() -> None:
    alb = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0a1b"
    why = f"Through {alb}. Then (arn:aws:s3:::shop.example.com), or arn:aws:iam::aws:policy/X."
    answer = Answer(Verdict.YES, why=why)
    judgement = Judgement("reach", "internet", alb, "alb/ipv4", answer)
    text = proof_text(Explanation("x", None, (judgement,)), colour=False, whole=False)
    assert "  Through web. Then (shop.example.com), or policy/X." in text


def test_a_share_that_nothing_was_judged_of_is_told_by_its_evidence(session, ask_why) -> None:
    judged_pairs = {(j.source, j.target) for j in JUDGEMENTS}
    row = next(
        r
        for r in session.trust_rows
        if r.own["hops"][0]["type"] == "SHARED_WITH" or (r.own["from"], r.id) not in judged_pairs
    )
    explanation = ask_why(row.key)
    assert explanation.judgements == ()
    text = proof_text(explanation, colour=False, whole=False)
    assert "Nothing was judged" not in text
    assert (row.answer.evidence or (row.answer.why,))[0] in text


def test_of_two_behind_one_door_only_the_rows_own_is_proved(session) -> None:
    through = Judgement(
        "reach", "internet", org.I_WEB, "alb/ipv4", Answer(Verdict.YES), via=(org.ALB,)
    )
    beside = replace(through, target=org.I_INSIDE)
    door = judged("reach", "internet", org.ALB, "alb/ipv4")
    derivation = Derivation(
        tuple(org.nodes()), tuple(org.relationships()), (door, beside, through), ()
    )
    explanation = explain(session, derivation, (key_of(session, org.I_WEB),))
    assert explanation.judgements == (through,)


def test_a_chain_is_told_in_the_direction_of_the_attack(session, ask_why) -> None:
    (row,) = [r for r in session.trust_rows if len(r.own["hops"]) == 3]
    whole = [
        (org.WEB_ROLE, org.HOP_ROLE, "yes"),
        (org.HOP_ROLE, org.SEC_ADMIN, "yes"),
        (org.SEC_ADMIN, f"account:{org.SEC}", "yes"),
    ]
    assert asked(ask_why(row.key)) == whole
    assert asked(ask_why(org.WEB_ROLE, "security")) == whole


def test_a_role_goes_before_the_profile_of_its_name(session) -> None:
    profile = Node(
        org.WEB_ROLE.replace(":role/", ":instance-profile/"),
        ("Resource", "InstanceProfile"),
        {"name": "web", "resource_type": "AWS::IAM::InstanceProfile"},
    )
    derivation = Derivation((*org.nodes(), profile), tuple(org.relationships()), JUDGEMENTS, ())
    assert explain(session, derivation, ("web",)).title == f"web (Role): {org.WEB_ROLE}"
    assert explain(session, derivation, (profile.id,)).title.endswith(profile.id)
    alone = tuple(node for node in derivation.nodes if node.id != org.WEB_ROLE)
    derivation = replace(derivation, nodes=alone)
    assert explain(session, derivation, ("web",)).title.endswith(profile.id)


def test_many_judgements_are_told_in_short_unless_all_is_wanted() -> None:
    many = tuple(judged("admin", f"role{n}", "account:1", "full") for n in range(WITH_STEPS + 1))
    explanation = Explanation("account:1", None, many)
    assert "  + route" not in proof_text(explanation, colour=False, whole=False)
    assert "  + route" in proof_text(explanation, colour=False, whole=True)
    few = Explanation("account:1", None, many[:-1])
    assert "  + route" in proof_text(few, colour=False, whole=False)


def test_hostile_text_cannot_steer_the_terminal() -> None:
    evil = judged("reach", "internet", "i-\x1b[2Jevil", "eni/ipv4")
    text = proof_text(Explanation("x\x07", None, (evil,)), colour=True, whole=True)
    assert "\x1b[2J" not in text
    assert "\x07" not in text


def test_nothing_judged_is_not_called_a_no() -> None:
    text = proof_text(Explanation("x", None, ()), colour=False, whole=False)
    assert "Nothing was judged" in text
    assert "no:" not in text


def test_a_line_that_is_too_long_goes_on_below_further_in() -> None:
    reason = " ".join(["The gateway is attached."] * 9)
    judgement = Judgement("reach", "internet", "x", "eni/ipv4", Answer(Verdict.YES, why=reason))
    explanation = Explanation("x", None, (judgement,))
    whole = proof_text(explanation, colour=False, whole=False)
    lines = proof_text(explanation, colour=False, whole=False, width=60).splitlines()
    assert f"  {reason}" in whole.splitlines(), "a pipe gets each line whole"
    assert max(map(len, lines)) <= 60
    assert "  The gateway" in "\n".join(lines)
    assert "\n      gateway is attached." in "\n".join(lines)
    assert " ".join("\n".join(lines).split()) == " ".join(whole.split())


def test_a_guard_that_was_not_read_names_the_call() -> None:
    guards = ("waf (not_collected:wafv2.list_web_acls@111111111111/eu-west-1)", "geo restriction")
    answer = Answer(Verdict.YES, why="Open.", guards=guards)
    judgement = Judgement("reach", "internet", "x", "alb/ipv4", answer)
    text = proof_text(Explanation("x", None, (judgement,)), colour=False, whole=False)
    assert "  guard waf: not read (wafv2.list_web_acls@111111111111/eu-west-1)" in text
    assert "  guard geo restriction" in text
