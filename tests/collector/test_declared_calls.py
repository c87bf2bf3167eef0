"""What a declaration can say of its calls, run against answers that a test gives."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.asking import Ask
from collector.declare import (
    Batch,
    Day,
    Depth,
    Earlier,
    FollowUp,
    Item,
    LineId,
    ListCall,
    Named,
    ResourceType,
    Root,
    Scope,
    Start,
    Started,
    When,
)
from collector.job import Job, groups, jobs_of
from collector.outcome import CallError, Outcome
from collector.pool import WorkerPool
from collector.redact import Redactor
from collector.request import CollectRequest
from collector.runner import JobRun, Submit
from collector.services import TYPES
from collector.snapshot.ledger import LedgerRow, Status
from collector.snapshot.spool import Spool

Answer = Callable[[Mapping[str, Any]], Any]


class Answers:
    """A transport that answers from functions and remembers what it was asked."""

    def __init__(self, batches: bool = True, **by_operation: Answer) -> None:
        self.batches = batches
        self._by_operation = by_operation
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.waited = 0

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        self.asked.append((ask.call.operation, dict(ask.params)))
        yield self._by_operation[ask.call.operation](ask.params)

    def start(self, ask: Ask, start: Start, again: bool) -> Mapping[str, Any]:
        if again:
            self.waited += 1
            return {}
        self.asked.append((start.operation, dict(ask.start_params)))
        answer: Mapping[str, Any] = self._by_operation[start.operation](ask.start_params)
        return answer


class Interleaved(Answers):
    """The list for ``a`` begins and ends between the two pages of the list for ``b``."""

    def __init__(self, **by_operation: Answer) -> None:
        super().__init__(**by_operation)
        self._b_has_begun = threading.Event()
        self._a_is_described = threading.Event()

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        if ask.call.operation != "list_services":
            yield from super().pages(ask)
            if ask.params.get("cluster") == "a":
                self._a_is_described.set()
        elif ask.params["cluster"] == "a":
            assert self._b_has_begun.wait(30)
            yield {"services": ["a/1"]}
        else:
            yield {"services": ["b/1"]}
            self._b_has_begun.set()
            assert self._a_is_described.wait(30)
            yield {"services": ["b/2"]}


def refused(code: str, message: str = "", status: Status = Status.ERROR) -> Answer:
    def answer(_: Mapping[str, Any]) -> Any:
        raise CallError(Outcome(status, code, message))

    return answer


def ran(
    folder: Path,
    transport: Answers,
    *types: ResourceType,
    regions: frozenset[str] = frozenset(),
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, LedgerRow]]:
    """The lines by type, and the ledger's rows by operation."""
    return ran_with(folder, transport, lambda task: task(), *types, regions=regions)


def ran_by_three(
    folder: Path, transport: Answers, *types: ResourceType
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, LedgerRow]]:
    """The same with three threads."""
    pool = WorkerPool(3)
    found: list[Any] = []

    def submit(task: Callable[[], None]) -> None:
        pool.add_task(task, group="test")

    pool.add_job(lambda: found.append(ran_with(folder, transport, submit, *types)))
    pool.run()
    lines, rows = found[0]
    return lines, rows


def ran_with(
    folder: Path,
    transport: Answers,
    submit: Submit,
    *types: ResourceType,
    regions: frozenset[str] = frozenset(),
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, LedgerRow]]:
    job = Job("111122223333", "aws", "eu-west-1", "eu-west-1", types, regions)
    lines: dict[str, list[dict[str, Any]]] = {}
    rows: dict[str, LedgerRow] = {}

    def closed(_: Job, spools: dict[str, Spool], found: list[LedgerRow]) -> None:
        rows.update({row.operation: row for row in found})
        for type_id, spool in spools.items():
            spool.close()
            held = spool.path.read_bytes().splitlines() if spool.path.exists() else []
            lines[type_id] = [json.loads(line) for line in held]

    def spool(type_id: str) -> Spool:
        return Spool(folder / f"{type_id.replace(':', '-')}.jsonl")

    JobRun(job, transport, Redactor(b"k" * 32), spool, submit, closed, None).run()
    return lines, rows


