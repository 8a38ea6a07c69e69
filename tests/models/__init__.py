"""Tests of `explorer/models`."""
