"""A stream of real requests over many sites and hosts that writes every single one down.

In a process of its own (`process.Stream`), or in this one (`stream.Crowd`); `record` reads what was written.
"""

from .load import Backend, Load, Page
from .process import Stream, StreamDied
from .record import Outage, Summary, Visit, read, summarize

__all__ = ["Backend", "Load", "Outage", "Page", "Stream", "StreamDied", "Summary", "Visit"]
__all__ += ["read", "summarize"]
