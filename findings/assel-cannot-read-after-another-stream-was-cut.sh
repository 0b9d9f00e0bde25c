#!/usr/bin/env bash
# assel 1.0.0: all event streams of a process share one UTF-8 decoder. While one waits for the rest of a character, or
# after it was cut there, no other stream can be read, nor a new one.
#
# assel is "a sans I/O Server-Sent Events (SSE) library": a Parser is given the chunks of one stream and returns its
# events. Chunks end anywhere, also inside a character; the parser "incrementally decodes lines from chunks of bytes".
# One expects each Parser to read its own stream, as connections of h11 or wsproto do.
#
# The decoder is created with the class, not with the object. If a chunk of one stream ends inside a character, the next
# chunk of any other stream is decoded as if it followed, and raises UnicodeDecodeError, although its bytes are valid.
# The decoder keeps the unfinished character, so this goes on. Once a connection broke inside a character, no Parser of
# this process reads anything again. With ASCII alone nothing of it is seen.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check assel==1.0.0

cat > streams.py <<'PY'
from assel import Parser


def feed(name, parser, chunk):
    try:
        print(f"{name}: {[event.data for event in parser.receive_bytes(chunk)]}")
    except UnicodeDecodeError as error:
        print(f"{name}: {error}")


text = "data: größer\n\n".encode()
start, rest = text[:9], text[9:]  # the first ends inside a character
first, second = Parser(), Parser()
feed("first stream, start", first, start)
feed("first stream, rest", first, rest)

feed("first stream, start", first, start)
feed("second stream", second, b"data: plain\n\n")
feed("first stream, rest", first, rest)
feed("second stream", second, b"data: plain\n\n")

feed("first stream, start", first, start)  # and nothing more comes
for _ in range(3):
    feed("new stream", Parser(), b"data: plain\n\n")
PY

seen=$(venv/bin/python streams.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
first stream, start: []
first stream, rest: ['größer']
first stream, start: []
second stream: 'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte
first stream, rest: ['größer']
second stream: ['plain']
first stream, start: []
new stream: 'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte
new stream: 'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte
new stream: 'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte
TEXT
echo "as seen: a stream that was cut in a character stops all others"
