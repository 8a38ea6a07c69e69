"""Tests of `explorer/diagram`."""
