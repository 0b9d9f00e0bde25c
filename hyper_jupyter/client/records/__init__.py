"""What engines say about their containers, images, volumes and networks, as values.

Layer: client. Any thread; no I/O here. Records are frozen. Their texts are printable, in one line
and at most 4,096 characters: strangers name things. ``raw`` is the engine's own object, as it came.
"""

from hyper_jupyter.client.records.containers import Change, Container, Port, ProcessTable
from hyper_jupyter.client.records.images import Image, Layer, Progress, RemovedImages, split_tag
from hyper_jupyter.client.records.networks import Network
from hyper_jupyter.client.records.stats import Stats
from hyper_jupyter.client.records.system import (
    DiskUsage,
    EngineInfo,
    EngineVersion,
    Event,
    Pruned,
    Usage,
)
from hyper_jupyter.client.records.volumes import Volume

__all__ = [
    "Change",
    "Container",
    "DiskUsage",
    "EngineInfo",
    "EngineVersion",
    "Event",
    "Image",
    "Layer",
    "Network",
    "Port",
    "ProcessTable",
    "Progress",
    "Pruned",
    "RemovedImages",
    "Stats",
    "Usage",
    "Volume",
    "split_tag",
]
