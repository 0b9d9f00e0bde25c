"""Attach a running container to a notebook cell."""

__version__ = "0.1.0"
