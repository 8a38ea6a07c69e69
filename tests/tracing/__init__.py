"""Tests of `explorer/tracing`."""
