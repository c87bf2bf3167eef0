"""The IAM engine: who can do what, and under which conditions.

Pure: plain values in, :class:`graph.verdict.Answer` out. No AWS, no store. Only
:mod:`graph.iam.from_snapshot` knows snapshots.
"""
