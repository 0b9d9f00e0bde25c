"""Prints a session's streams as ordinary output of the cell: ``--wait``, and ``%hyper logs``.

Layer: magics. The user's thread waits here. The session receives on the I/O thread meanwhile.
"""

from __future__ import annotations

import codecs
import sys
import threading
import time
from typing import Final

from hyper_jupyter.api import Session
from hyper_jupyter.magics.labels import label, outcome_of
from hyper_jupyter.magics.line_window import LineWindow
from hyper_jupyter.magics.values import Warned
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording import joint_line
from hyper_jupyter.session import ENDED, State
from hyper_jupyter.session.store.marks import Mark, newest_after, woven
from hyper_jupyter.widgets.kernel import kernel_facts, show

__all__ = ["Interrupted", "Printout"]

_PIECE: Final = 256 * 1024

_MARKS: Final = 1000
"""Most marks that are printed at a time."""

_BURST: Final = 500
_FLUSH_PAUSE: Final = 0.01
"""Each flush where the streams alternate keeps them in order, and a kernel makes a message of it. A
kernel drops messages when more than a thousand are waiting, so after ``_BURST`` of them there is
one in ``_FLUSH_PAUSE`` seconds."""

_PACING: Final = 10.0
"""Seconds that a log's printing may take longer in all so that its streams stay in order."""


class Interrupted(KeyboardInterrupt):
    """The user interrupted the waiting: a session is detached, or a copy is not complete."""


class _Flushes:
    """Says when a flush may keep two streams in order.

    Args:
        waits: seconds that it may wait in all for the front end to follow.
    """

    def __init__(self, waits: float) -> None:
        self._waits = waits
        self._number = float(_BURST)
        self._at = time.monotonic()

    def take(self) -> bool:
        """Return whether to flush now; wait for that if there is still time for waiting."""
        self._refill()
        while self._number < 1.0 and self._waits > 0.0:
            time.sleep(_FLUSH_PAUSE)
            self._waits -= _FLUSH_PAUSE
            self._refill()
        if self._number < 1.0:
            return False
        self._number -= 1.0
        return True

    def _refill(self) -> None:
        now = time.monotonic()
        self._number = min(float(_BURST), self._number + (now - self._at) / _FLUSH_PAUSE)
        self._at = now


