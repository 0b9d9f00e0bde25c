"""Containers and execs: their configuration, state and events, and the clients attached to them.

Layer: engine. Event loop only. Uses :mod:`hyper_jupyter.engine.program`; knows nothing of HTTP.
"""
