"""The process that starts the engine's programs, so that none of them outlives the engine.

Layer: engine. :class:`Spawner` is the engine's side: main thread and event loop only. What runs in
the spawner itself is below it: one thread, no event loop.

Programs are children of the spawner, which is a child of the engine. On Linux both are subreapers.
So if the engine dies, even by SIGKILL, the spawner still has everything that a program ever started
among its descendants: whatever its session, its environment, its descriptors. It reads the end of
its socket, kills them all, and ends. If the spawner dies, its programs die (PR_SET_PDEATHSIG), what
they started is adopted by the engine, and the next program gets a new spawner.

Two sockets: by ``control`` the engine asks for a program, and waits for the answer; by ``exits`` it
learns how programs ended. A program that has ended is not reaped before the engine knows: until
then the engine may send signals to its pid.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final, NoReturn

from hyper_jupyter.engine.program.descendants import (
    become_subreaper,
    children_of,
    kill_descendants,
)
from hyper_jupyter.engine.program.launch import Command, CommandFailed, launch

__all__ = ["Spawner"]

_SIZE: Final = struct.Struct("!I")
_EXIT: Final = struct.Struct("!ii")
_PR_SET_NAME: Final = 15
_NAME: Final = b"hyper-spawner"
"""At most 15 bytes; what ``ps`` and ``top`` show."""


class Spawner:
    """The engine's side. Make one only where :meth:`is_available`.

    Attributes:
        pid: the spawner's process.
        exits: readable when programs have ended, or the spawner has.
    """

    def __init__(self) -> None:
        self.pid = 0
        self._start()

    @staticmethod
    def is_available() -> bool:
        """Whether this system has what it needs: ``/proc``, subreapers, ``waitid``."""
        return sys.platform == "linux"

    def spawn(self, command: Command, stdin: int | None, stdout: int, stderr: int) -> int:
        """Start a program. Blocks until its ``exec`` has succeeded or failed.

        Args:
            command: what to run.
            stdin: its descriptor 0; ``None`` is ``/dev/null``. The others likewise.
            stdout: its descriptor 1.
            stderr: its descriptor 2.

        Returns:
            Its pid.

        Raises:
            CommandFailed: it cannot be started.
            OSError: the spawner has died.
        """
        descriptors = [fd for fd in (stdin, stdout, stderr) if fd is not None]
        request = json.dumps({"command": asdict(command), "stdin": stdin is not None}).encode()
        answer = self._ask(request, descriptors)
        if "pid" in answer:
            return int(answer["pid"])
        raise CommandFailed(answer["text"], answer["code"], exhausted=answer["exhausted"])

    def is_alive(self) -> bool:
        """Whether the spawner runs."""
        poll = select.poll()  # the descriptor may have any number
        poll.register(self._control, select.POLLIN)
        return not poll.poll(0)  # it never speaks first

    def restart(self) -> None:
        """Start another spawner; the old one ends, if it still runs.

        Raises:
            OSError: the system has no process or descriptor left. Then no spawner is alive, and
                this may be called again.
        """
        old = (self._control, self.exits)
        for each in old:  # they stay open until there are others: the caller may ask them again
            each.shutdown(socket.SHUT_RDWR)
        self._start()
        for each in old:
            each.close()

    def receive_exits(self) -> list[tuple[int, int]] | None:
        """Return what :attr:`exits` has: pids and exit codes; ``None`` if the spawner has died."""
        try:
            data = self.exits.recv(4096 * _EXIT.size, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            return None
        data += b"".join(self._rest(-len(data) % _EXIT.size))
        return [_EXIT.unpack_from(data, at) for at in range(0, len(data), _EXIT.size)]

    def acknowledge(self, pid: int) -> None:
        """Have a program reaped that has ended: no signals will be sent to it any more."""
        try:
            _send(self._control, json.dumps({"reap": pid}).encode(), ())
        except OSError:
            pass  # the spawner has died; the engine has adopted the program, and reaps it

    def close(self) -> None:
        """Close the sockets; the spawner kills its programs and ends."""
        self._control.close()
        self.exits.close()

    def _rest(self, size: int) -> list[bytes]:
        return [_receive(self.exits, size)] if size else []

    def _ask(self, request: bytes, descriptors: Sequence[int]) -> dict[str, Any]:
        _send(self._control, request, descriptors)
        (size,) = _SIZE.unpack(_receive(self._control, _SIZE.size))
        answer: dict[str, Any] = json.loads(_receive(self._control, size))
        return answer

    def _start(self) -> None:
        made: list[socket.socket] = []
        try:
            made += socket.socketpair()
            made += socket.socketpair()
            pid = os.fork()
        except OSError:
            for each in made:
                each.close()
            raise
        control, its_control, exits, its_exits = made
        if not pid:
            _run(its_control.detach(), its_exits.detach())
        its_control.close()
        its_exits.close()
        self.pid, self._control, self.exits = pid, control, exits


def _send(connection: socket.socket, message: bytes, descriptors: Sequence[int]) -> None:
    data = _SIZE.pack(len(message)) + message
    sent = socket.send_fds(connection, [data], descriptors) if descriptors else 0
    connection.sendall(data[sent:])


def _receive(connection: socket.socket, size: int) -> bytes:
    """Receive exactly so many bytes.

    Raises:
        OSError: the connection has ended.
    """
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionResetError("the connection has ended")
        data += piece
    return bytes(data)


# -- the spawner itself ----------------------------------------------------------------------


def _run(control: int, exits: int) -> NoReturn:
    """Be the spawner, until the engine has ended. Never returns.

    The exit code is 0 after the engine's end; 1 after an error, whose traceback is on stderr.
    """
    code = 1
    try:
        os.setsid()  # what is sent to the engine's process group is not for the spawner
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        _close_others(control, exits)
        ctypes.CDLL(None).prctl(_PR_SET_NAME, _NAME, 0, 0, 0)
        become_subreaper()
        gc.freeze()  # the engine's objects: collecting them would copy their pages
        serving = _Serving(socket.socket(fileno=control), socket.socket(fileno=exits))
        try:
            serving.serve()
            code = 0
        finally:
            kill_descendants(serving.started)
    except BaseException:  # noqa: BLE001 - nobody else would print it
        traceback.print_exc()
    finally:
        os._exit(code)


def _close_others(*kept: int) -> None:
    """Close all descriptors that were inherited, except 0, 1, 2 and those that are named."""
    last = 2
    for fd in sorted(kept):
        os.closerange(last + 1, fd)
        last = fd
    os.closerange(last + 1, max(map(int, os.listdir("/proc/self/fd"))) + 1)  # noqa: PTH208


class _EngineEndedError(Exception):
    """The engine has closed its sockets, or has ended."""


@contextmanager
def _talking() -> Iterator[None]:
    """Raise :class:`_EngineEndedError` for the errors of the engine's sockets.

    Only what uses these sockets belongs inside: other errors are no sign of the engine's end.
    """
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        raise _EngineEndedError from error


class _Serving:
    """Starts programs and reports their ends.

    Attributes:
        started: the programs that were started and are not reaped yet.
    """

    def __init__(self, control: socket.socket, exits: socket.socket) -> None:
        self.started: set[int] = set()
        self._control = control
        self._exits = exits
        self._reported: set[int] = set()
        self._unsent: deque[bytes] = deque()
        self._selector = selectors.DefaultSelector()
        self._wake, wakeup = socket.socketpair()
        self._wake.setblocking(False)
        wakeup.setblocking(False)
        self._wakeup = wakeup
        exits.setblocking(False)

    def serve(self) -> None:
        """Serve until the engine has ended."""
        signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        actions: dict[socket.socket, Callable[[], object]] = {
            self._control: self._answer,
            self._wake: self._look,
            self._exits: self._flush,
        }
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                assert isinstance(key.fileobj, socket.socket)
                try:
                    actions[key.fileobj]()
                except _EngineEndedError:
                    return

    def _answer(self) -> None:
        """Take one request."""
        with _talking():
            request, descriptors = self._receive_request()
        if "reap" in request:
            self._reap(request["reap"])
            return
        try:
            answer = self._start(request, descriptors)
        finally:
            for fd in descriptors:
                os.close(fd)
        with _talking():
            _send(self._control, json.dumps(answer).encode(), ())

    def _receive_request(self) -> tuple[dict[str, Any], list[int]]:
        size = bytearray()
        descriptors: list[int] = []
        while len(size) < _SIZE.size:
            data, more, _, _ = socket.recv_fds(self._control, _SIZE.size - len(size), 3)
            descriptors += more
            if not data:
                raise ConnectionResetError("the engine has ended")
            size += data
        return json.loads(_receive(self._control, *_SIZE.unpack(size))), descriptors

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        command = Command(**request["command"])
        stdin = descriptors[0] if request["stdin"] else None
        try:
            pid = launch(command, stdin, *descriptors[-2:])
        except CommandFailed as failure:
            return {"text": str(failure), "code": failure.code, "exhausted": failure.exhausted}
        self.started.add(pid)
        return {"pid": pid}

    def _look(self) -> None:
        """Report the programs that have ended, and reap the orphans that have."""
        try:
            while self._wake.recv(4096):
                pass
        except BlockingIOError:
            pass
        for pid in self.started - self._reported:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                by_signal = ended.si_code != os.CLD_EXITED
                self._reported.add(pid)
                self._unsent.append(_EXIT.pack(pid, ended.si_status + 128 * by_signal))
        for pid in children_of(os.getpid()):
            if pid not in self.started:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    pass
        self._flush()

    def _flush(self) -> None:
        try:
            while self._unsent:
                with _talking():
                    self._exits.sendall(self._unsent[0])
                self._unsent.popleft()
        except BlockingIOError:
            if self._exits not in self._selector.get_map():
                self._selector.register(self._exits, selectors.EVENT_WRITE)
            return
        if self._exits in self._selector.get_map():
            self._selector.unregister(self._exits)

    def _reap(self, pid: int) -> None:
        self.started.discard(pid)
        self._reported.discard(pid)
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            pass
