"""The API's routes, one module per noun; each adds its routes to the table.

Layer: engine. Event loop only.
"""

from hyper_jupyter.engine.endpoints.containers import add_containers
from hyper_jupyter.engine.endpoints.execs import add_execs
from hyper_jupyter.engine.endpoints.logs import add_logs
from hyper_jupyter.engine.endpoints.streams import add_streams
from hyper_jupyter.engine.endpoints.system import add_system

__all__ = ["add_containers", "add_execs", "add_logs", "add_streams", "add_system"]
