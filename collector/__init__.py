"""From AWS to a snapshot: declarations of what to call, one engine that runs them, the ledger.

Nothing here interprets what it fetched.
"""
