"""A WebSocket client that reads frame by frame, for the tests of attach by WebSocket."""

from __future__ import annotations

from websockets.frames import Frame, Opcode

from tests.engine.driver import Engine, Stream

ALL = "stream=1&stdin=1&stdout=1&stderr=1"

FIELDS = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",  # of RFC 6455, section 1.3
}

MUCH = "head -c 3000000 /dev/zero"
"""More than the sockets between us hold."""

ECHO = 'while read -r line; do echo "got:$line"; done; echo END; exit 7'

NORMAL = (Opcode.CLOSE, b"\x03\xe8")


def masked(data: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


class Peer(Stream):
    """Our own client: it reads frame by frame, and never answers by itself."""

    def more(self) -> None:
        piece = self.socket.recv(1 << 16)
        assert piece, f"the end, after {self.data[-100:]!r}"
        self.data += piece

    def message(self) -> tuple[Opcode, bytes]:
        """Return the next frame, which must be whole, unmasked and the last of its message."""
        size, start = -1, 2
        while size < 0 or len(self.data) < start + size:
            if len(self.data) >= 4:
                size = self.data[1]
                assert size < 127
                if size == 126:
                    size, start = int.from_bytes(self.data[2:4], "big"), 4
            elif len(self.data) >= 2 and self.data[1] < 126:
                size = self.data[1]
            if size < 0 or len(self.data) < start + size:
                self.more()
        first, payload = self.data[0], self.data[start : start + size]
        self.data = self.data[start + size :]
        assert first & 0xF0 == 0x80
        return Opcode(first & 0x0F), payload

    def messages(self) -> list[tuple[Opcode, bytes]]:
        """Return all frames to the close frame; nothing may follow it."""
        got = [self.message()]
        while got[-1][0] is not Opcode.CLOSE:
            got.append(self.message())
        assert self.read_all() == b""
        return got

    def output(self, wanted: bytes) -> bytes:
        """Return the content of data messages, as soon as `wanted` is in it."""
        data = b""
        while wanted not in data:
            opcode, payload = self.message()
            assert opcode in (Opcode.TEXT, Opcode.BINARY), (opcode, payload, data[-100:])
            data += payload
        return data


def request(path: str, **changes: str | None) -> bytes:
    fields = FIELDS | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: engine", *lines, "", ""]).encode()


def attach(
    engine: Engine,
    container: str,
    query: str = ALL,
    *,
    prefix: str | None = None,
    trailing: bytes = b"",
    **changes: str | None,
) -> Peer:
    prefix = engine.prefix if prefix is None else prefix
    connected = engine.dial()
    path = f"{prefix}/containers/{container}/attach/ws?{query}"
    connected.sendall(request(path, **changes) + trailing)
    return Peer(connected)
