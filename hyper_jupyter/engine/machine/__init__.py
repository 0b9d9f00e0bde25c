"""This machine as a container sees it: what it is, its files, and what its processes are and use.

Layer: engine. Event loop only. Uses :mod:`hyper_jupyter.engine.program`; knows nothing of
containers and HTTP.
"""
