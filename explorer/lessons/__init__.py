"""Lessons: Markdown files whose steps open views of live networks, ask first, and are answered by what is computed."""
