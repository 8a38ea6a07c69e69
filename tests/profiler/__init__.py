"""Tests of `explorer/profiler`."""
