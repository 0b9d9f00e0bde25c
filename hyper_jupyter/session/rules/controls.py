"""What a user can do with a session now, and what leaving it does.

Layer: session, rules. No I/O, no threads: pure functions of the plan and what has happened since;
any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hyper_jupyter.session.rules.lives.prospect import (
    Prospect,
    prospect_sentence,
    prospect_text,
)
from hyper_jupyter.session.rules.plan import ConnectionScheme, InputEnd, Plan
from hyper_jupyter.session.rules.state import State

__all__ = ["ENGINE_ENDED", "NO_SIGNALS", "Controls", "controls"]

NO_SIGNALS: Final = "engines send signals to a container's own process, not to an exec"

ENGINE_ENDED: Final = "the engine has ended, and its containers with it: run the cells again"
"""Why a session whose engine has ended cannot be attached again."""

_CUT: Final = "the connection was cut: attaching again"

_FOLLOWS: Final = "the session follows the container's restarts"

_NOTHING_ENDS: Final = "Detach leaves {subject} running, and so does the end of the kernel."


@dataclass(frozen=True, slots=True)
class Controls:
    """What can be done with a session now.

    Attributes:
        stdin: why nothing can be typed; empty if it can.
        eof: why the input cannot be ended; empty if it can.
        detach: why the session cannot be detached; empty if it can.
        signal: why no signal can be sent; empty if one can.
        again: why the container cannot be attached again as it is; empty if it can.
        start: why it cannot be started and attached; empty if it can.
        follow: why its restarts cannot be followed from now on; empty if they can.
        leave: what happens when the user detaches, or what has happened since, in one line; may be
            empty.
        heed: whether few expect that, so that it is shown without being asked for.
        typing: whether the session can ever take input; if not, a view has no place for it.
        kernel_end: what the end of the kernel has done to what runs, for a page that has lost it.
    """

    stdin: str = ""
    eof: str = ""
    detach: str = ""
    signal: str = ""
    again: str = ""
    start: str = ""
    leave: str = ""
    follow: str = ""
    kernel_end: str = ""
    heed: bool = False
    typing: bool = True


def controls(
    plan: Plan,
    state: State,
    *,
    stdin_used: bool,
    input_ended: str,
    silent: bool = False,
    exited: bool = False,
    restarting: bool = False,
    awaits: Prospect | None = None,
    removed: bool = False,
    recreated: bool = False,
    engine_ended: bool = False,
    kernel_ended: bool = False,
) -> Controls:
    """Return what can be done now, and what detaching does.

    Args:
        plan: the session's plan.
        state: the session's state.
        stdin_used: whether the stdin-only connection was ever opened.
        input_ended: why nothing more can be typed; empty if it can.
        silent: whether no output has come yet.
        exited: whether the container's process is known to have ended.
        restarting: whether the container is started again, or was.
        awaits: what the session waits for, if its container has ended.
        removed: whether the container was removed.
        recreated: whether another container has its name now.
        engine_ended: whether the engine has ended, with all that ran: the session was lost because
            of that, or was over by then.
        kernel_ended: whether the session was lost because the kernel ends.
    """
    typing = not plan.stdin_reason
    if awaits is not None and state is State.RECONNECTING:
        waits = f"the container has ended: {prospect_text(awaits)}"
        leave = f"{prospect_sentence(awaits)} Detach stops waiting."
        gone = "the container has ended"
        return Controls(waits, waits, "", gone, waits, waits, leave, _FOLLOWS, typing=typing)
    if state is State.RECONNECTING:
        attached = "the session is being attached again"
        leave = f"Attaching again. Detach stops that, and does nothing to {plan.subject}."
        end = _kernel_end(plan, stdin_used)
        return Controls(
            *(_CUT, _CUT, "", "", attached, attached, leave),
            follow=attached,
            kernel_end=end,
            typing=typing,
        )
    if state not in (State.CONNECTING, State.ATTACHED):
        ended = f"the session has ended ({state})"
        again, start = _again(plan, state, exited=exited, restarting=restarting)
        leave = "The container was started again, or is about to be." if restarting else ""
        if removed:
            again = start = "the container was removed"
            leave = "The container was removed."
        if removed and recreated:
            again = start = "the container was removed: run its cell again for the new one"
            leave = (
                "The container was removed, and another one has its name now. "
                "Run its cell again to attach to the new one."
            )
        if state is State.DETACHED:
            leave = _left(plan, exited=exited, restarting=restarting)
        follow = _follow(plan, exited=exited, removed=removed)
        left = state is State.DETACHED
        if engine_ended:
            again = start = follow = ENGINE_ENDED
            if left or state is State.EXITED:  # no error says so
                leave = f"{ENGINE_ENDED[0].upper()}{ENGINE_ENDED[1:]}."
        runs = left and not (exited or engine_ended)
        end = _kernel_end(plan, stdin_used) if runs or kernel_ended else ""
        return Controls(
            *(ended, ended, ended, ended, again, start, leave, follow, end),
            heed=removed or (left and engine_ended),
            typing=typing,
        )
    stdin = plan.stdin_reason or input_ended
    eof = stdin
    if not eof and plan.input_end is InputEnd.NONE:
        eof = (
            "over a WebSocket the input cannot be ended"
            if plan.options.ws
            else "the container's input stays open for those who attach later, as after run -d -i"
        )
    leave = _leave(plan, stdin_used, input_ended=input_ended)
    heed = _ends_input(plan, stdin_used) and not input_ended
    if silent and plan.wait_for_start:
        leave = f"Waiting for the container's start. {leave}"
    attached = "the session is attached"
    signal = "the container has ended" if exited else ""
    if plan.command:
        signal = NO_SIGNALS
    follow = _FOLLOWS if plan.options.follows_lives else _follow(plan)
    end = _kernel_end(plan, stdin_used)
    return Controls(
        *(stdin, eof, "", signal, attached, attached, leave, follow, end),
        heed=heed,
        typing=typing,
    )


def _again(plan: Plan, state: State, *, exited: bool, restarting: bool) -> tuple[str, str]:
    """Return why an ended session cannot be attached again, without and with a start."""
    if plan.command:
        once = "an exec can be attached only once: run its cell again"
        return once, once
    if plan.reads_log:
        log_only = "this session only read the log: run its cell again"
        return log_only, log_only
    if state is not State.EXITED and not exited:
        return "", "the container is not known to have ended"
    if restarting:
        return "", "the engine has started it again, or is about to"
    if plan.auto_remove:
        gone = "the container removed itself when it ended"
        return gone, gone
    return "the container has ended: start it first", ""


def _follow(plan: Plan, *, exited: bool = False, removed: bool = False) -> str:
    """Return why restarts cannot be followed; empty if they can."""
    if removed:
        return "the container was removed"
    if plan.command:
        return "an exec can be attached only once"
    if plan.reads_log:
        return "this session only reads the log"
    if plan.auto_remove and exited:
        return "the container removed itself when it ended"
    return ""


def _left(plan: Plan, *, exited: bool, restarting: bool) -> str:
    """Say what has become of what runs, once the user has left it."""
    what = plan.subject[0].upper() + plan.subject[1:]
    text = f"{what} has ended" if exited else f"{what} runs on"
    if exited and restarting:
        text += ", and the engine starts it again"
    if plan.reads_log:
        text += ". Run its cell again to read what it has printed since"
    return f"{text}."


def _kernel_end(plan: Plan, stdin_used: bool) -> str:
    """Say what has become of what runs once the kernel has ended."""
    if plan.profile.runs_on_this_machine:
        return f"{plan.subject} ended with it"
    if _ends_input(plan, stdin_used):
        return f"{plan.subject}'s input has ended, and {plan.subject} runs on unless that ended it"
    return f"{plan.subject} runs on"


def _ends_input(plan: Plan, stdin_used: bool) -> bool:
    """Return whether the end of the kernel ends the container's input."""
    if plan.profile.runs_on_this_machine:  # then it ends the container, as everybody expects
        return False
    shared = plan.scheme is ConnectionScheme.SHARED
    return shared or (plan.scheme is ConnectionScheme.SPLIT and stdin_used)


def _leave(plan: Plan, stdin_used: bool, *, input_ended: str) -> str:
    subject = plan.subject
    if plan.reads_log:
        return f"Detach stops reading the log, and does nothing to {subject}."
    if plan.profile.runs_on_this_machine:
        return f"Detach leaves {subject} running. When the kernel ends, {subject} ends with it."
    if input_ended:  # no input is left that the end of the kernel could end
        return _NOTHING_ENDS.format(subject=subject)
    if plan.scheme is ConnectionScheme.SHARED:
        whose = "the engine" if plan.options.ws else plan.profile.title
        return (
            f"Detach leaves {subject} running, and keeps its connection open in the background. "
            f"When the kernel ends, {whose} ends {subject}'s input."
        )
    if plan.scheme is ConnectionScheme.SPLIT:
        condition = "" if stdin_used else ", once something was typed"
        return (
            f"Detach leaves {subject} running. "
            f"When the kernel ends, {subject}'s input ends{condition}."
        )
    return _NOTHING_ENDS.format(subject=subject)
