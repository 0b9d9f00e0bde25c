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

_ELSEWHERE: Final = (
    "build builder buildx commit compose config container context cp diff events export history "
    "image images import load login logout manifest network node plugin port pull push rename rmi "
    "save scout search secret service stack stats swarm system tag trust update volume"
)

_VERBS: Final[dict[str, str]] = {
    "connect": "%hyper_connect HOST chooses the engine.",
    "detach": "%hyper_detach leaves a session.",
    "doctor": "Use %hyper_doctor.",
    "info": "%hyper_doctor shows the engine and its version. " + _IN_A_SHELL,
    "list": "%hyper ps lists the containers.",
    "ls": "%hyper ps lists the containers.",
    "restart": "Use %hyper stop {last}, then %hyper start {last}.",
    "sessions": "Use %hyper_sessions.",
    "top": "Use %hyper exec {first} ps.",
    "version": "%hyper_doctor shows the engine and its version.",
    **dict.fromkeys(_ELSEWHERE.split(), _IN_A_SHELL),
}
"""What to do instead of a verb. ``{first}`` and ``{last}`` are words of the line."""


def unknown_verb(words: Sequence[str], known: Collection[str]) -> UsageFault:
    """Return the error about a verb that does not exist, with the next step.

    Args:
        words: the verb, its flags and arguments; may be empty.
        known: the verbs that exist.
    """
    if not words:
        return UsageFault("a verb is missing", hint=f"Verbs: {' '.join(known)}.")
    verb, *rest = words
    hint = _instead(words, known)
    if not hint:
        typed = verb.lower()
        ours = difflib.get_close_matches(typed, known)
        others = difflib.get_close_matches(typed, _VERBS, n=1)
        if ours:
            hint = f"Did you mean {' or '.join(ours)}?"
        elif others:
            hint = f"Did you mean {others[0]}? {_instead([others[0], *rest], known)}"
        else:
            hint = f"Verbs: {' '.join(known)}."
    return UsageFault(f"{verb!r} is not a verb of %hyper", hint=hint)


def _instead(words: Sequence[str], known: Collection[str]) -> str:
    """Return what to do instead of a line with a verb of docker; empty if it has none."""
    verb, *rest = words
    if verb == "container" and rest and rest[0] in known:
        return f"Use %hyper {shlex.join(rest)}."
    if verb == "container" and rest and rest[0] in _VERBS:
        return _instead(rest, known)
    names = [shlex.quote(word) for word in rest if not word.startswith("-")] or ["NAME"]
    return _VERBS.get(verb, "").format(verb=verb, first=names[0], last=names[-1])


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
    "-a --attach -c --cpu-shares --hostname -l --label -m --memory -p --publish -u --user "
    "-v --volume --add-host --annotation --blkio-weight --cap-add --cap-drop --cgroup-parent "
    "--cgroupns --cidfile --cpu-period --cpu-quota --cpus --cpuset-cpus --cpuset-mems --device "
    "--device-cgroup-rule --dns --dns-option --dns-search --domainname --entrypoint --env-file "
    "--expose --gpus --group-add --health-cmd --health-interval --health-retries "
    "--health-start-period --health-timeout --ip --ip6 --ipc --isolation --label-file --link "
    "--log-driver --log-opt --mac-address --memory-reservation --memory-swap --mount "
    "--network-alias --oom-score-adj --pid --pids-limit --platform --pull --restart --runtime "
    "--security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl --tmpfs "
    "--ulimit --userns --uts --volume-driver --volumes-from"
)
_SWITCHES_OF_A_CONTAINER: Final = (
    "-P --publish-all --init --no-healthcheck --oom-kill-disable --privileged --read-only"
)

_FLAGS: Final[dict[str, tuple[_Absent, ...]]] = {
    "create": (
        _Absent(
            "Create it in a shell: !docker create -i {given} …, then %hyper_attach NAME.",
            _OF_A_CONTAINER,
            _SWITCHES_OF_A_CONTAINER,
        ),
    ),
    "exec": (
        _Absent("Name each variable, -e NAME=VALUE, or use client.exec(…, env=…).", "--env-file"),
    ),
    "inspect": (
        _Absent('Choose in Python: client.inspect("NAME")["State"].', "-f --format"),
        _Absent("In a shell: !docker inspect {given} …", "--type", "-s --size"),
    ),
    "ps": (
        _Absent(
            "Choose in Python: client.containers() lists them as objects.",
            "-f --filter -n --last --format",
            "-l --latest -s --size",
        ),
    ),
    "rm": (_Absent("In a shell: !docker rm {given} …", switches="-l --link"),),
    "run": (
        _Absent(
            "Create it in a shell: !docker run -d -i {given} …, then %hyper_attach NAME.",
            _OF_A_CONTAINER,
            _SWITCHES_OF_A_CONTAINER,
        ),
        _Absent("Leave it out: no signals are passed on here.", "--sig-proxy"),
        _Absent("Leave it out: images are pulled in a shell.", switches="-q --quiet"),
    ),
    "start": (
        _Absent(
            "Use %hyper_attach NAME --logs after the start.",
            "--detach-keys",
            "-a --attach -i --interactive",
        ),
    ),
    "stop": (_Absent("Use %hyper kill -s SIGNAL NAME.", "-s --signal"),),
}
"""Docker's flags that a verb does not have."""

_SIGNAL: Final = re.compile(r"-(?P<signal>\d+|[A-Z][A-Z0-9+-]+)")
"""A signal in the form in which the shell's ``kill`` takes it."""


class VerbParser(Parser):
    """The parser of one verb, which answers docker's flags that the verb does not have.

    Args:
        verb: its name.
        options: as for argparse.
    """

    def __init__(self, verb: str, **options: Any) -> None:
        super().__init__(prog=f"%hyper {verb}", **options)
        self._verb = verb
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
