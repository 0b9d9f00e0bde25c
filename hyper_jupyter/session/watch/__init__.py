"""What an engine reports until a watch is stopped: statistics of containers, and events.

Layer: session, watch. Beside ``attach``: nothing here belongs to one session.
"""

from hyper_jupyter.session.watch.live_events import LiveEvents
from hyper_jupyter.session.watch.live_stats import LiveStats
from hyper_jupyter.session.watch.watch import OVER, Watch, WatchState, watches

__all__ = ["OVER", "LiveEvents", "LiveStats", "Watch", "WatchState", "watches"]
