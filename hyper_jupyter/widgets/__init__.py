"""Views of a session in a notebook, and the delivery of its output to the page.

Layer: widgets. Only this layer imports ipywidgets and anywidget (which may be missing), and only
its module ``kernel`` imports IPython and ipykernel.
"""

from hyper_jupyter.widgets.diagnosis import kernel_findings
from hyper_jupyter.widgets.front_end import choose_front_end
from hyper_jupyter.widgets.page.page_check import PageCheck
from hyper_jupyter.widgets.parts import (
    DetachButton,
    SessionView,
    SessionWidgets,
    StderrPane,
    StdinInput,
    StdoutPane,
)
from hyper_jupyter.widgets.replay.replay_widget import REPLAY_ROWS, ReplayWidget
from hyper_jupyter.widgets.replay.saved_replay import saved_replay
from hyper_jupyter.widgets.saved_output import SavedDisplay
from hyper_jupyter.widgets.saved_watch import SavedWatch
from hyper_jupyter.widgets.watch_widget import (
    EventsWidget,
    FramesWidget,
    RecordedFrames,
    StatsWidget,
    WatchedFrames,
    WatchWidget,
)

__all__ = [
    "REPLAY_ROWS",
    "DetachButton",
    "EventsWidget",
    "FramesWidget",
    "PageCheck",
    "RecordedFrames",
    "ReplayWidget",
    "SavedDisplay",
    "SavedWatch",
    "SessionView",
    "SessionWidgets",
    "StatsWidget",
    "StderrPane",
    "StdinInput",
    "StdoutPane",
    "WatchWidget",
    "WatchedFrames",
    "choose_front_end",
    "kernel_findings",
    "saved_replay",
]
