"""From AWS to a snapshot: declarations of what to call, one engine that runs them, the ledger.

Nothing here interprets what it fetched. :func:`collector.collect.collect` makes a snapshot of
AWS, :func:`collector.raw.import_raw` one of recorded answers.
"""
