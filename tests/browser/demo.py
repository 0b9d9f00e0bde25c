"""Sessions without an engine, for notebooks of the browser tests; runs in the kernel."""

from __future__ import annotations

from hyper_jupyter.protocol.frames import StreamType
from tests.widgets.fakes import ScriptedSession


def greeter(name: str) -> ScriptedSession:
    """Greets on both streams and answers each line it gets; ``exit N`` ends it."""
    session = ScriptedSession(name)

    def answer(data: bytes) -> None:
        line = data.decode().strip()
        if line.startswith("exit "):
            session.exit(int(line[5:]))
        elif line.startswith("warn "):
            session.output(f"\x1b[33mwarning:\x1b[0m {line[5:]}\n".encode(), StreamType.STDERR)
        else:
            session.output(f"{name} got {line}\n".encode())

    session.on_send = answer
    session.output(f"\x1b[1;32mhello\x1b[0m from {name} on stdout\n".encode())
    session.output(f"hello from {name} on stderr\n".encode(), StreamType.STDERR)
    return session


def terminal(name: str) -> ScriptedSession:
    """A TTY that echoes keys and asks the terminal what it is when ``q`` is pressed."""
    session = ScriptedSession(name, tty=True)

    def answer(data: bytes) -> None:
        if data == b"q":
            session.output(b"\x1b[c")
        elif data == b"\r":
            session.output(b"\r\n$ ")
        else:
            session.output(data.replace(b"\x1b", b"^["))

    session.on_send = answer
    session.output(
        b"$ ls --color\r\n\x1b[34mbin\x1b[0m  \x1b[34metc\x1b[0m  \x1b[32mrun.sh\x1b[0m\r\n$ "
    )
    return session


def colours(session: ScriptedSession) -> None:
    """Everything that a theme must keep readable, and a progress bar."""
    names = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
    for base, word in ((30, ""), (90, "bright ")):
        line = " ".join(f"\x1b[{base + n}m{word}{name}\x1b[0m" for n, name in enumerate(names))
        session.output(f"{line}\n".encode())
    session.output(b"".join(b"\r%3d %%" % percent for percent in range(0, 101, 10)) + b"\n")
    session.output("unicode: äöü € → 漢字 🙂\n".encode())
    session.output(
        b"\x1b[31mtraceback:\x1b[0m a long line " + b"x" * 120 + b"\n", StreamType.STDERR
    )
