"""Tests of `explorer/analysis`."""
