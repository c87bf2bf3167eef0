"""The rules of IAM's evaluation: each a named test, beside a twin that differs in one control.

How to add one:

- Mark the test ``@pytest.mark.rule("12", source="https://docs.aws.amazon.com/...")``. Its
  docstring is the rule's title in the table of ``docs/iam.md``: one sentence, in our own words,
  from AWS's page. ``source`` is that page, with the anchor if it has one.
- Mark its twin ``@pytest.mark.twin("12", control="the RCP sits on another OU")``: the same world
  but for that one control, and another outcome.
- Names are ``test_012_...`` and ``test_012_twin_...`` (``test_011b_...``). More tests and twins of
  one rule are welcome, at least one of each is needed (``test_document.py``).
- A rule test takes no parameters but ``tmp_path``: the mutation run calls it as a plain function.
- Files are by section of the rules; the first line of a file's docstring names the section.
- Then ``make docs`` (or ``python -m tests.iam.rules.document``) writes the table anew.

Write a rule from AWS's text, not from what the engine does; build it from policies as AWS prints
them (:mod:`tests.iam.worlds`, :mod:`tests.iam.rules.builders`).

Each rule also has a mutant in a module ``mutants_*.py``: the engine with that one rule (or a part
of it) switched off. At least one of the rule's own tests must then fail: ``test_mutants.py``, or
``python -m tests.iam.rules.mutation 12`` while writing one.
"""
