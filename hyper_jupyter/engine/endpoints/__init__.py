"""The API's routes, one module per noun; each adds its routes to the table.

Layer: engine. Event loop only.
"""

from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints.archive import add_archive
from hyper_jupyter.engine.endpoints.containers import add_containers
from hyper_jupyter.engine.endpoints.events import add_events
from hyper_jupyter.engine.endpoints.execs import add_execs
from hyper_jupyter.engine.endpoints.images import add_images
from hyper_jupyter.engine.endpoints.logs import add_logs
from hyper_jupyter.engine.endpoints.missing import add_missing
from hyper_jupyter.engine.endpoints.networks import add_networks
from hyper_jupyter.engine.endpoints.processes import add_processes
from hyper_jupyter.engine.endpoints.streams import add_streams
from hyper_jupyter.engine.endpoints.system import add_system
from hyper_jupyter.engine.http.routes import Routes

__all__ = ["add_all"]


def add_all(routes: Routes, store: Store) -> None:
    """Add all routes to the table."""
    for add in (
        add_containers,
        add_streams,
        add_logs,
        add_execs,
        add_processes,
        add_archive,
        add_events,
        add_images,
        add_networks,
        add_system,
    ):
        add(routes, store)
    add_missing(routes)
