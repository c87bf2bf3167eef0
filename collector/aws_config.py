"""``import config``: what AWS Config recorded -> snapshot, through the declarations of live
collection.

Of each resource the newest item counts. A list counts as whole only where a configuration
snapshot has items of that type in that account and region: history files and the API's answers
hold what changed or was asked for. Where a type has no item, nobody knows whether there is none
or whether it is not recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from collector.aws_config_files import files_in
from collector.aws_config_items import GLOBAL
from collector.aws_config_newest import Entry, Key, Newest, filed_as
from collector.aws_config_store import ConfigRecording, StoredAnswer, StoredPage, open_store
from collector.aws_config_types import ConfigType, config_facts, config_types, why_left_out
from collector.raw import import_recording
from collector.recording import HeldAnswer, Recording
from collector.request import CollectError, CollectResult

_AT_ONCE = 500
"""Items of one page of a list's answer."""
_NAMED = 3
_NOT_WHOLE = (
    "it does not come from a configuration snapshot of the region: what did not change, or was "
    "not asked for, is missing"
)


def import_config(
    paths: Sequence[Path],
    path: Path | None = None,
    *,
    snapshots: Path = Path("snapshots"),
    redaction_key: bytes | None = None,
) -> CollectResult:
    """Make a snapshot of what AWS Config recorded, of one or more accounts and regions.

    Args:
        paths: files, packed with gzip or not, and directories of such; ``-`` is standard input.
        path: the snapshot's own directory; by default a new name under ``snapshots``.
        snapshots: the directory of snapshots.
        redaction_key: 32 bytes or more; by default the user's own.

    Raises:
        CollectError: a file is none of Config's or is broken, or the snapshot cannot be written;
            the message names the file.
    """
    with open_store() as store:
        found = Newest(store)
        for file in files_in(paths):
            found.read(file)
        recording = _Filing(found).recording()
        return import_recording(
            recording,
            "config",
            path,
            snapshots=snapshots,
            redaction_key=redaction_key,
            facts={"captured": found.times},
        )


