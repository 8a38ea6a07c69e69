"""Learn: lessons that drive the other pages, and ask before they show."""

from explorer.ui.learn.page import learn_page

learn_page()
