"""A proxy that breaks connections as a script says, between a client and an engine.

* ``faults`` -- what may happen to a connection, and where in it
* ``proxy`` -- the proxy: one thread, unix or TCP on both sides
"""

from __future__ import annotations

from tests.faults.faults import Connection, Do, Fault, Script, Way, each_attach, healthy, in_turn
from tests.faults.proxy import Counts, FaultProxy

__all__ = [
    "Connection",
    "Counts",
    "Do",
    "Fault",
    "FaultProxy",
    "Script",
    "Way",
    "each_attach",
    "healthy",
    "in_turn",
]
