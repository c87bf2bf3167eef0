"""Rules of ``graph/sharing``, each taken out of the engine, with the test that must notice.

A rule is named by its module and what it says (``s3/flag``). Tests are node ids below
``tests/sharing``; the runner is the network engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.iam import s3_public
from graph.sharing import (
    access,
    canonical,
    decrypting,
    encrypted,
    everyone,
    functions,
    iot,
    keys,
    lake_formation,
    levels,
    lists,
    members,
    own_account,
    permissions,
    policies,
    policy_limits,
    ram,
    receiving,
    s3,
    s3_access_points,
    s3_acl,
    s3_block,
    s3_chain,
    s3_delegation,
    s3_encryption,
    s3_meaning,
    s3_object_lambda,
    services,
)
from graph.verdict import Answer, Verdict
from tests.network.mutants.changes import Thunk, always_is, answer, constant, instead_of
from tests.network.mutants.mutation import StepMutant
from tests.network.mutants.mutation import off as network_off

YES = Answer(Verdict.YES)
NO = Answer(Verdict.NO)


def off(title: str, test: str, *changes: Thunk) -> StepMutant:
    """A mutant whose test stands below ``tests/sharing``."""
    return network_off(title, f"../sharing/{test}", *changes)


def _at(owner: Any, name: str, change: Callable[..., Any]) -> Thunk:
    """A method or function replaced by one of the same arguments."""
    return instead_of(owner, name, lambda original: lambda *a, **k: change(original, *a, **k))


def _last_alone(found: list[Any]) -> Any:
    return found[-1] if found else None


def _member(name: str) -> Callable[[Any], Any]:
    """Rows of the data file without a member."""
    return lambda rows: tuple(replace(one, row={**one.row, name: None}) for one in rows)


POLICIES = "test_policies.py::"
SPECIAL = "test_special_policies.py::"
RESOURCE = "test_resource_policies.py::"
LAWS = "test_list_laws.py::"
S3 = "test_s3.py::"
EXAMPLES = "test_s3_examples.py::"
FUNCTIONS = "test_functions.py::"
PERMISSIONS = "test_permissions.py::"
RAM = "test_ram.py::"
DOORS = "test_s3_doors.py::"
POINTS = "test_s3_access_points.py::"

MUTANTS: dict[str, StepMutant] = {
    # policies
    "policies/own": off(
        "the own account is somebody else",
        POLICIES + "test_its_twin_for_the_own_account",
        always_is(policies, "own", False),
    ),
    "policies/unread": off(
        "a policy that was not read is none",
        POLICIES + "test_a_policy_that_was_not_read",
        always_is(policies, "_doubts", ()),
    ),
    "policies/half read": off(
        "what was not read takes nothing away",
        SPECIAL + "test_its_twin_where_the_second_was_not_read",
        always_is(policies, "_softened", ()),
    ),
    "policies/together": off(
        "of several policies the last counts alone",
        SPECIAL + "test_its_twin_denied_by_the_first",
        constant(policies, "in_one", _last_alone),
    ),
    "policies/switched off": off(
        "an auth policy holds where it is off",
        SPECIAL + "test_an_auth_policy_that_is_off_is_not_judged",
        always_is(policies, "switched_off", False),
    ),
    "spoken_for/named": off(
        "a policy of an account is about nothing in it",
        SPECIAL + "test_a_catalogue_policy_is_about_the_tables_that_it_names",
        _at(policies.SpokenFor, "named", lambda original, self, place, item, grant: (item.id,)),
    ),
    "policy_limits/network": off(
        "a mount target need not be reached",
        SPECIAL + "test_the_api_of_a_file_system_needs_no_mount_target",
        constant(policy_limits, "needs_network", lambda place, target, grant: grant.answer),
    ),
    "policy_limits/ram": off(
        "what RAM wrote is told twice",
        SPECIAL + "test_what_ram_shares_is_not_told_twice",
        always_is(policy_limits, "beside_ram", False),
    ),
    "policy_limits/front door": off(
        "an API's policy is judged apart from the API",
        RESOURCE + "test_a_policy_for_everyone",
        always_is(policy_limits, "elsewhere", False),
    ),
    "policy_limits/never public": off(
        "Block Public Access can be switched off everywhere",
        RESOURCE + "test_a_policy_for_everyone",
        constant(policy_limits, "never_public", lambda place, policy, target, given: given),
    ),
    # access
    "access/identity side": off(
        "a collected account needs no leave of its own policies",
        "test_shares_with_collected_accounts.py",
        always_is(access, "_collected", False),
    ),
    # receiving, lists, permissions, services
    "receiving/own": off(
        "the owner is a receiver",
        LAWS + "test_the_owner_is_no_receiver",
        always_is(receiving, "_own", False),
    ),
    "receiving/odd": off(
        "whatever is named is an account",
        LAWS + "test_a_receiver_of_unknown_form_gets_nothing_for_sure",
        always_is(receiving, "of_no_account", None),
    ),
    "receiving/everybody": off(
        "all is the name of an account",
        LAWS + "test_everybody_is_told_whoever_else_is_named",
        _at(
            receiving,
            "source_of",
            lambda original, value: "account:all" if value == "all" else original(value),
        ),
    ),
    "receiving/guards": off(
        "nothing is known of who receives",
        PERMISSIONS + "test_what_is_known_of_the_receiver_is_told",
        constant(receiving, "told", lambda one, owner, world: one),
    ),
    "lists/owner": off(
        "somebody else's resource is one's own",
        "test_lists.py::test_who_receives",
        always_is(lists, "_is_own", True),
    ),
    "lists/in force": off(
        "a list's row holds in whatever state",
        "test_lists.py::test_who_receives",
        answer(lists, "shared_lists", _member("in_force")),
    ),
    "lists/waiting": off(
        "nobody has to accept",
        "test_lists.py::test_who_receives",
        answer(lists, "shared_lists", _member("waiting")),
    ),
    "lists/login": off(
        "no login is needed",
        "test_lists.py::test_who_receives",
        answer(lists, "shared_lists", _member("login")),
    ),
    "lists/public": off(
        "the resource's own flag says nothing",
        "test_lists.py::test_who_receives",
        answer(lists, "shared_lists", _member("public")),
    ),
    "lists/guard": off(
        "networks that are listed keep nobody out",
        "test_lists.py::test_what_keeps_callers_out_is_told",
        answer(lists, "shared_lists", _member("guard")),
        answer(lists, "shared_lists", _member("guard_item")),
    ),
    "lists/setting": off(
        "the account's setting says nothing of public documents",
        "test_lists.py::test_a_public_document_under_the_accounts_setting",
        always_is(lists, "_of_everybody", YES),
    ),
    "permissions/block": off(
        "a region's block of sharing hides nothing",
        PERMISSIONS + "test_a_public_snapshot_under_the_regions_block",
        always_is(permissions, "_block", YES),
    ),
    "permissions/state": off(
        "a disabled image can be launched",
        PERMISSIONS + "test_a_disabled_image",
        always_is(permissions, "_image_state", YES),
    ),
    "permissions/organisations": off(
        "an image is shared with accounts alone",
        PERMISSIONS + "test_an_image_shared_with_an_organisation",
        constant(permissions, "_PERMISSION", ("Group", "UserId")),
    ),
    "services/acceptance": off(
        "nobody has to accept a connection",
        POLICIES + "test_its_twin_with_acceptance",
        answer(
            services, "_connects", lambda found: replace(found, verdict=Verdict.YES, conditions=())
        ),
    ),
    # keys, decrypting
    "keys/of AWS": off(
        "a key of AWS's is judged",
        POLICIES + "test_aws_managed_keys_are_not_judged",
        always_is(keys, "managed_by_aws", False),
    ),
    "keys/state": off(
        "a key that is off can be used",
        "test_keys.py::test_a_key_that_is_switched_off_is_dormant",
        always_is(keys, "key_state", YES),
    ),
    "keys/denies": off(
        "a Deny of the policy spares grantees",
        "test_keys.py::test_a_deny_of_the_policy_binds_the_grantee",
        always_is(keys, "_denies", ([], YES)),
    ),
    "keys/unread grants": off(
        "grants that were not read are none",
        "test_keys.py::test_grants_that_were_not_read_are_unknown",
        _at(keys, "_rows", lambda original, call: original(call) or []),
    ),
    "keys/retiring": off(
        "who may retire a grant is not told",
        "test_keys.py::test_who_may_retire_a_grant_is_told_with_that_alone",
        constant(keys, "_PARTIES", {"GranteePrincipal": "use the key"}),
    ),
    "decrypting/key": off(
        "whoever receives can decrypt",
        "test_decrypting.py::test_the_keys_policy_decides",
        _at(decrypting.Decryption, "limit", lambda *_: lambda source: YES),
    ),
    "decrypting/of AWS": off(
        "a key of AWS's can be shared",
        "test_decrypting.py::test_a_key_of_awss_cannot_be_shared",
        always_is(decrypting, "managed_by_aws", False),
    ),
    "encrypted/key": off(
        "what is encrypted is handed out without its key",
        "test_encrypted.py::test_a_customers_key_decides",
        _at(encrypted.Encrypted, "_key", lambda *_: YES),
    ),
    "members/told apart": off(
        "the first account stands for all of its organisation",
        "test_decrypting.py::test_the_one_admitted_account_of_very_many_is_found",
        constant(members, "told_apart", lambda found, policies: list(found)[:1]),
    ),
    "iot/targets": off(
        "a policy that nothing has lets devices act",
        "test_iot.py::test_who_acts_as_a_device",
        constant(iot, "_judged", lambda item: iot._allowed(item, 1)),
    ),
    "decrypting/state": off(
        "a key that is off decrypts",
        "test_decrypting.py::test_a_key_that_is_switched_off",
        constant(decrypting, "asleep", frozenset),
    ),
    # RAM, Lake Formation, everyone, levels
    "ram/own": off(
        "the account receives its own share",
        RAM + "test_the_account_itself_receives_nothing",
        always_is(ram, "_own", False),
    ),
    "ram/state": off(
        "a share that is not active gives",
        RAM + "test_a_share_that_is_not_active_sleeps",
        always_is(ram, "_share_state", YES),
    ),
    "ram/invitation": off(
        "nobody has to accept an invitation",
        RAM + "test_an_invitation_has_to_be_accepted",
        always_is(ram, "_invitations", {}),
    ),
    "lake_formation/own": off(
        "one's own principals are receivers",
        "test_lake_formation.py::test_ones_own_are_no_share",
        always_is(lake_formation, "_own", False),
    ),
    "everyone/account": off(
        "a user of another account is one's own",
        "test_everyone.py::test_a_dashboard_for_users_of_another_account",
        always_is(everyone, "_user_account", ""),
    ),
    "levels/copies": off(
        "a copy of an image writes",
        "test_levels.py::test_a_copy_of_a_snapshot_or_image_reads_it_and_changes_nothing",
        always_is(levels, "copies", False),
    ),
    # Functions
    "functions/only for the URL": off(
        "a statement for the URL opens the function",
        FUNCTIONS + "test_statements_for_the_url_do_not_open_the_function",
        always_is(functions, "_only_for_url", False),
    ),
    "functions/second statement": off(
        "the second statement is not needed",
        FUNCTIONS + "test_with_the_first_statement_alone_it_depends_on_the_accounts_exception",
        always_is(functions, "_second_statement", YES),
    ),
    "functions/signed": off(
        "a signed URL takes anybody",
        FUNCTIONS + "test_a_signed_url_for_everyone_asks_for_a_signature",
        always_is(functions, "_signed", YES),
    ),
    "functions/no concurrency": off(
        "a URL without concurrency answers",
        FUNCTIONS + "test_no_concurrency_at_all_puts_a_url_to_sleep",
        always_is(functions, "switched_off", frozenset()),
    ),
    "functions/unread": off(
        "a policy that was not read takes nothing from a signed URL",
        FUNCTIONS + "test_an_unread_policy_can_only_take_from_a_signed_url",
        always_is(functions, "_doubt", YES),
    ),
    "own_account/deny": off(
        "no policy shuts out identities of its own account",
        FUNCTIONS + "test_a_deny_shuts_a_signed_url_for_its_own_account_too",
        constant(functions, "left_to_own", lambda *_: own_account.Left(YES)),
    ),
    # S3
    "s3/restrict": off(
        "RestrictPublicBuckets cuts nobody",
        EXAMPLES + "test_restrict_public_buckets_cuts_other_accounts_of_a_public_policy",
        always_is(s3, "_restricted", YES),
    ),
    "s3/services": off(
        "RestrictPublicBuckets cuts AWS services",
        EXAMPLES + "test_restrict_public_buckets_cuts_other_accounts_of_a_public_policy",
        constant(s3, "SERVICES", ()),
    ),
    "s3_encryption/anonymous": off(
        "whoever reads can decrypt",
        S3 + "test_anonymous_reads_under_kms_are_conditional",
        always_is(s3_encryption, "anonymous_decryption", YES),
    ),
    "s3_meaning/word": off(
        "S3's own word is not asked",
        S3 + "test_restrict_cuts_by_s3s_own_word_where_a_condition_decides",
        _at(
            s3_meaning,
            "policy_public",
            lambda original, text, word, **more: original(text, None, **more),
        ),
    ),
    "s3_meaning/fixed by a Deny": off(
        "what is granted to everyone is public, whatever is denied",
        EXAMPLES + "test_whether_a_deny_of_all_but_fixed_callers_makes_it_non_public_is_s3s_to_say",
        always_is(s3_public, "_may_leave_fixed_values", False),
        constant(s3_public, "_CALLED", {}),
    ),
    "canonical/users": off(
        "a canonical user is nobody's",
        "test_canonical.py",
        constant(canonical.CanonicalUsers, "named", lambda self, found, owner: found),
    ),
    "s3_block/account": off(
        "the account's block counts for nothing",
        S3 + "test_restrict_public_buckets_closes_it",
        always_is(s3_block, "account_setting", s3_block.Setting("account", {})),
    ),
    "s3_block/bucket": off(
        "the bucket's block counts for nothing",
        EXAMPLES + "test_restrict_public_buckets_cuts_other_accounts_of_a_public_policy",
        always_is(s3_block, "bucket_setting", s3_block.Setting("bucket", {})),
    ),
    "s3_block/organisation": off(
        "the organisation's S3 policy counts for nothing",
        "test_s3_levels.py::"
        "test_the_most_restrictive_level_counts_and_the_organisation_takes_the_accounts_place",
        always_is(s3_block, "organisation_blocks", {}),
    ),
    "s3_block/unread": off(
        "a block that was not read is off",
        S3 + "test_an_unread_account_block_makes_it_conditional",
        _at(s3_block, "flag", lambda original, settings, name: bool(original(settings, name))),
    ),
    "s3_acl/ownership": off(
        "ACLs are on whatever Object Ownership says",
        S3 + "test_bucket_owner_enforced_turns_acls_off",
        always_is(s3_acl, "_ownership", YES),
    ),
    "s3_acl/ignored": off(
        "public ACLs are never ignored",
        S3 + "test_ignore_public_acls_closes_it",
        constant(s3_acl, "IGNORE", "NoSuchFlag"),
    ),
    "s3_acl/objects": off(
        "no object has an ACL of its own",
        "test_s3_meaning.py::test_objects_can_be_public_where_acls_are_on_and_not_ignored",
        always_is(s3_acl, "_of_objects", NO),
    ),
    "s3_acl/groups": off(
        "authenticated users are nobody",
        "test_s3_meaning.py::test_a_bucket_is_public_by_its_policy_or_its_acl",
        constant(s3_meaning, "GROUPS", {}),
    ),
    "s3_access_points/vpc": off(
        "an access point of a VPC is on the internet",
        POINTS + "test_an_access_point_of_one_vpc_is_not_public",
        always_is(s3_access_points.Door, "_from_vpc", YES),
    ),
    "s3_access_points/block": off(
        "the access point's own block counts for nothing",
        POINTS + "test_the_access_points_own_block",
        always_is(s3_access_points, "_cut", YES),
    ),
    "s3_access_points/both": off(
        "one policy on the way is enough",
        POINTS + "test_another_account_comes_through_where_both_name_it",
        _at(s3_access_points.Door, "behind", lambda original, self, *a, **k: self.own),
    ),
    "s3_chain/wider": off(
        "who is let in with everyone is not let in by name",
        DOORS + "test_a_policy_for_everybody_leaves_whom_the_bucket_names",
        constant(s3_chain, "_wider", lambda source: (source,)),
    ),
    "s3_chain/organisation": off(
        "an account is of no organisation that is not told",
        DOORS + "test_an_account_that_may_be_of_the_organisation_is_not_refused",
        always_is(s3_chain.Link, "_weighed", ()),
    ),
    "s3_chain/unread": off(
        "a policy on the way that was not read is none",
        POINTS + "test_a_policy_that_was_not_read_is_unknown",
        always_is(s3_chain, "unread", NO),
    ),
    "s3_delegation/others": off(
        "access points of other accounts let nobody in",
        "test_s3_narrowing.py::test_an_access_point_of_another_account_is_in_its_owners_hands",
        always_is(s3_delegation, "_delegates", ()),
    ),
    "s3_object_lambda/support": off(
        "an Object Lambda needs no leave on the way",
        DOORS + "test_an_object_lambda_access_point_needs_every_leave_on_the_way",
        always_is(s3_object_lambda, "_behind", []),
    ),
}
