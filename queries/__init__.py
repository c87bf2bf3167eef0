"""The Cypher library: one ``.cypher`` file per question, and the runner that gives frames."""
