"""The screen of a terminal: cells, cursor, styles and widths, as xterm.js has them.

Layer: recording. No I/O, no threads.
"""

from hyper_jupyter.recording.screen.screen import Screen

__all__ = ["Screen"]