CLUSTERS = ResourceType(
    id="test:cluster",
    client="ecs",
    scope=Scope.REGIONAL,
    arn="{name}",
    lists=(ListCall(operation="list_clusters", result="arns", wrap="name"),),
    follow_ups=(
        FollowUp(
            operation="describe_clusters",
            params={"clusters": [Item("name")], "include": ["TAGS"]},
            result="clusters",
            batch=Batch(size=2, match=("arn", "name")),
        ),
        FollowUp(
            operation="list_services",
            params={"cluster": Item("name")},
            result="services",
            then=(
                FollowUp(
                    operation="describe_services",
                    params={"cluster": Root("name"), "services": [Item("")]},
                    result="services",
                    batch=Batch(size=2, match=("arn", "")),
                ),
            ),
        ),
    ),
)


def clusters(*names: str) -> Answer:
    return lambda _: {"arns": list(names)}


def described(params: Mapping[str, Any]) -> Any:
    return {
        "clusters": [{"arn": name, "status": "ACTIVE"} for name in reversed(params["clusters"])]
    }


def services(count: int) -> dict[str, Answer]:
    return {
        "list_services": lambda p: {"services": [f"{p['cluster']}/{n}" for n in range(count)]},
        "describe_services": lambda p: {"services": [{"arn": arn} for arn in p["services"]]},
    }


def test_a_batch_describes_several_items_and_each_gets_its_own(tmp_path: Path) -> None:
    aws = Answers(list_clusters=clusters("a", "b", "c"), describe_clusters=described, **services(3))
    lines, rows = ran(tmp_path, aws, CLUSTERS)
    assert [
        line["calls"]["describe_clusters"]["value"]["arn"] for line in lines["test:cluster"]
    ] == [
        "a",
        "b",
        "c",
    ]
    batches = [p["clusters"] for operation, p in aws.asked if operation == "describe_clusters"]
    assert batches == [["a", "b"], ["c"]]
    assert rows["describe_clusters"].calls == 2
    assert [p["services"] for operation, p in aws.asked if operation == "describe_services"][
        :2
    ] == [
        ["a/0", "a/1"],
        ["a/2"],
    ]
    assert lines["test:cluster"][0]["calls"]["describe_services"]["value"] == [
        {"arn": "a/0"},
        {"arn": "a/1"},
        {"arn": "a/2"},
    ]


def test_a_transport_without_batches_is_asked_one_by_one_and_gives_the_same(tmp_path: Path) -> None:
    given = {
        "list_clusters": clusters("a", "b", "c"),
        "describe_clusters": described,
        **services(3),
    }
    together = ran(tmp_path / "1", Answers(**given), CLUSTERS)[0]
    aws = Answers(batches=False, **given)
    assert ran(tmp_path / "2", aws, CLUSTERS)[0] == together
    assert {len(p["clusters"]) for name, p in aws.asked if name == "describe_clusters"} == {1}


def test_what_a_batch_leaves_out_is_a_gap(tmp_path: Path) -> None:
    aws = Answers(
        list_clusters=clusters("a", "b"),
        describe_clusters=lambda _: {"clusters": [{"arn": "b"}]},
        **services(0),
    )
    lines, rows = ran(tmp_path, aws, CLUSTERS)
    first, second = lines["test:cluster"]
    assert first["calls"]["describe_clusters"]["status"] == "error"
    assert "value" not in first["calls"]["describe_clusters"]
    assert second["calls"]["describe_clusters"]["status"] == "ok"
    row = rows["describe_clusters"]
    assert (row.status, row.code, row.calls) == (Status.ERROR, "NotDescribed", 1)


@pytest.mark.parametrize("status", [Status.ABSENT, Status.NOT_ENABLED, Status.NOT_SUPPORTED])
@pytest.mark.parametrize("pages", [0, 1])
def test_an_error_after_a_page_is_never_a_fact(tmp_path: Path, status: Status, pages: int) -> None:
    class Pages(Answers):
        def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
            for number in range(pages):
                yield {"Users": [{"Arn": str(number)}], "Members": [number]}
            raise CallError(Outcome(status, "SomeCode", "words"))

    rows = ran(tmp_path / "1", Pages(), USERS)[1] | ran(tmp_path / "2", Pages(), HUBS)[1]
    for operation in ("list_users", "list_members"):
        row = rows[operation]
        assert row.is_gap is bool(pages)
        assert (row.status, row.code) == (
            (Status.ERROR, "Incomplete") if pages else (status, "SomeCode")
        )


TRAILS = ResourceType(
    id="test:trail",
    client="cloudtrail",
    scope=Scope.REGIONAL,
    arn="{TrailARN}",
    only_here="TrailARN",
    keep=(When("Kind", is_one_of=("own",)),),
    lists=(ListCall(operation="describe_trails", result="trailList"),),
)


