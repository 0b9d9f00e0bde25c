"""One engine: all calls about what it has.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

from traitlets import Unicode

from hyper_jupyter.client.resources.containers import DEFAULT_SIZE, ContainerCalls
from hyper_jupyter.client.resources.copying import CopyCalls
from hyper_jupyter.client.resources.images import ImageCalls
from hyper_jupyter.client.resources.networks import NetworkCalls
from hyper_jupyter.client.resources.observation import ObservationCalls
from hyper_jupyter.client.resources.system import SystemCalls
from hyper_jupyter.client.resources.volumes import VolumeCalls

__all__ = ["DEFAULT_SIZE", "EngineClient"]


class EngineClient(
    ContainerCalls, ObservationCalls, CopyCalls, ImageCalls, VolumeCalls, NetworkCalls, SystemCalls
):
    """Calls about one engine. Constructor and attributes are those of `Channel`."""

    default_host = Unicode(
        "", help="The engine's address, if neither a call nor HYPER_JUPYTER_HOST names one."
    ).tag(config=True)
