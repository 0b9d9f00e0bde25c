"""Programs of this machine: starting them, their input, their output, their end.

Layer: engine. Main thread and event loop only. Knows nothing of HTTP and of containers.
"""
