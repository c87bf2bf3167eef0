"""Condition keys that only some calls carry: those whose action lists them.

The service authorization reference lists the keys of each action:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html#actions_table
``aws:TagKeys`` and ``aws:RequestTag`` are in requests that pass tags:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-tagkeys
"""

from __future__ import annotations

from functools import cache, lru_cache

from graph.iam import catalogue, rules

_TAGS = ("aws:tagkeys", "aws:requesttag/")


@lru_cache(maxsize=65536)
def surely_absent(key: str, action: str) -> bool:
    """Whether no call of an action carries a key.

    Args:
        key: in lower case.
        action: one action in any case; of a pattern nothing is sure.

    Returns:
        ``False`` in doubt: an action that the reference does not have, and a key of tags where
        the action makes something or the service lists these keys nowhere.
    """
    if key.startswith(_TAGS):
        return not _may_carry_tags(action)
    if rules.key_is("of_some_actions", key):
        return catalogue.action(action) is not None and key not in catalogue.condition_keys(action)
    return False


def _may_carry_tags(action: str) -> bool:
    info = catalogue.action(action)
    if info is None or info.level == "tagging":
        return True
    service, _, name = info.name.lower().partition(":")
    makes = rules.data("context_keys.json")["makes_something"]
    return (
        "tag" in name
        or (service not in makes["but_of"] and name.startswith(tuple(makes["verbs"])))
        or not _lists_tags(service)
        or any(key.startswith(_TAGS) for key in catalogue.condition_keys(action))
    )


@cache
def _lists_tags(service: str) -> bool:
    """Whether a service lists the keys of tags for any of its actions."""
    return any(
        key.startswith(_TAGS)
        for action in catalogue.actions_of(service)
        for key in catalogue.condition_keys(action)
    )
