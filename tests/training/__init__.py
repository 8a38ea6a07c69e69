"""Tests of `explorer/training`."""
