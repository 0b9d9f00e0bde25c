"""What a container is configured to do: the body of a create request, checked.

Layer: engine. No I/O, except that this process's environment, user and limits are read. Uses
:mod:`hyper_jupyter.engine.program`; knows nothing of containers that exist, and nothing of HTTP.
"""