@pytest.mark.parametrize(
    ("home", "regions", "kept"),
    [
        ("eu-west-1", {"eu-west-1", "us-east-1"}, True),
        ("us-east-1", {"eu-west-1", "us-east-1"}, False),
        ("us-east-1", {"eu-west-1"}, True),
    ],
)
def test_what_is_at_home_elsewhere_is_left_to_its_home_if_that_is_collected(
    tmp_path: Path, home: str, regions: set[str], kept: bool
) -> None:
    arn = f"arn:aws:cloudtrail:{home}:111122223333:trail/t"
    aws = Answers(describe_trails=lambda _: {"trailList": [{"TrailARN": arn, "Kind": "own"}]})
    lines, _ = ran(tmp_path, aws, TRAILS, regions=frozenset(regions))
    assert bool(lines["test:trail"]) is kept


@pytest.mark.parametrize(("kind", "kept"), [("own", True), ("amazon", False), (None, True)])
def test_what_does_not_say_whose_it_is_is_kept(
    tmp_path: Path, kind: str | None, kept: bool
) -> None:
    arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"
    aws = Answers(describe_trails=lambda _: {"trailList": [{"TrailARN": arn, "Kind": kind}]})
    assert bool(ran(tmp_path, aws, TRAILS)[0]["test:trail"]) is kept
    named = replace(TRAILS, keep=(When("Kind", is_none_of=(None,)),))
    assert bool(ran(tmp_path / "named", aws, named)[0]["test:trail"]) is (kind is not None)


def test_one_item_that_spoils_a_batch_costs_only_itself(tmp_path: Path) -> None:
    def describe(params: Mapping[str, Any]) -> Any:
        if "bad" in params["clusters"]:
            raise CallError(Outcome(Status.ERROR, "InvalidParameter", "bad"))
        return described(params)

    aws = Answers(list_clusters=clusters("a", "bad"), describe_clusters=describe, **services(0))
    lines, rows = ran(tmp_path, aws, CLUSTERS)
    assert [line["calls"]["describe_clusters"]["status"] for line in lines["test:cluster"]] == [
        "ok",
        "error",
    ]
    assert rows["describe_clusters"].status is Status.ERROR


def test_a_batch_that_is_denied_is_not_asked_again(tmp_path: Path) -> None:
    denied = refused("AccessDenied", status=Status.DENIED)
    aws = Answers(list_clusters=clusters("a", "b"), describe_clusters=denied, **services(0))
    lines, _ = ran(tmp_path, aws, CLUSTERS)
    assert {line["calls"]["describe_clusters"]["status"] for line in lines["test:cluster"]} == {
        "denied"
    }
    assert sum(name == "describe_clusters" for name, _ in aws.asked) == 1


USERS = ResourceType(
    id="test:user",
    client="iam",
    scope=Scope.GLOBAL,
    arn="{Arn}",
    lists=(ListCall(operation="list_users", result="Users"),),
)
LAST_ACCESSED = ResourceType(
    id="test:last-accessed",
    client="iam",
    scope=Scope.GLOBAL,
    arn="{Arn}",
    each_of=("test:user",),
    carry=("Arn",),
    follow_ups=(
        FollowUp(
            operation="get_service_last_accessed_details",
            params={"JobId": Started("JobId")},
            result="ServicesLastAccessed",
            start=Start(
                operation="generate_service_last_accessed_details",
                params={"Arn": Item("Arn")},
                first=True,
                while_value=("JobStatus", "IN_PROGRESS"),
            ),
        ),
    ),
)


def test_one_item_per_item_of_another_type_started_first_and_waited_for(tmp_path: Path) -> None:
    states = {"job-a": ["IN_PROGRESS", "COMPLETED"], "job-b": ["COMPLETED"]}
    aws = Answers(
        list_users=lambda _: {"Users": [{"Arn": "a", "Path": "/"}, {"Arn": "b"}]},
        generate_service_last_accessed_details=lambda p: {"JobId": f"job-{p['Arn']}"},
        get_service_last_accessed_details=lambda p: {
            "JobStatus": states[p["JobId"]].pop(0),
            "ServicesLastAccessed": [{"ServiceNamespace": p["JobId"]}],
        },
    )
    lines, rows = ran(tmp_path, aws, USERS, LAST_ACCESSED)
    assert [(line["id"], line["item"]) for line in lines["test:last-accessed"]] == [
        ("a", {"Arn": "a"}),
        ("b", {"Arn": "b"}),
    ]
    values = [
        line["calls"]["get_service_last_accessed_details"]["value"]
        for line in lines["test:last-accessed"]
    ]
    assert values == [[{"ServiceNamespace": "job-a"}], [{"ServiceNamespace": "job-b"}]]
    assert aws.waited == 1
    assert rows["generate_service_last_accessed_details"].calls == 2


