"""The Learn page, and the drawer in which a lesson runs beside every page."""
