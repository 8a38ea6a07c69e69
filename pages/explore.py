"""Explore: build a network live, see it, take it apart, know what it costs."""

from explorer.ui.chooser import choose
from explorer.ui.headline import headline
from explorer.ui.state import current, publish, show_problems
from explorer.ui.studio import shown, studio

current()
choose()
place, now, before = shown()
show_problems()
headline(place, now, before)
studio()
publish()
