"""The I/O thread, the worker threads, and what runs on the I/O thread.

Layer: session. Threads of the session layer are started here only.
"""
