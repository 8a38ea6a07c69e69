"""Tests of `explorer/graph`."""
