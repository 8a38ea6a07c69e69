"""Tests of `explorer/activations`."""
