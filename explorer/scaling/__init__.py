"""Compound scaling: its law, the networks it leads to, and what they cost."""