def test_a_start_without_its_id_is_a_gap_of_both_calls(tmp_path: Path) -> None:
    aws = Answers(
        list_users=lambda _: {"Users": [{"Arn": "a"}]},
        generate_service_last_accessed_details=lambda _: {"ResponseMetadata": {}},
    )
    _, rows = ran(tmp_path, aws, USERS, LAST_ACCESSED)
    for name in ("generate_service_last_accessed_details", "get_service_last_accessed_details"):
        assert (rows[name].status, rows[name].code) == (Status.ERROR, "UnknownShape")
        assert "has no JobId" in rows[name].message


def test_what_cannot_be_started_is_a_gap_of_both_calls(tmp_path: Path) -> None:
    aws = Answers(
        list_users=lambda _: {"Users": [{"Arn": "a"}]},
        generate_service_last_accessed_details=refused("AccessDenied", status=Status.DENIED),
    )
    lines, rows = ran(tmp_path, aws, USERS, LAST_ACCESSED)
    assert lines["test:last-accessed"][0]["calls"]["get_service_last_accessed_details"] == {
        "status": "denied",
        "error": "AccessDenied",
    }
    assert rows["generate_service_last_accessed_details"].status is Status.DENIED
    assert rows["get_service_last_accessed_details"].status is Status.DENIED


TABLES = ResourceType(
    id="test:table",
    client="dynamodb",
    scope=Scope.REGIONAL,
    arn="{name}",
    lists=(ListCall(operation="list_tables", result="TableNames", wrap="name"),),
    follow_ups=(
        FollowUp(operation="describe_table", params={"TableName": Item("name")}),
        FollowUp(
            operation="get_resource_policy",
            params={"ResourceArn": Earlier("describe_table", "Table.Arns.0")},
        ),
    ),
)


def test_a_parameter_from_an_earlier_answer(tmp_path: Path) -> None:
    aws = Answers(
        list_tables=lambda _: {"TableNames": ["a"]},
        describe_table=lambda _: {"Table": {"Arns": ["arn-a"]}},
        get_resource_policy=lambda p: {"Policy": p["ResourceArn"]},
    )
    (line,) = ran(tmp_path, aws, TABLES)[0]["test:table"]
    assert line["calls"]["get_resource_policy"]["value"] == {"Policy": "arn-a"}


def test_without_the_earlier_answer_the_call_is_not_attempted_and_a_gap(tmp_path: Path) -> None:
    aws = Answers(
        list_tables=lambda _: {"TableNames": ["a"]},
        describe_table=refused("AccessDenied", status=Status.DENIED),
    )
    lines, rows = ran(tmp_path, aws, TABLES)
    assert lines["test:table"][0]["calls"]["get_resource_policy"]["status"] == "not_attempted"
    row = rows["get_resource_policy"]
    assert (row.status, row.calls, row.is_gap) == (Status.NOT_ATTEMPTED, 0, True)
    assert "describe_table" in row.message


@pytest.mark.parametrize(
    ("message", "status"),
    [("Macie is not there yet", Status.NOT_ENABLED), ("no rights", Status.DENIED)],
)
def test_a_code_of_the_declaration_means_what_it_says(
    tmp_path: Path, message: str, status: Status
) -> None:
    declared = ResourceType(
        id="test:session",
        client="macie2",
        scope=Scope.REGIONAL,
        follow_ups=(
            FollowUp(
                operation="get_macie_session", not_enabled=("AccessDeniedException:not there",)
            ),
        ),
    )
    aws = Answers(get_macie_session=refused("AccessDeniedException", message, status=Status.DENIED))
    assert ran(tmp_path, aws, declared)[1]["get_macie_session"].status is status


def test_a_call_for_items_of_another_type_is_made_only_when_it_is_wanted() -> None:
    child = next(t for t in TYPES.values() if t.listed_for or t.each_of)
    (alone,) = groups([child.found_with])
    (both,) = groups([child.id])
    assert child.id not in {t.id for t in alone}
    assert {child.id, child.found_with} <= {t.id for t in both}


