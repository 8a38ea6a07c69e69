"""Tests of `explorer/scaling`."""
