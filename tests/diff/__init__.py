"""Tests of `explorer/diff`."""
