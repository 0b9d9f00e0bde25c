"""Recordings as text, as data and as a page.

Layer: recording. No threads.
"""
