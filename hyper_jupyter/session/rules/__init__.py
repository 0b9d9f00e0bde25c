"""Decisions without I/O, clock or threads. They are tested as tables.

Layer: session, rules; below all other rooms of ``session``. Any thread.
"""
