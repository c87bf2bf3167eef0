"""The network engine with one step switched off: that step's own test must fail.

How to add one:

- A mutant is one entry of a table ``MUTANTS`` in a module ``mutants_*.py``: its key is a step of
  :data:`~tests.network.mutants.steps.STEPS` and what of it is off (``N4/blackhole``); the entry
  says what the engine believes then, names the one test that must notice, and makes the change.
- The test is named as pytest names it, below ``tests/network``; without the brackets of a
  parametrized test all its cases count.
- A rule of AWS's that has no test of its own gets one, with a twin that differs in one control.

``python -m tests.network.mutants.mutation N4`` says which mutants of a step survive; with
``--all`` also which other tests notice.
"""
