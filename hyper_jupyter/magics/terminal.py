"""Attaches the terminal in which IPython runs, as a command line does.

Layer: magics. The main thread is busy here until the end. Output is received on the I/O thread
meanwhile, so a stopped terminal never blocks the container.

There are two cases. A container or an exec with a terminal of its own gets ours: raw mode, every
key, our size; the detach keys detach. Otherwise lines are typed, Ctrl-D ends the input, and Ctrl-C
detaches. So does an exec that has a terminal but no stdin: no key can reach its program.
Unlike the docker command we never pass signals on: detaching must not end the container.

In every case the terminal gets back the settings that it had, and the modes that the container
switched on (mouse, alternate screen, hidden cursor, …) are switched off: at the end, after an
exception, before we end at SIGTERM and SIGHUP, before we stop at SIGTSTP.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final

from hyper_jupyter.api import Session
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.labels import label, outcome_of
from hyper_jupyter.magics.modes import Modes
from hyper_jupyter.protocol import DetachKeys, StreamType, parse_detach_keys
from hyper_jupyter.recording import joint_line, shown_lines
from hyper_jupyter.session import ENDED, OWN_DETACH_KEYS
from hyper_jupyter.session.rules.outcome import subject_of
from hyper_jupyter.session.store.marks import Mark, newest_after, woven
from hyper_jupyter.widgets.kernel import is_terminal

try:
    import termios
    import tty
except ImportError:  # Windows has neither
    HAS_TERMIOS = False
else:
    HAS_TERMIOS = True

__all__ = ["Terminal", "terminal_size"]

_PIECE: Final = 32 * 1024
"""How many bytes are written before keys are read again."""

_HISTORY: Final = 512 * 1024
"""Most characters of a history that are printed."""

_MARKS: Final = 100
"""Most marks that are written at a time."""

_BEHIND: Final = 8 * 1024 * 1024
_RESUME: Final = 256 * 1024
"""A terminal with more than ``_BEHIND`` bytes to write continues ``_RESUME`` before the end."""


class Terminal:
    """The terminal at stdin, stdout and stderr.

    Args:
        session: a session that has just been attached.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._in, self._out, self._err = (
            file.fileno() for file in (sys.__stdin__, sys.__stdout__, sys.__stderr__) if file
        )
        spec = session.detach_keys
        self._raw = session.tty and bool(spec)
        self._keys = DetachKeys(parse_detach_keys(spec)) if self._raw else None
        self._typing = not session.controls().stdin
        self._modes = Modes()
        self._position = 0
        self._marked = 0  # the number of the last mark that was written
        self._held: list[str] = []  # marks that came while a full-screen program was on the screen
        self._at_start = True
        self._sized = False
        self._resized = True
        self._wake_read, self._wake_write = -1, -1
        self._wake_lock = threading.RLock()  # a signal handler may run while it is held
        self._settings: list[Any] = []

    @staticmethod
    def is_there() -> bool:
        """Return whether IPython has a terminal. It may also read a script, or write to a pipe."""
        files = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
        return HAS_TERMIOS and all(
            file is not None and not file.closed and file.isatty() for file in files
        )

    @classmethod
    def size(cls) -> tuple[int, int] | None:
        """Return the terminal's rows and columns; ``None`` if there is none, or it has no size."""
        if not cls.is_there():
            return None
        assert sys.__stdout__ is not None
        columns, rows = os.get_terminal_size(sys.__stdout__.fileno())
        return (rows, columns) if rows and columns else None

    def run(self) -> None:
        """Attach the terminal until the session ends or the user detaches.

        Raises:
            HyperJupyterError: the session was lost or failed.
        """
        session = self._session
        sys.stdout.flush()
        sys.stderr.flush()
        self._print(self._hint())
        self._print_history()
        try:
            with self._wakeable(), self._prepared():
                self._serve()
        except KeyboardInterrupt:
            pass
        finally:  # also after an exception: nobody sees its output any more
            if session.state not in ENDED:
                session.detach()
        for line in self._held:
            self._print(line)
        if session.error is not None:
            raise session.error
        self._print(f"{label(session)}: {outcome_of(session)}")

    # -- the loop -----------------------------------------------------------------------

    def _serve(self) -> None:
        """Pass keys and output on until the end. Ctrl-C arrives as KeyboardInterrupt."""
        session = self._session
        while True:
            if self._raw and self._resized:
                self._resized = False
                self._send_size()
            ended = session.state in ENDED
            more = self._write_next()
            if ended and not more:
                return
            watched = [self._wake_read]
            if self._typing or self._raw:
                watched.append(self._in)
            readable, _, _ = select.select(watched, [], [], 0 if more else None)
            if self._wake_read in readable:
                os.read(self._wake_read, 4096)
            if self._in in readable and self._read_keys():
                return

    def _write_next(self) -> bool:
        """Write the next piece of output. Return whether there was any."""
        journal = self._session.journal
        if len(journal) - self._position > _BEHIND:
            target = len(journal) - _RESUME
            self._write(self._err, b"\r\n[%d bytes are not shown]\r\n" % (target - self._position))
            self._position = target
        marks = newest_after(self._session.marks, self._marked, _MARKS)
        records, end = journal.records(self._position, _PIECE)
        begin = end - sum(len(data) for _, _, data in records)
        self._position = end
        if records and not self._sized:
            self._resized = True  # the container has just started
        for piece in woven(records, begin, end, marks):
            if isinstance(piece, Mark):
                self._marked = piece.number
                self._write_mark(piece.text)
                continue
            stream, _, data = piece
            self._write(self._err if stream is StreamType.STDERR else self._out, data)
        return bool(records)

    def _write_mark(self, text: str) -> None:
        """Write a line of our own between the output, or later what a full-screen program hides."""
        line = f"[{label(self._session)}: {text}]"
        if self._modes.full_screen:
            self._held.append(line)
            return
        begin = "" if self._at_start else "\r\n"
        self._write(self._err, f"{begin}{line}\r\n".encode())

    def _write(self, file: int, data: bytes) -> None:
        self._at_start = data.endswith(b"\n")
        self._modes.receive_data(data)
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(file, rest) :]
            except BlockingIOError:
                select.select([], [file], [])

    def _read_keys(self) -> bool:
        """Pass on what was typed. Return whether the user detaches."""
        session = self._session
        data = os.read(self._in, 4096)
        if self._keys is not None:
            data, leaves = self._keys.receive_data(data)
            if session.state in ENDED:
                return leaves or b"\x03" in data  # much output is still being written
            if data:
                self._send(data)
            return leaves
        if data:
            self._send(data)
        else:  # Ctrl-D at the start of a line
            self._typing = False
            try:
                session.send_eof()
            except HyperJupyterError as error:
                self._print(str(error))
        return False

    def _send(self, data: bytes) -> None:
        try:
            self._session.send(data, timeout=0.2)
        except HyperJupyterError as error:
            if self._raw:
                self._write(self._out, b"\a")
            else:
                self._print(str(error))

    def _send_size(self) -> None:
        """Set the container's terminal to our size. The first time, set another size before.

        A program draws what it shows, such as a waiting prompt, again only when the size changes.
        """
        columns, rows = os.get_terminal_size(self._out)
        if not columns or not rows:
            return
        try:
            if not self._sized:
                self._session.resize(rows + 1, columns + 1)
            self._session.resize(rows, columns)
            self._sized = True
        except HyperJupyterError:
            pass  # the container has not started yet, or has ended

    # -- the terminal -------------------------------------------------------------------

    @contextlib.contextmanager
    def _wakeable(self) -> Iterator[None]:
        """Make a pipe that interrupts the waiting for keys."""
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        unsubscribe = self._session.subscribe(self._wake)
        try:
            yield
        finally:
            unsubscribe()
            with self._wake_lock:  # the I/O thread may still be in _wake()
                os.close(self._wake_write)
                os.close(self._wake_read)
                self._wake_write = -1

    def _wake(self) -> None:
        """Interrupt the waiting for keys. I/O thread, or a signal handler."""
        with self._wake_lock, contextlib.suppress(OSError):  # a full pipe wakes; a closed is over
            os.write(self._wake_write, b"!")

    @contextlib.contextmanager
    def _prepared(self) -> Iterator[None]:
        """Set the terminal up, and restore it in the end."""
        self._settings = termios.tcgetattr(self._in)
        try:
            with self._handled():
                self._enter()
                yield
        finally:
            self._restore()

    def _enter(self) -> None:
        if self._raw:
            tty.setraw(self._in, termios.TCSANOW)

    def _restore(self) -> None:
        """Give the terminal back. May be called in a signal handler, and more than once."""
        with contextlib.suppress(OSError):
            os.write(self._out, self._modes.undo())
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._in, termios.TCSANOW, self._settings)

    @contextlib.contextmanager
    def _handled(self) -> Iterator[None]:
        """Install our signal handlers, and restore the previous ones in the end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handlers: dict[int, Callable[[int, FrameType | None], None]] = {
            signal.SIGTERM: self._end,
            signal.SIGHUP: self._end,
        }
        if self._raw:
            handlers |= {
                signal.SIGWINCH: self._size_changed,
                signal.SIGTSTP: self._stop,
                signal.SIGCONT: self._go_on,
            }
        self._before = {number: signal.getsignal(number) for number in handlers}
        try:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            yield
        finally:
            for number, before in self._before.items():
                # None: it was not set by Python, which cannot set it again.
                signal.signal(number, signal.SIG_DFL if before is None else before)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """Give the terminal back, then raise the signal again with its previous handler."""
        self._restore()
        before = self._before[number]
        signal.signal(number, signal.SIG_DFL if before is None else before)
        os.kill(os.getpid(), number)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # stops here until SIGCONT
        signal.signal(number, self._stop)
        self._go_on(number, None)

    def _go_on(self, _number: int, _frame: FrameType | None) -> None:
        self._enter()
        self._sized = False  # another program may have drawn on the terminal
        self._size_changed(_number, None)

    def _size_changed(self, _number: int, _frame: FrameType | None) -> None:
        self._resized = True
        self._wake()

    def _print_history(self) -> None:
        """Print what the container printed before, dimmed, as text that the terminal only shows."""
        history = self._session.history
        lines, left_out = shown_lines(history, _HISTORY)
        if left_out:
            self._print(f"[{left_out:,} earlier lines are in session.history]")
        for line in lines:
            file = self._err if line.stream == "stderr" else self._out
            self._write(file, f"\x1b[2m{line.text}\x1b[0m\r\n".encode())
        if lines or history.note:
            self._print(f"\x1b[2m\u2014 {joint_line(history.note)} \u2014\x1b[0m")

    # -- our own messages ---------------------------------------------------------------

    def _hint(self) -> str:
        name, runs = label(self._session), f"{subject_of(self._session.command)} runs on"
        if not self._raw:
            ends = self._typing and not self._session.controls().eof
            end = " Ctrl-D ends its input." if ends else ""
            return f"Attached to {name}. Ctrl-C detaches, {runs}.{end}"
        spec = self._session.detach_keys
        keys = " ".join(key.replace("ctrl-", "Ctrl-") for key in spec.split(","))
        if spec == OWN_DETACH_KEYS:
            keys += " (on many keyboards Ctrl-6 Ctrl-Space)"
        return f"Attached to {name}. {keys} detaches, {runs}."

    def _print(self, text: str) -> None:
        """Print one of our lines, at the start of a line in raw mode, too."""
        self._write(self._err, f"\r{text}\r\n".encode())


def terminal_size() -> tuple[int, int] | None:
    """Return rows and columns of the terminal that IPython runs in; ``None`` in a notebook."""
    return Terminal.size() if is_terminal() else None
