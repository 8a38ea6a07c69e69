"""Tests of `explorer/leaderboard`."""
