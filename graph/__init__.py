"""From a snapshot to a graph: schema, records, the two engines, derivation and the stores.

Nothing here calls AWS. ``graph.iam`` and ``graph.network`` know neither boto3 nor a database.
"""
