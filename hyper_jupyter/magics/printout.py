"""Prints a session's streams as ordinary output of the cell: ``--wait``, for runs without a page.

Layer: magics. The user's thread waits here. The session receives on the I/O thread meanwhile.
"""

from __future__ import annotations

import codecs
import sys
import threading
import time
from typing import Final

from hyper_jupyter.api import Session
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import ENDED, State
from hyper_jupyter.session.rules.outcome import outcome_text

__all__ = ["Interrupted", "Printout"]

_PIECE: Final = 256 * 1024

_FLUSH_PAUSE: Final = 0.02
"""Seconds between two flushes that keep the streams in order. A kernel makes a message of each
flush, and drops messages when more than a thousand are waiting."""


class Interrupted(KeyboardInterrupt):
    """The user interrupted the waiting. The session is detached."""


class Printout:
    """Prints what a session receives until it ends, stdout to stdout and stderr to stderr.

    Each stream is complete and in order. The order of arrival between the two is kept as long as
    they do not alternate faster than the front end can follow.

    Args:
        session: what to print, from its first byte on.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._position = 0
        # One per stream: the other stream's bytes may come between two pieces of a character.
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = {
            stream: decoder("replace") for stream in (StreamType.STDOUT, StreamType.STDERR)
        }
        self._last = StreamType.STDOUT
        self._flushed_at = 0.0
        self._in_line = False  # whether stderr's last line is unfinished

    def run(self, timeout: float | None = None) -> None:
        """Print until the session ends.

        Args:
            timeout: seconds; ``None`` means no limit.

        Raises:
            TimeoutError: the session did not end in time. It is detached; the container runs on.
            Interrupted: the user interrupted. The same.
            HyperJupyterError: the session was lost or failed.
        """
        session = self._session
        deadline = None if timeout is None else time.monotonic() + timeout
        news = threading.Event()
        unsubscribe = session.subscribe(news.set)
        try:
            while True:
                news.clear()
                ended = session.state in ENDED
                if self._print_next():
                    late = deadline is not None and time.monotonic() >= deadline
                elif ended:
                    break
                else:
                    remaining = None if deadline is None else deadline - time.monotonic()
                    late = not news.wait(None if remaining is None else max(0.0, remaining))
                if late and session.state not in ENDED:
                    text = f"{session.name} did not end within {timeout:g} s"
                    raise TimeoutError(f"{text}; {self._detach()}")
        except KeyboardInterrupt:
            raise Interrupted(f"{session.name}: {self._detach()}") from None
        finally:
            unsubscribe()
        self._print_ends()
        self._report()

    def _print_next(self) -> bool:
        """Print the next piece of output. Return whether there was any."""
        records, position = self._session.journal.records(self._position, _PIECE)
        missing = position - self._position - sum(len(data) for _, _, data in records)
        self._position = position
        if missing:
            self._write(StreamType.STDERR, f"[{missing:,} bytes are not kept]\n")
        for stream, _, data in records:
            self._write(stream, self._decoders[stream].decode(data))
        return bool(records or missing)

    def _print_ends(self) -> None:
        for stream, decoder in self._decoders.items():
            self._write(stream, decoder.decode(b"", final=True))

    def _write(self, stream: StreamType, text: str) -> None:
        if not text:
            return
        if stream is not self._last and time.monotonic() >= self._flushed_at + _FLUSH_PAUSE:
            (sys.stderr if self._last is StreamType.STDERR else sys.stdout).flush()
            self._flushed_at = time.monotonic()
        self._last = stream
        if stream is StreamType.STDERR:
            sys.stderr.write(text)
            self._in_line = not text.endswith("\n")
        else:
            sys.stdout.write(text)

    def _detach(self) -> str:
        """Detach, and print the piece that has arrived until then. The rest may be a flood.

        Returns:
            The outcome in words.
        """
        session = self._session
        session.detach()
        self._print_next()
        self._print_ends()
        return outcome_text(
            session.state, session.exit_code, session.error, complete=session.complete
        )

    def _report(self) -> None:
        """Say how the session ended, unless the container exited with code 0 and all came."""
        session = self._session
        if session.error is not None:
            raise session.error
        well = session.exit_code == 0 and session.complete is not False
        if session.state is State.DETACHED or not well:
            begin = "\n" if self._in_line else ""
            outcome = outcome_text(session.state, session.exit_code, complete=session.complete)
            text = f"{begin}[{session.name}: {outcome}]\n"
            self._write(StreamType.STDERR, text)