class Printout:
    """Prints what a session receives until it ends, stdout to stdout and stderr to stderr.

    Each stream is complete and in order. The order of arrival between the two is kept as long as
    they do not alternate faster than the front end can follow.

    Args:
        session: what to print, from its first byte on.
        is_log: it is a log. Then printing may take longer to keep the order, and how the container
            ended is not printed.
        patience: after how many silent seconds to say that nothing comes; ``None`` is never.
        window: chooses the lines of a long log; ``None`` prints all.
    """

    def __init__(
        self,
        session: Session,
        *,
        is_log: bool = False,
        patience: float | None = None,
        window: LineWindow | None = None,
    ) -> None:
        self._session = session
        self._is_log = is_log
        self._patience = patience
        self._window = window
        self._flushes = _Flushes(_PACING if is_log else 0.0)
        self._position = 0
        self._marked = 0  # the number of the last mark that was printed
        # One per stream: the other stream's bytes may come between two pieces of a character.
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = {
            stream: decoder("replace") for stream in (StreamType.STDOUT, StreamType.STDERR)
        }
        self._last = StreamType.STDOUT
        self._in_line = False  # whether stderr's last line is unfinished

    def run(self, timeout: float | None = None) -> None:
        """Print until the session ends.

        One that follows restarts is left when the container has ended and the engine does not start
        it again by itself: nobody may be there who does.

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
            if not self._is_log:
                self._print_history()
            while True:
                news.clear()
                ended = session.state in ENDED or session.settled
                if self._print_next():
                    late = deadline is not None and time.monotonic() >= deadline
                elif ended:
                    if session.state not in ENDED:
                        session.detach()
                    break
                else:
                    remaining = None if deadline is None else deadline - time.monotonic()
                    late = not self._wait(news, remaining)
                if late and session.state not in ENDED:
                    text = f"{label(session)} did not end within {timeout:g} s"
                    raise TimeoutError(f"{text}; {self._detach()}")
        except KeyboardInterrupt:
            raise Interrupted(f"{label(session)}: {self._detach()}") from None
        finally:
            unsubscribe()
        self._print_held()
        self._print_ends()
        self._report()

    def _print_history(self) -> None:
        """Print what the container printed before, each line to its stream."""
        history = self._session.history
        lines = list(history.lines())
        for line in lines:
            stream = StreamType.STDERR if line.stream == "stderr" else StreamType.STDOUT
            self._write(stream, f"{line.text}\n")
        if lines or history.note:
            self.say(joint_line(history.note))

    def _wait(self, news: threading.Event, remaining: float | None) -> bool:
        """Wait for news. Return whether there may be some, or time is left."""
        patience, self._patience = self._patience, None
        if patience is not None and (remaining is None or patience < remaining):
            if not news.wait(patience):
                self.say(f"the engine has sent nothing for {patience:g} s; still waiting")
                return True
            self._patience = patience
            return True
        return news.wait(None if remaining is None else max(0.0, remaining))

    def _print_next(self) -> bool:
        """Print the next piece of output. Return whether there was any."""
        records, position = self._session.journal.records(self._position, _PIECE)
        missing = position - self._position - sum(len(data) for _, _, data in records)
        self._position += missing
        if missing and not (self._window and self._window.holds):
            self.say(f"{missing:,} bytes are not kept")
        marks = newest_after(self._session.marks, self._marked, _MARKS)
        for piece in woven(records, self._position, position, marks):
            if isinstance(piece, Mark):
                self._marked = piece.number
                if self._window is None:  # its lines are counted, and these are none of them
                    self.say(piece.text)
                continue
            stream, _, data = piece
            passed = data
            if self._window is not None:
                passed = data[: self._window.take(self._position, data)]
            self._position += len(data)
            self._write(stream, self._decoders[stream].decode(passed))
        return bool(records or missing)

    def _print_held(self) -> None:
        """Print the end of what the window has held back, after a line that says what is not."""
        window, self._window = self._window, None
        if window is None or not window.holds:
            return
        end = self._position
        self._position, lines = window.rest()
        if window.left_out:
            self._print_ends()
            self.say(f"{window.left_out:,} lines are left out here; --tail all prints all")
        while self._position < end:
            records, position = self._session.journal.records(self._position, _PIECE)
            self._position = max(position, self._position + 1)
            for stream, _, data in records:
                start = 0
                while lines and (found := data.find(b"\n", start)) >= 0:
                    start, lines = found + 1, lines - 1
                if not lines:
                    self._write(stream, self._decoders[stream].decode(data[start:]))

    def _print_ends(self) -> None:
        for stream, decoder in self._decoders.items():
            self._write(stream, decoder.decode(b"", final=True))
            decoder.reset()

    def _write(self, stream: StreamType, text: str) -> None:
        if not text:
            return
        if stream is not self._last and self._flushes.take():
            (sys.stderr if self._last is StreamType.STDERR else sys.stdout).flush()
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
        self._print_held()
        self._print_ends()
        return outcome_of(session)

    def _report(self) -> None:
        """Say how the session ended, unless the container exited with code 0 and all came."""
        session = self._session
        if session.error is not None:
            raise session.error
        well = session.exit_code == 0 and session.complete is not False
        if not self._is_log and (session.state is State.DETACHED or not well):
            self.say(outcome_of(session))

    def say(self, text: str) -> None:
        """Print one of our own lines."""
        line = f"[{label(self._session)}: {text}]"
        if self._is_log and kernel_facts() is not None:
            show(Warned(line))  # notebooks give stderr the colour of errors
            return
        begin = "\n" if self._in_line else ""
        self._write(StreamType.STDERR, f"{begin}{line}\n")
