"""Decisions without I/O, clock or threads: they are tested as tables.

Layer: session, below all its other rooms. Any thread.
"""
