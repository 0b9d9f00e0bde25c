"""The I/O thread, the worker threads, and what runs on the I/O thread.

Layer: session, io. Only this room starts threads of the session layer.
"""
