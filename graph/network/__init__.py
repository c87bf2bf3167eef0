"""The network engine: who can reach what, on sets of addresses and ports."""
