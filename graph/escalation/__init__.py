"""Escalation: how a principal gains another's rights, technique by technique."""
