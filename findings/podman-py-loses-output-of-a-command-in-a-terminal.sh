#!/usr/bin/env bash
# podman 5.8.0 (podman-py): exec_run(tty=True) loses the first 8 bytes of the output with stream=True, and all of it
# with demux=True. Without a terminal, the plain form returns the frames' headers as a part of the output.
#
# Podman frames the output of a command without a terminal: 8 bytes with the stream and the size before each piece.
# Output of a terminal has no frames. podman-py says of what exec_run() returns: "If stream, then a generator yielding
# response chunks. If demux, then a tuple of (stdout, stderr). Else the response content." tty is "Allocate a
# pseudo-TTY". One expects the output in all forms, as docker-py gives it.
#
# exec_run() passes tty on to the engine, and forgets it when it reads the answer: it takes the text's first 8 bytes for
# a header and the rest for one frame. The size that it reads in the text is too large, so stream=True gives what there
# is, and demux=True nothing at all: (None, None), with exit code 0.
#
# The engine here is a server on the loopback interface. It answers with the bytes that Podman 5.4.2 sent for
# "echo hello from exec; echo err >&2", whose output podman-py gave back in the same way.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check podman==5.8.0

cat > run.py <<'PY'
import http.server
import json
import threading

import podman

FRAMES = b"\x01\0\0\0\0\0\0\x10hello from exec\n\x02\0\0\0\0\0\0\x04err\n"
TERMINAL = b"hello from exec\r\nerr\r\n"


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        request = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        if self.path.endswith("/start"):
            body = TERMINAL if request["Tty"] else FRAMES
        else:
            body = json.dumps({"Id": "5e8b1d8ae1f4", "Name": "web", "ExitCode": 0}).encode()
        self.send_response(201 if self.path.endswith("/exec") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
container = podman.PodmanClient(base_url=f"tcp://127.0.0.1:{server.server_port}").containers.get("web")

command = ["sh", "-c", "echo hello from exec; echo err >&2"]
for options in ({}, {"stream": True}, {"demux": True}):
    for tty in (False, True):
        code, output = container.exec_run(command, tty=tty, **options)
        print(f"tty={tty}", *options, "->", list(output) if "stream" in options else output)
PY

seen=$(venv/bin/python run.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
tty=False -> b'\x01\x00\x00\x00\x00\x00\x00\x10hello from exec\n\x02\x00\x00\x00\x00\x00\x00\x04err\n'
tty=True -> b'hello from exec\r\nerr\r\n'
tty=False stream -> [b'hello from exec\n', b'err\n']
tty=True stream -> [b'om exec\r\nerr\r\n']
tty=False demux -> (b'hello from exec\n', b'err\n')
tty=True demux -> (None, None)
TEXT
echo "as seen: output of a terminal is taken for frames"
