"""What can go wrong, as nouns; the text is for a person."""

from __future__ import annotations


class ContentError(Exception):
    """Anything the program refuses or fails to do."""


class OriginAway(ContentError):
    """The origin cannot be reached, or does not let us in: nobody has anything newer for now."""
