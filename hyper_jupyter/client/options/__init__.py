"""What a new container is given: Python values and the docker command line's own notations.

Layer: client. Any thread; no I/O here, except that a relative path is completed.
"""
