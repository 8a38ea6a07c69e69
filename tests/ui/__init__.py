"""Tests of `explorer/ui`."""
