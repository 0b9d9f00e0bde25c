"""The connections that carry a session.

Layer: session, attach; above ``store``. A connection is opened in the caller's thread, then the
I/O thread owns it.
"""
