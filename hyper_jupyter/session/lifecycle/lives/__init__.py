"""A session that goes on with the next life of its container.

Layer: session, lifecycle.
"""
