"""What remains of a session in a saved notebook: its last lines as text and HTML.

Layer: recording. Runs in its callers' threads.
"""

from hyper_jupyter.recording.excerpt import Journal
from hyper_jupyter.recording.history import History, joint_line, shown_lines
from hyper_jupyter.recording.live import Container
from hyper_jupyter.recording.report import Report, ReportSource

__all__ = [
    "Container",
    "History",
    "Journal",
    "Report",
    "ReportSource",
    "joint_line",
    "shown_lines",
]
