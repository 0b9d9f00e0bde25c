"""The embedded engine: Docker's HTTP API over processes of this machine.

Layer: engine; a program of its own (``python -m hyper_jupyter.engine``), started by name. Imports
only :mod:`hyper_jupyter.protocol`, ``ownership`` and ``exceptions``. One thread, one asyncio
loop; children are started from that thread. It is not a sandbox: a "container" is a process of this
user, in its own session and process group.

Imports go to the right only: ``__main__ → server → endpoints → containers → program``, and
``endpoints → http``; ``http`` and the two rooms of containers and programs do not know each other.
"""
