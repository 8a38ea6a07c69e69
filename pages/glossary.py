"""Glossary: what every word on the other pages means."""

from explorer.ui.glossary_page import glossary

glossary()
