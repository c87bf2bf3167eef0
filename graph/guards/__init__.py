"""Guards in plain words, and whose the accounts outside are.

Pure: reads parsed policies and the IAM engine's facts; never changes a verdict.
"""

from graph.guards.facts import GuardFacts, guard_facts
from graph.guards.grants import guarded
from graph.guards.words import policy_guards, trust_guards, whole_account

__all__ = ["GuardFacts", "guard_facts", "guarded", "policy_guards", "trust_guards", "whole_account"]
