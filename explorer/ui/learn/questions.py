"""Questions in the drawer: asked, answered, judged, and what was seen afterwards."""

from explorer.lessons.lesson import Lesson


def ask(lesson: Lesson, number: int) -> None:
    """Nothing where the step asks nothing."""
