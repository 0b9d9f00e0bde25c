"""Readings of a container's log: before live output, at its end, and on from where it was cut.

Layer: session, attach.
"""
