"""A registry with one small image, for the pulls of the scenarios. Run as a program.

It listens at a free port of 127.0.0.1 and prints it; what it is asked is told on stderr. It ends
when its standard input ends. Any request that it does not know is answered with 404, as registries
do.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def make_image() -> dict[str, tuple[str, bytes]]:
    """All that the registry has: type and content by the end of the path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("hello.txt")
        member.size = 5
        archive.addfile(member, io.BytesIO(b"hello"))
    layer = gzip.compress(buffer.getvalue(), mtime=0)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["/hello"], "Labels": {"from": "the test"}},
            "rootfs": {"type": "layers", "diff_ids": [digest(buffer.getvalue())]},
            "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "a test"}],
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "size": len(config), "digest": digest(config)},
            "layers": [{"mediaType": LAYER, "size": len(layer), "digest": digest(layer)}],
        }
    ).encode()
    return {
        "/v2/": ("application/json", b"{}"),
        "/v2/hello/manifests/latest": (MANIFEST, manifest),
        f"/v2/hello/manifests/{digest(manifest)}": (MANIFEST, manifest),
        f"/v2/hello/blobs/{digest(config)}": ("application/octet-stream", config),
        f"/v2/hello/blobs/{digest(layer)}": ("application/octet-stream", layer),
    }


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    content = make_image()

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def answer(self, *, with_body: bool) -> None:
        missing = json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "unknown"}]})
        path = self.path.partition("?")[0]
        status = 200 if path in self.content else 404
        kind, body = self.content.get(path, ("application/json", missing.encode()))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", digest(body))
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
