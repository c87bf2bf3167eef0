"""The ``mapper`` command line and ``mapper.api``: the only place that knows every stage."""
