"""What a node is, declared as data: one short file per AWS service.

``registry`` collects every ``DECLARATIONS`` tuple of this package; ``graph.inventory`` applies
them; ``document`` prints them as ``docs/schema.md``. A new AWS type is a new declaration in one of
the service files, or a new file: nothing else changes.
"""