@dataclass
class _Filing:
    """Puts what was found into a recording."""

    found: Newest

    @property
    def _present(self) -> list[tuple[Key, Entry]]:
        return self.found.present

    def recording(self) -> Recording:
        """The recording that the items make.

        Raises:
            CollectError: there is nothing that can be used.
        """
        recording = ConfigRecording()
        for key, entry in self.found.newest.items():
            if not entry.gone:
                regions = recording.places.setdefault(key.account_id, set())
                regions |= {entry.region} - {GLOBAL}
        for filed, group in groupby(self._present, lambda pair: filed_as(pair[0])):
            self._file(recording, filed, list(group))
        for account_id in sorted(recording.places):
            self._close_lists(recording, account_id)
        recording.ignored += self._warnings()
        if all(entry.problem for _, entry in self._present):
            raise CollectError(
                "None of the items can be used: "
                + ("; ".join(recording.ignored[:_NAMED]) or "every resource was deleted")
                + ".",
                2,
            )
        return recording

    def _file(
        self,
        recording: Recording,
        filed: tuple[str, str, str],
        group: list[tuple[Key, Entry]],
    ) -> None:
        """Put the items of one type, account and place into a recording."""
        account_id, place, type_name = filed
        how = config_types()[type_name]
        call = (account_id, how.client, how.operation)
        taken = sorted((entry.of, key, entry) for key, entry in group if entry.place is not None)
        why = self._why_not_whole(how, filed, group)
        for of, members in groupby(taken, lambda row: row[0]):
            places = tuple(entry.place for _, _, entry in members if entry.place is not None)
            for at in range(0, len(places), _AT_ONCE):
                some = places[at : at + _AT_ONCE]
                page = StoredPage(type_name, self.found.store, how.path, some)
                recording.add(*call, of, place, page)
            if of and why:
                recording.add(*call, of, place, _gap(type_name, why))
        if how.is_list_call and not taken and not why:
            recording.add(*call, "", place, StoredPage(type_name, self.found.store, how.path, ()))
        for key, entry in group:
            for operation, subject, kept in entry.follow_ups:
                source = StoredAnswer(f"{type_name} {key.id}", self.found.store, kept)
                recording.add(account_id, how.client, operation, subject, place, source)

    def _why_not_whole(
        self, how: ConfigType, filed: tuple[str, str, str], group: list[tuple[Key, Entry]]
    ) -> str:
        refused = sum(bool(entry.problem) for _, entry in group)
        reasons = []
        if filed not in self.found.whole:
            reasons.append(_NOT_WHOLE)
        if refused:
            reasons.append(f"{_counted(refused, 'item')} could not be taken")
        if how.partly:
            reasons.append(how.partly)
        return "; ".join(reasons)

    def _close_lists(self, recording: Recording, account_id: str) -> None:
        """Say of each list of an account what it lacks, after its pages."""
        by_list: dict[tuple[str, str, str], list[str]] = {}
        filed = {filed_as(key) for key, _ in self._present if key.account_id == account_id}
        for _, place, type_name in sorted(filed):
            how = config_types()[type_name]
            if how.is_list_call:
                by_list.setdefault((place, how.client, how.operation), []).append(type_name)
        for (place, client, operation), names in by_list.items():
            reasons = [*self._gaps_of(account_id, place, names)]
            absent = [
                name
                for name, how in config_types().items()
                if (how.client, how.operation) == (client, operation) and name not in names
            ]
            if absent:
                reasons.append(f"{', '.join(absent)}: no item, it may not be recorded")
            call = (account_id, client, operation, "", place)
            if operation == "get_account_authorization_details":
                self._add_managed(recording, call)
            if reasons:
                recording.add(*call, _gap(names[0], "; ".join(reasons)))

    def _gaps_of(self, account_id: str, place: str, names: Iterable[str]) -> Iterator[str]:
        reasons: dict[str, list[str]] = {}
        for name in names:
            filed = (account_id, place, name)
            why = self._why_not_whole(config_types()[name], filed, self._by_type[filed])
            reasons.setdefault(why, []).append(name)
        for why, lacking in reasons.items():
            if why:
                yield f"{', '.join(lacking)}: {why}"

    @cached_property
    def _by_type(self) -> Mapping[tuple[str, str, str], list[tuple[Key, Entry]]]:
        groups = groupby(self._present, lambda pair: filed_as(pair[0]))
        return {filed: list(group) for filed, group in groups}

    def _add_managed(self, recording: Recording, call: tuple[str, str, str, str, str]) -> None:
        """The AWS-managed policies in use whose text AWS has published unchanged since."""
        known = config_facts()["managed_policies"]
        used = {
            arn
            for key, entry in self._present
            if key.account_id == call[0]
            for arn in entry.managed
        }
        rows = [_managed_row(arn, known[_name_of(arn)]) for arn in sorted(used) if _is_known(arn)]
        if rows:
            recording.add(*call, HeldAnswer("AWS-managed policies", {"Policies": rows}))

    def _warnings(self) -> list[str]:
        types = Counter(
            key.type
            for key, entry in self.found.newest.items()
            if not entry.gone and key.type not in config_types()
        )
        found = [
            f"{_counted(count, 'item')} of {name} left out: {why_left_out(name)}"
            for name, count in sorted(types.items())
        ]
        found += _by_reason(
            ((key, entry.problem) for key, entry in self._present if entry.problem), "not taken"
        )
        found += _by_reason(
            ((key, part) for key, entry in self._present for part in entry.not_taken),
            "taken without",
        )
        unread = sorted(
            {arn for _, entry in self._present for arn in entry.managed if not _is_known(arn)}
        )
        if unread:
            found.append(
                "AWS Config has no text of AWS-managed policies: what these allow is not known: "
                f"{_some([_name_of(arn) for arn in unread])}"
            )
        found += [
            f"{file} says that there is more which it does not hold (NextToken or unprocessed "
            "resources): fetch the rest too"
            for file in self.found.unfinished
        ]
        return found


def _gap(name: str, why: str) -> HeldAnswer:
    error = {"Code": "PartlyRecorded", "Message": f"AWS Config: {why}"}
    return HeldAnswer(name, {"Error": error})


def _name_of(arn: str) -> str:
    return arn.rpartition("/")[2]


def _is_known(arn: str) -> bool:
    name = _name_of(arn)
    return name in config_facts()["managed_policies"] and arn.endswith(f":aws:policy/{name}")


def _managed_row(arn: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    version = facts["version"]
    return {
        "Arn": arn,
        "PolicyName": _name_of(arn),
        "DefaultVersionId": version,
        "PolicyVersionList": [
            {"VersionId": version, "IsDefaultVersion": True, "Document": facts["document"]}
        ],
    }


def _by_reason(rows: Iterable[tuple[Key, str]], verb: str) -> list[str]:
    """One sentence for each type and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for key, reason in rows:
        found.setdefault((key.type, reason), []).append(key.id)
    return [
        f"{_counted(len(ids), 'item')} of {name} {verb}{':' if verb == 'not taken' else ''} "
        f"{reason} ({_some(ids)})"
        for (name, reason), ids in sorted(found.items())
    ]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
