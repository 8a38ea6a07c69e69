"""Tests of `explorer/datasets`."""
