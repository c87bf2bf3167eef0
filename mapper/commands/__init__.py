"""One module per command; each has ``command``, and imports the rest only when it runs."""
