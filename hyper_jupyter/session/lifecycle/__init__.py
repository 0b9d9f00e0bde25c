"""Where a session stands, and how it gets there.

Layer: session, above ``attach``.
"""
