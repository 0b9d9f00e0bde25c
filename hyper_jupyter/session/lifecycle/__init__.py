"""Where a session stands, and how it gets there.

Layer: session, lifecycle; above ``attach``. Any thread.
"""