def test_a_global_service_is_asked_where_it_answers() -> None:
    only = next((t for t in TYPES.values() if t.asked_in), None)
    assert only is not None
    (job,) = jobs_of("1", "aws", "eu-west-1", ["eu-west-1"], [only.id], True)
    (other,) = jobs_of("1", "aws-cn", "cn-north-1", ["cn-north-1"], [only.id], True)
    assert (job.place, job.region) == ("global", only.asked_in)
    assert (other.place, other.region) == ("global", "cn-north-1")


def test_core_leaves_out_what_only_an_assessment_reads_unless_it_is_named() -> None:
    full = next(t.id for t in TYPES.values() if t.depth is Depth.FULL and not t.opt_in)
    assert full in CollectRequest().type_ids
    assert full not in CollectRequest(depth=Depth.CORE).type_ids
    assert full in CollectRequest(depth=Depth.CORE, services=(full,)).type_ids


def test_what_costs_money_is_collected_only_by_its_name() -> None:
    billed = next(t for t in TYPES.values() if t.opt_in)
    assert billed.id not in CollectRequest().type_ids
    assert billed.id not in CollectRequest(services=(billed.service,)).type_ids
    assert billed.id in CollectRequest(services=(billed.id,)).type_ids


def test_a_worker_that_waits_is_stood_in_for() -> None:
    pool = WorkerPool(1)
    done: list[str] = []

    def slow() -> None:
        while "quick" not in done:
            pool.wait(0.05)
        done.append("slow")

    pool.add_job(slow)
    pool.add_job(lambda: done.append("quick"))
    pool.run()
    assert done == ["quick", "slow"]


OWNED = ResourceType(
    id="test:service",
    client="ecs",
    scope=Scope.REGIONAL,
    arn="{name}",
    listed_for="test:owner",
    carry=("owner",),
    lists=(
        ListCall(
            operation="list_services",
            params={"cluster": Item("owner")},
            result="services",
            wrap="name",
        ),
    ),
    follow_ups=(
        FollowUp(
            operation="describe_services",
            params={"cluster": Item("owner"), "services": [Item("name")]},
            result="services",
            batch=Batch(size=10, match=("arn", "name")),
            names=(
                Named("test:definition", "definition", "arn"),
                Named("test:definition", "others[].definition", "arn"),
            ),
        ),
    ),
)
OWNERS = ResourceType(
    id="test:owner",
    client="ecs",
    scope=Scope.REGIONAL,
    arn="{owner}",
    lists=(ListCall(operation="list_clusters", result="arns", wrap="owner"),),
)
DEFINITIONS = ResourceType(
    id="test:definition",
    client="ecs",
    scope=Scope.REGIONAL,
    arn="{arn}",
    discovered_by="test:service",
    follow_ups=(
        FollowUp(operation="describe_task_definition", params={"taskDefinition": Item("arn")}),
    ),
)


def test_what_values_name_is_described_once_and_batches_never_mix_their_owners(
    tmp_path: Path,
) -> None:
    held = {"a": ["a/1", "a/2"], "b": ["b/1"]}

    def describe(params: Mapping[str, Any]) -> Any:
        own = [name for name in params["services"] if name in held[params["cluster"]]]
        others = [{"definition": "d2"}]
        return {"services": [{"arn": n, "definition": "d1", "others": others} for n in own]}

    aws = Answers(
        list_clusters=clusters("a", "b"),
        list_services=lambda p: {"services": held[p["cluster"]]},
        describe_services=describe,
        describe_task_definition=lambda p: {"is": p["taskDefinition"]},
    )
    lines, _ = ran(tmp_path, aws, OWNERS, OWNED, DEFINITIONS)
    described = [line["calls"]["describe_services"]["status"] for line in lines["test:service"]]
    assert described == ["ok", "ok", "ok"]
    asked = [p["services"] for name, p in aws.asked if name == "describe_services"]
    assert sorted(asked) == [["a/1", "a/2"], ["b/1"]]
    assert [line["item"] for line in lines["test:definition"]] == [{"arn": "d1"}, {"arn": "d2"}]
    assert sum(name == "describe_task_definition" for name, _ in aws.asked) == 2


