"""What a cut of a session's connection has cost, and one attempt to attach again.

Layer: session, lifecycle.
"""
