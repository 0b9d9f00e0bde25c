"""What users of the docker command type that ``%hyper`` does not have, and what to do instead.

Layer: magics. No I/O.
"""

from __future__ import annotations

import argparse
import difflib
import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.magics.arguments import Parser, UsageFault

__all__ = ["VerbParser", "unknown_verb"]

# -- verbs ---------------------------------------------------------------------------------

_IN_A_SHELL: Final = "In a shell: !docker {verb} …"

_CONNECT: Final = "%hyper_connect HOST chooses the engine."

_ELSEWHERE: Final = (
    "build builder buildx compose config context export import load login logout manifest node "
    "plugin push save scout search secret service stack swarm trust"
)

_VERBS: Final[dict[str, str]] = {
    **dict.fromkeys(("-H", "--host", "-c", "--context", "connect"), _CONNECT),
    "detach": "%hyper_detach leaves a session.",
    "doctor": "Use %hyper_doctor.",
    "sessions": "Use %hyper_sessions.",
    **dict.fromkeys(_ELSEWHERE.split(), _IN_A_SHELL),
}
"""What to do instead of a verb, which is ``{verb}``."""


def unknown_verb(words: Sequence[str], known: Collection[str]) -> UsageFault:
    """Return the error about a verb that does not exist, with the next step.

    Args:
        words: the verb, its flags and arguments; may be empty.
        known: the verbs that exist.
    """
    if not words:
        return UsageFault("a verb is missing", hint=_listed(known))
    verb = words[0]
    hint = _instead(verb, known)
    if not hint:
        typed = verb.lower()
        ours = difflib.get_close_matches(typed, known)
        others = difflib.get_close_matches(typed, _VERBS, n=1)
        if ours:
            *first, last = ours
            hint = f"Did you mean {', '.join(first)}{' or ' if first else ''}{last}?"
        elif others:
            hint = f"Did you mean {others[0]}? {_instead(others[0], known)}"
        else:
            hint = _listed(known)
    return UsageFault(f"{verb!r} is not a verb of %hyper", hint=hint)


def _listed(known: Collection[str]) -> str:
    return f"Verbs: {', '.join(known)}."


def _instead(verb: str, known: Collection[str]) -> str:
    """Return what to do instead of a verb of docker; empty if there is nothing."""
    group = [name for name in known if name.startswith(f"{verb} ")]
    if group:
        return f"There are: %hyper {', '.join(group)}."
    return _VERBS.get(verb, "").format(verb=verb)


# -- flags ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Absent:
    """Flags that a verb does not have.

    Attributes:
        instead: what to do; ``{given}`` is the flag with its value.
        valued: the flags that take a value.
        switches: the flags that take none.
    """

    instead: str
    valued: str = ""
    switches: str = ""


_OF_A_CONTAINER: Final = (
    "--blkio-weight --blkio-weight-device --cpu-count --cpu-percent --cpu-period --cpu-quota "
    "--cpu-rt-period --cpu-rt-runtime --cpuset-mems --device-cgroup-rule --device-read-bps "
    "--device-read-iops --device-write-bps --device-write-iops --disable-content-trust --gpus "
    "--io-maxbandwidth --io-maxiops --ip --ip6 --isolation --kernel-memory --link "
    "--link-local-ip --mac-address --memory-swappiness"
)
_SWITCHES_OF_A_CONTAINER: Final = "--oom-kill-disable --use-api-socket"

