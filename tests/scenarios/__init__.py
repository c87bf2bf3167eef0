"""Labelled scenarios of attack paths, written from AWS's documentation before any was run."""
