"""The connections that carry a session.

Layer: session, above ``store``. Opened in the caller's thread, then owned by the I/O thread.
"""