_FLAGS: Final[dict[str, tuple[_Absent, ...]]] = {
    "create": (
        _Absent(
            "Create it in a shell: !docker create -i {given} …, then %hyper_attach NAME.",
            _OF_A_CONTAINER,
            _SWITCHES_OF_A_CONTAINER,
        ),
        _Absent("The value is the id: cid = %hyper create …", "--cidfile"),
        _Absent("Leave it out: %hyper_attach chooses the streams.", "-a --attach"),
    ),
    "exec": (
        _Absent("Name each variable, -e NAME=VALUE, or use client.exec(…, env=…).", "--env-file"),
    ),
    "inspect": (_Absent("In a shell: !docker inspect {given} …", switches="-s --size"),),
    "images": (_Absent("In a shell: !docker images {given} …", switches="--tree"),),
    "pull": (
        _Absent("Pull each tag by its name.", switches="-a --all-tags"),
        _Absent("Leave it out.", switches="--disable-content-trust"),
    ),
    "rm": (_Absent("In a shell: !docker rm {given} …", switches="-l --link"),),
    "rmi": (_Absent("In a shell: !docker rmi {given} …", "--platform", "--no-prune"),),
    "run": (
        _Absent(
            "Create it in a shell: !docker run -d -i {given} …, then %hyper_attach NAME.",
            _OF_A_CONTAINER,
            _SWITCHES_OF_A_CONTAINER,
        ),
        _Absent("The value is the id: cid = %hyper run -d …", "--cidfile"),
        _Absent(
            "Leave it out: all streams are attached. -d attaches none, and %hyper_attach chooses.",
            "-a --attach",
        ),
        _Absent("Leave it out: no signals are passed on here.", "--sig-proxy"),
    ),
    "attach": (_Absent("Leave it out: no signals are passed on here.", "--sig-proxy"),),
    "start": (_Absent("In a shell: !docker start {given} …", "--checkpoint --checkpoint-dir"),),
    "stop": (_Absent("Use %hyper kill -s SIGNAL NAME.", "-s --signal"),),
    "restart": (_Absent("Use %hyper kill -s SIGNAL NAME.", "-s --signal"),),
    "update": (
        _Absent(
            "In a shell: !docker update {given} …",
            "--blkio-weight --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime "
            "--cpuset-mems --kernel-memory",
        ),
    ),
}
"""Docker's flags that a verb does not have."""

_HOSTNAME_IS_H: Final = ("create", "run")
"""The verbs whose ``-h`` is the container's host name, as docker has it."""

_SIGNAL: Final = re.compile(r"-(?P<signal>\d+|[A-Z][A-Z0-9+-]+)")
"""A signal in the form in which the shell's ``kill`` takes it."""

_WORKING_FOLDER: Final = re.compile(r"\$PWD\b|\$\{PWD\}|\$\(pwd\)|`pwd`")


class VerbParser(Parser):
    """The parser of one verb, which answers docker's flags that the verb does not have.

    Args:
        verb: its name.
        options: as for argparse.
    """

    def __init__(self, verb: str, **options: Any) -> None:
        super().__init__(prog=f"%hyper {verb}", add_help=False, **options)
        self._verb = verb
        short = [] if verb in _HOSTNAME_IS_H else ["-h"]
        self.add_argument(*short, "--help", action="help", help="show this help")
        for absent in _FLAGS.get(verb, ()):
            for names, takes in ((absent.valued, "?"), (absent.switches, 0)):
                for name in names.split():
                    # Not by our own add_argument: neither completion nor the help offers it.
                    argparse.ArgumentParser.add_argument(
                        self,
                        name,
                        action=_Refusal,
                        nargs=takes,
                        help=argparse.SUPPRESS,
                        instead=absent.instead,
                    )

    def parse_args(self, words: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        """Parse the words of a line, as :class:`Parser` does; answer a shell's folder there."""
        arguments = super().parse_args(words)
        for mount in getattr(arguments, "option_volumes", ()):
            if found := _WORKING_FOLDER.match(mount):
                rest = mount[found.end() :]
                hint = f"The kernel's folder is a dot: -v {shlex.quote('.' + rest)}"
                raise UsageFault(f"no shell reads this line: {mount!r} is not a mount", hint=hint)
        return arguments

    def explain(self, word: str, names: Sequence[str]) -> str:
        """Return how ``kill`` takes a signal, if the word is one."""
        found = _SIGNAL.fullmatch(word)
        if self._verb != "kill" or found is None:
            return ""
        containers = shlex.join(names) or "CONTAINER"
        return f"Signals are given with -s: %hyper kill -s {found['signal']} {containers}"


class _Refusal(argparse.Action):
    """Raises an error as soon as its flag is met, before anything that is missing is reported."""

    def __init__(self, *args: Any, instead: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._instead = instead

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        flag = str(option_string)
        given = f"{flag} {shlex.quote(values)}" if isinstance(values, str) else flag
        raise UsageFault(f"{parser.prog} has no {flag}", hint=self._instead.format(given=given))
