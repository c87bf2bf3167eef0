"""Which machines a CodeDeploy deployment group deploys to: by tags and by Auto Scaling group.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentGroupInfo.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/instances-tagging.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collector.snapshot import Item
from graph.schema.path import ShapeError, look

_INFO = "@batch_get_deployment_groups"
_GROUP_TAG = "aws:autoscaling:groupName"
Tags = frozenset[tuple[str, str]]


def deploys_to(group: Item, machine: Item) -> bool:
    """Whether a group may deploy to an EC2 instance; of a group that was not read, that is open."""
    if not _values(group, f"{_INFO}/deploymentGroupName"):
        return True
    tags = _tags(machine)
    names = {value for key, value in tags if key == _GROUP_TAG}
    if names & {str(one.get("name")) for one in _objects(group, f"{_INFO}/autoScalingGroups/*")}:
        return True
    filters = list(_objects(group, f"{_INFO}/ec2TagFilters/*"))
    if any(_meets(one, tags) for one in filters):
        return True
    sets = [one for one in _values(group, f"{_INFO}/ec2TagSet/ec2TagSetList/*") if one]
    return bool(sets) and all(any(_meets(one, tags) for one in _each(row)) for row in sets)


def _meets(wanted: Mapping[str, object], tags: Tags) -> bool:
    """One filter: a key, a value, or both."""
    key, value = str(wanted.get("Key") or ""), str(wanted.get("Value") or "")
    kind = wanted.get("Type") or "KEY_AND_VALUE"
    if kind == "KEY_ONLY":
        return any(key == have for have, _ in tags)
    if kind == "VALUE_ONLY":
        return any(value == have for _, have in tags)
    return (key, value) in tags


def _tags(machine: Item) -> Tags:
    rows = _objects(machine, "Tags/*")
    return frozenset((str(one.get("Key")), str(one.get("Value") or "")) for one in rows)


def _objects(item: Item, path: str) -> Iterator[Mapping[str, object]]:
    return _each(_values(item, path))


def _each(rows: object) -> Iterator[Mapping[str, object]]:
    for one in rows if isinstance(rows, Iterable) else ():
        if isinstance(one, Mapping):
            yield one


def _values(item: Item, path: str) -> tuple[object, ...]:
    try:
        return tuple(look(path, item).values)
    except ShapeError:
        return ()
