"""iCalendar files (RFC 5545): their events, for the core to expand.

The `icalendar` library takes lines and values apart. Its components are not used: they would work out the clock changes
of a file's own VTIMEZONEs, which may be made to take for ever. A TZID is looked up by its name instead.
"""

from chalicelib.adapters.icalendar_file.events import spans_in

__all__ = ["spans_in"]