def test_items_of_one_list_are_described_together_whatever_others_have_found(
    tmp_path: Path,
) -> None:
    aws = Interleaved(
        list_clusters=clusters("a", "b"),
        describe_services=lambda p: {"services": [{"arn": name} for name in p["services"]]},
    )
    _, rows = ran_by_three(tmp_path, aws, OWNERS, OWNED)
    asked = sorted(p["services"] for name, p in aws.asked if name == "describe_services")
    assert asked == [["a/1"], ["b/1", "b/2"]]
    assert rows["describe_services"].calls == 2


@pytest.mark.parametrize(
    ("listed", "status"), [(["a/1"], Status.NOT_ATTEMPTED), ([], Status.EMPTY)]
)
def test_what_is_only_named_is_not_attempted_when_nothing_could_name_it(
    tmp_path: Path, listed: list[str], status: Status
) -> None:
    aws = Answers(
        list_clusters=clusters("a"),
        list_services=lambda _: {"services": listed},
        describe_services=refused("AccessDenied", status=Status.DENIED),
    )
    _, rows = ran(tmp_path, aws, OWNERS, OWNED, DEFINITIONS)
    row = rows["describe_task_definition"]
    assert (row.status, row.calls) == (status, 0)
    assert row.message == ("describe_services was denied" if listed else "")


@pytest.mark.parametrize(
    ("asked", "collected"),
    [
        ("ecs:cluster", {"ecs:cluster"}),
        ("ecs:container-instance", {"ecs:cluster", "ecs:container-instance"}),
        ("ecs:task", {"ecs:cluster", "ecs:task", "ecs:task-definition"}),
        (
            "ecs:task-definition",
            {"ecs:cluster", "ecs:service", "ecs:task", "ecs:task-definition"},
        ),
    ],
)
def test_what_is_only_named_comes_with_what_names_it(asked: str, collected: set[str]) -> None:
    (group,) = groups([asked])
    assert {declared.id for declared in group} == collected


HUBS = ResourceType(
    id="test:hub",
    client="securityhub",
    scope=Scope.REGIONAL,
    follow_ups=(
        FollowUp(operation="describe_hub", not_enabled=("ResourceNotFoundException",)),
        FollowUp(operation="list_members", result="Members", enabled_by="describe_hub"),
        FollowUp(operation="get_policy", params={"arn": LineId(), "since": {"day": Day(0)}}),
    ),
)


def test_a_service_that_is_not_used_is_not_asked_for_more(tmp_path: Path) -> None:
    aws = Answers(describe_hub=refused("ResourceNotFoundException"), get_policy=lambda p: p)
    lines, rows = ran(tmp_path, aws, HUBS)
    calls = lines["test:hub"][0]["calls"]
    assert calls["list_members"]["status"] == "not_enabled"
    assert (rows["list_members"].status, rows["list_members"].calls) == (Status.NOT_ENABLED, 0)
    today = str(datetime.datetime.now(datetime.UTC).date())
    assert calls["get_policy"]["value"] == {
        "arn": "111122223333/eu-west-1",
        "since": {"day": today},
    }


def test_a_service_that_refuses_to_say_is_asked_for_more(tmp_path: Path) -> None:
    aws = Answers(
        describe_hub=refused("AccessDenied", status=Status.DENIED),
        list_members=lambda _: {"Members": [1]},
        get_policy=lambda p: p,
    )
    assert ran(tmp_path, aws, HUBS)[1]["list_members"].status is Status.OK


def test_a_call_that_asks_nothing_about_its_item_is_made_once(tmp_path: Path) -> None:
    recorders = ResourceType(
        id="test:recorder",
        client="config",
        scope=Scope.REGIONAL,
        arn="{name}",
        lists=(ListCall(operation="list_recorders", result="names", wrap="name"),),
        follow_ups=(
            FollowUp(operation="describe_channels", result="channels"),
            FollowUp(operation="describe_status", params={"name": Item("name")}),
        ),
        redact=("describe_channels:[].key",),
    )
    aws = Answers(
        list_recorders=lambda _: {"names": ["a", "b"]},
        describe_channels=lambda _: {"channels": [{"key": "k"}]},
        describe_status=lambda p: {"of": p["name"]},
    )
    lines, rows = ran(tmp_path, aws, recorders)
    assert [name for name, _ in aws.asked].count("describe_channels") == 1
    assert [name for name, _ in aws.asked].count("describe_status") == 2
    assert (rows["describe_channels"].calls, rows["describe_status"].calls) == (1, 2)
    held = [line["calls"]["describe_channels"]["value"] for line in lines["test:recorder"]]
    assert held[0] == held[1]
    assert "redacted" in held[0][0]["key"]
