"""Bytes in, events out: the attach protocol without any I/O.

Layer: protocol. It imports only :mod:`hyper_jupyter.exceptions`, h11 and ``websockets``' core. No
I/O, no clock, no threads, no Jupyter here.
"""

from hyper_jupyter.exceptions import InvalidDetachKeys, InvalidSignature, ProtocolError
from hyper_jupyter.protocol.detach_keys import DEFAULT_DETACH_KEYS, DetachKeys, parse_detach_keys
from hyper_jupyter.protocol.exchange import Exchange, ResponseHead
from hyper_jupyter.protocol.frames import (
    MAX_SYSTEM_ERR,
    EndOfStream,
    Event,
    Fault,
    FrameDecoder,
    Output,
    Piece,
    StreamType,
    SystemErr,
    encode_frame,
)
from hyper_jupyter.protocol.signature import DEFAULT_REGION, sign, verify

__all__ = [
    "DEFAULT_DETACH_KEYS",
    "DEFAULT_REGION",
    "MAX_SYSTEM_ERR",
    "DetachKeys",
    "EndOfStream",
    "Event",
    "Exchange",
    "Fault",
    "FrameDecoder",
    "InvalidDetachKeys",
    "InvalidSignature",
    "Output",
    "Piece",
    "ProtocolError",
    "ResponseHead",
    "StreamType",
    "SystemErr",
    "encode_frame",
    "parse_detach_keys",
    "sign",
    "verify",
]
