"""What an engine of one kind and version does differently.

Layer: client. No I/O, no threads: constants. ``negotiation`` chooses the profile once; every other
place asks the profile and never compares an engine's name.

The evidence for each field is in ``docs/engines-seen.md``, under the heading that the field's
description names.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from hyper_jupyter.protocol.log_entries import Entries

__all__ = ["EngineProfile", "KeysFile"]


class KeysFile(enum.Enum):
    """A configuration file that may hold the user's detach keys."""

    DOCKER = "config.json of docker"
    HYPER = "config.json of hyper"
    PODMAN = "containers.conf of podman"


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """One kind of engine, in one version of its software and of its API.

    The defaults are those of Docker Engine.

    Attributes:
        kind: ``"embedded"``, ``"docker"``, ``"podman"`` or ``"hyper"``.
        title: the engine in words for the user.
        default_image: what the image ``"default"`` stands for; empty where it is configurable.
        runs_on_this_machine: its containers are processes of this machine, run as the user, and
            end with the kernel.
        detach_keys_files: where the user's detach keys may be configured, the first one wins.
        has_websocket: containers can be attached to by WebSocket ("Attach by WebSocket").
        websocket_chooses_streams: such an attachment has the streams that were asked for, not
            always all of them (the same heading).
        websocket_needs_no_probe: a request for a WebSocket cannot harm the container, even if a
            proxy has changed the request (the same heading).
        refuses_empty_attach: an attach request for no stream is an error ("attach").
        keys_on_framed_streams: it looks for detach keys without a TTY too ("Detach keys").
        detach_banner: text that it puts into the stream when it has seen the keys (the same).
        shares_stdio_connection: without a TTY the container's input ends when any client leaves,
            so all sessions of a container share one connection, which is kept ("stdin without
            TTY").
        reads_log_apart: the log before an attachment comes by a request of its own, because the
            attach request frames it wrongly or changes the container's state ("attach").
        readable_log_drivers: log drivers whose logs can always be read ("logs").
        unreadable_log_drivers: log drivers whose logs can never be read, and must not be asked for
            (the same). Of all others the engine has to be asked.
        unattachable_log_drivers: log drivers that keep output from the engine itself, so that no
            client can attach (the same).
        log_asks_for_upgrade: a log is requested with the headers of an upgrade.
        wait_condition: the condition of the first wait request for a running container ("wait"). A
            request that is sent again asks for ``not-running``: the exit may have happened since.
        not_running_may_be_zero: the answer 0 to the condition ``not-running`` may be wrong if the
            container was removed while the engine polled ("wait").
        wait_answers_at_once: the head of the answer to wait comes before the exit, and conditions
            count; otherwise head and code come together, immediately for a container that has not
            started ("wait").
        keeps_stdin_connection: it leaves a connection that carries only stdin open when the
            container ends. So any end of one shows that something on the way has cut it; elsewhere
            only one that comes well before the container's does ("After EOF").
        log_alters: bytes that the end of a log may have otherwise than they were printed ("logs"):
            those of U+FFFD and of what it stands for, or ends of lines.
        log_lacks_unfinished: as long as the container runs, its log may lack a last line that is
            not finished ("logs").
        exec_pid_tells: an exec's ``Pid`` is 0 only where its process was never started ("exec").
        log_entries: how it cuts long lines in a log with timestamps ("logs").
        log_has_details: ``details=1`` puts what the options of the log driver add in front of each
            entry ("logs").
        log_tail_most: the most lines that it finds quickly at a log's end; where more are wanted,
            the whole log is requested. ``None`` is any number ("logs").
        log_time_step: the seconds between two times that lines of a log can have ("logs").
        log_limits_exclude: ``since`` and ``until`` leave out what was printed just then, and are
            written as dates ("logs").
        unstarted_may_be_minus_one: wait answers for a container that has not started with -1, or by
            chance with 0, where others answer with 0 ("wait").
        lists_paused_with_ended: a paused container is listed only if those that do not run are
            asked for, too ("create, start, inspect").
        shows_restarts: the state of a container that waits for its next start, by its restart
            policy, says so ("After EOF").
        attach_resets_ended: attaching to a container that has ended makes it one that was never
            started ("attach"), which its restart policy does not start again.
        settles_after: seconds that it may need between a container's end and the next start
            ("attach", "After EOF").
        unpause_lags: seconds for which a container that was unpaused may still be called paused
            ("create, start, inspect").
        takes_console_size: a create request may name the terminal's first size ("The first size of
            a terminal").
        resizes_before_start: a container that was created and is attached takes a size before its
            start (the same).
        loses_quick_resizes: a size that follows another one within some milliseconds may be lost
            (the same).
        bare_name_unsets_variable: a name without a value in a create request's environment takes
            the variable from the container; otherwise the engine puts its *own* variable there
            ("create, start, inspect").
        marks_gaps: where it could not keep output, a line in the stream says how much is missing
            and why, and the stream goes on ("The embedded engine").
        ambiguous_id_status: the status that it answers with if several ids begin with the one that
            was asked for ("create, start, inspect").
        force_remove_asks_first: removing with force asks the process to end, and kills it only
            after ten seconds.
        stats_are_streamed: one request has a reading of what a container uses every second;
            otherwise each is asked for ("stats, top, diff, rename, update").
        ps_runs_inside: the processes of a container are listed by its own ``ps`` (the same).
        prune_spares_names: removing unused volumes leaves those that have a name, unless all are
            asked for; otherwise it always removes all ("images, volumes, networks").
        event_actions: Docker's words for this engine's, by type and action ("events").
        past_end_loses_events: of a request for events that were until now or earlier, some or all
            are missing in the answer (the same).
    """

    kind: str
    title: str = "Docker"
    default_image: str = ""
    runs_on_this_machine: bool = False
    detach_keys_files: tuple[KeysFile, ...] = (KeysFile.DOCKER,)
    has_websocket: bool = True
    websocket_chooses_streams: bool = True
    websocket_needs_no_probe: bool = False
    refuses_empty_attach: bool = False
    keys_on_framed_streams: bool = False
    detach_banner: bytes = b""
    shares_stdio_connection: bool = False
    reads_log_apart: bool = False
    readable_log_drivers: frozenset[str] = frozenset({"json-file", "local", "journald"})
    unreadable_log_drivers: frozenset[str] = frozenset({"none"})
    unattachable_log_drivers: frozenset[str] = frozenset()
    log_asks_for_upgrade: bool = False
    wait_condition: Literal["not-running", "next-exit"] = "not-running"
    not_running_may_be_zero: bool = False
    wait_answers_at_once: bool = True
    keeps_stdin_connection: bool = True
    log_alters: bytes = bytes(range(0x80, 0x100))
    log_lacks_unfinished: bool = True
    exec_pid_tells: bool = True
    log_entries: Entries = Entries.PIECES
    log_has_details: bool = True
    log_tail_most: int | None = None
    log_time_step: float = 1e-9
    log_limits_exclude: bool = False
    unstarted_may_be_minus_one: bool = False
    lists_paused_with_ended: bool = False
    shows_restarts: bool = True
    attach_resets_ended: bool = False
    settles_after: float = 0.0
    unpause_lags: float = 1.0
    takes_console_size: bool = True
    resizes_before_start: bool = False
    loses_quick_resizes: bool = False
    bare_name_unsets_variable: bool = True
    marks_gaps: bool = False
    ambiguous_id_status: int = 400
    force_remove_asks_first: bool = False
    stats_are_streamed: bool = True
    ps_runs_inside: bool = False
    prune_spares_names: bool = True
    event_actions: tuple[tuple[tuple[str, str], str], ...] = ()
    past_end_loses_events: bool = False

    @classmethod
    def of(cls, kind: str, version: str = "", *, api: str) -> EngineProfile:
        """Choose the profile of an engine.

        Args:
            kind: ``"embedded"``, ``"docker"``, ``"podman"`` or ``"hyper"``.
            version: of its software, such as ``"4.3.1"``; empty where it is not known.
            api: the version of the API that requests are made with, such as ``"1.41"``.
        """
        profile = _KINDS[kind]
        numbers = version_numbers(version)
        if kind == "docker" and numbers:
            profile = replace(
                profile,
                ambiguous_id_status=400 if numbers >= _AMBIGUOUS_IS_400 else 500,
                keeps_stdin_connection=numbers < _CLOSES_STDIN,
            )
        if kind == "podman" and (numbers or (0,)) < (5,):
            profile = replace(
                profile,
                detach_banner=b"Error: detached from container\n",
                log_alters=b"\r\n",
                log_lacks_unfinished=True,
                log_tail_most=4000,
            )
        if kind == "podman" and (numbers or (0,)) < _HAS_NANOSECONDS:
            profile = replace(profile, log_time_step=1.0)
        return replace(
            profile,
            websocket_chooses_streams=version_numbers(api) >= _WEBSOCKET_CHOOSES,
            wait_answers_at_once=version_numbers(api) >= _WAIT_ANSWERS_AT_ONCE,
            takes_console_size=profile.takes_console_size
            and (profile.runs_on_this_machine or version_numbers(api) >= _TAKES_CONSOLE_SIZE),
            prune_spares_names=(numbers or (0,)) >= _PODMAN_SPARES_NAMES
            if kind == "podman"
            else version_numbers(api) >= _SPARES_NAMES,
        )

    def log_tail(self, lines: int) -> int | None:
        """Return how many lines to request where so many are wanted; ``None`` is all."""
        most = self.log_tail_most
        return lines if most is None or lines <= most else None

    def log_moment(self, name: str, at: int) -> str:
        """Write a limit of a log request so that it includes what was printed just then.

        Args:
            name: ``"since"`` or ``"until"``.
            at: nanoseconds since the epoch.
        """
        if not self.log_limits_exclude:
            return f"{at // 10**9}.{at % 10**9:09}"
        at += -1 if name == "since" else 1
        second = datetime.fromtimestamp(at // 10**9, UTC)
        return f"{second:%Y-%m-%dT%H:%M:%S}.{at % 10**9:09}Z"


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers at the start of a version, for comparing versions."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


_WEBSOCKET_CHOOSES: Final = (1, 42)
_WAIT_ANSWERS_AT_ONCE: Final = (1, 30)
_TAKES_CONSOLE_SIZE: Final = (1, 42)
_SPARES_NAMES: Final = (1, 42)
_PODMAN_SPARES_NAMES: Final = (6,)
# Seen on 20.10, 26.1 and 28.5. What the versions between them do is not known.
_AMBIGUOUS_IS_400: Final = (26,)
_CLOSES_STDIN: Final = (27,)
_HAS_NANOSECONDS: Final = (5, 8)  # or one of those between it and 5.4

_KINDS: Final = {
    profile.kind: profile
    for profile in (
        EngineProfile("docker"),
        EngineProfile(
            "podman",
            title="Podman",
            detach_keys_files=(KeysFile.PODMAN, KeysFile.DOCKER),
            has_websocket=False,
            refuses_empty_attach=True,
            keys_on_framed_streams=True,
            shares_stdio_connection=True,
            reads_log_apart=True,
            readable_log_drivers=frozenset({"k8s-file", "json-file", "journald"}),
            unreadable_log_drivers=frozenset({"none", "passthrough", "passthrough-tty"}),
            unattachable_log_drivers=frozenset({"passthrough", "passthrough-tty"}),
            wait_condition="next-exit",
            not_running_may_be_zero=True,
            log_alters=b"",
            log_lacks_unfinished=False,
            exec_pid_tells=False,
            log_entries=Entries.READS,
            log_has_details=False,
            log_limits_exclude=True,
            unstarted_may_be_minus_one=True,
            lists_paused_with_ended=True,
            shows_restarts=False,
            attach_resets_ended=True,
            settles_after=3.0,
            unpause_lags=0.0,
            takes_console_size=False,
            resizes_before_start=True,
            loses_quick_resizes=True,
            bare_name_unsets_variable=False,
            ambiguous_id_status=404,
            force_remove_asks_first=True,
            stats_are_streamed=False,
            ps_runs_inside=True,
            event_actions=(
                (("container", "died"), "die"),
                (("container", "remove"), "destroy"),
                (("image", "remove"), "delete"),
                (("network", "remove"), "destroy"),
                (("volume", "remove"), "destroy"),
            ),
            past_end_loses_events=True,
        ),
        EngineProfile(
            "embedded",
            title="the embedded engine",
            default_image="host",
            runs_on_this_machine=True,
            websocket_needs_no_probe=True,
            keeps_stdin_connection=False,
            unpause_lags=0.0,
            log_alters=b"",
            log_lacks_unfinished=False,
            marks_gaps=True,
            log_entries=Entries.LINES,
            log_has_details=False,
        ),
        EngineProfile(
            "hyper",
            title="Hyper",
            detach_keys_files=(KeysFile.HYPER,),
            log_asks_for_upgrade=True,
            keeps_stdin_connection=False,
        ),
    )
}
