"""The ledger that is written is that of all rows, though one account's are held at a time."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.snapshot import Snapshot
from collector.snapshot.ledger import LedgerRow, Status, combined
from collector.snapshot.writer import Header, SnapshotWriter

HEADER = Header("1", ("arn",), {}, "d")
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)

rows = st.builds(
    LedgerRow,
    account_id=st.sampled_from(["111122223333", "444455556666", "777788889999"]),
    region=st.sampled_from(["global", "eu-west-1", "us-east-1"]),
    service=st.sampled_from(["ec2", "rds", "sqs", "sns", "kms", "acm"]),
    operation=st.sampled_from(["describe", "list"]),
    type=st.sampled_from(["a:b", "c:d", "*"]),
    status=st.sampled_from([Status.OK, Status.EMPTY, Status.DENIED, Status.REGION_DISABLED]),
    items=st.integers(0, 3),
    calls=st.integers(0, 2),
    message=st.sampled_from(["", "with an explicit deny in a service control policy"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(rows, max_size=8), max_size=12), st.booleans())
def test_the_ledger_is_that_of_all_rows(jobs: list[list[LedgerRow]], resumed: bool) -> None:
    expected = combined(row for job in jobs for row in job)
    with tempfile.TemporaryDirectory() as folder:
        writer = SnapshotWriter.begin(Path(folder) / "s", HEADER, NOW)
        for number, job in enumerate(jobs):
            writer.note(f"job-{number}", {}, job)
        if resumed:
            writer.leave()
            again = SnapshotWriter.resume(Path(folder), HEADER, NOW)
            assert again is not None
            writer = again
        assert list(writer.ledger()) == expected
        writer.finish([], [], {})
        assert Snapshot.open(Path(folder) / "s").ledger == tuple(expected)
        assert writer.gaps == [row for row in expected if row.is_gap]
        assert writer.statuses.total() == len(expected)
