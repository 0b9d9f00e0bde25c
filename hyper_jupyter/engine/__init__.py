"""The embedded engine: Docker's HTTP API over processes of this machine.

Layer: engine; a program of its own (``python -m hyper_jupyter.engine``), started by name.
Imports :mod:`hyper_jupyter.protocol` and :mod:`hyper_jupyter.exceptions` only. One thread,
one asyncio loop; children are started from that thread. It is no sandbox: a "container" is
a process of this user, in its own session and process group.
"""
