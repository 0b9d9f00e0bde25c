"""``create`` and ``run``: what they ask of the engine, without an engine."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.verbs import creating, verb_parser
from hyper_jupyter.magics.verbs.container_options import options_of, variables_of
from tests.magics.verbs.scripted import ScriptedClient, run

QUICKSTART = Path(__file__).parents[3] / "notebooks" / "01-quickstart.ipynb"

CREATED = {
    "name": None, "tty": False, "stdin": False, "stdin_once": False, "env": [],
    "auto_remove": False, "working_dir": None, "network": None, "size": None,
    "on_warning": creating._warn,
}  # fmt: skip


def test_create_gives_the_id_and_passes_everything_on() -> None:
    client = ScriptedClient()
    words = "create -i -t --name web --rm -e A=1 -e B=2 -w /srv --net none busybox"
    assert run(client, *words.split(), "sh", "-c", "echo -i --name x") == "c0ffee"
    assert client.calls == [
        ("create", "busybox", ["sh", "-c", "echo -i --name x"], {
            "name": "web", "tty": True, "stdin": True, "stdin_once": True, "env": ["A=1", "B=2"],
            "auto_remove": True, "working_dir": "/srv", "network": "none", "size": None,
            "on_warning": creating._warn,
        })
    ]  # fmt: skip


def test_run_attaches_before_the_start_and_returns_the_session(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = ScriptedClient(start_attached="the session")
    assert run(client, "run", "-i", "--detach-keys", "ctrl-a", "busybox", "cat") == "the session"
    assert client.calls == [
        ("create", "busybox", ["cat"], {**CREATED, "stdin": True, "stdin_once": True}),
        (
            "start_attached",
            "c0ffee",
            {"stdin": True, "detach_keys": "ctrl-a", "size": None, "resume": True},
        ),
    ]
    assert capsys.readouterr().out == ""


def test_run_in_the_background_keeps_the_input_open_and_gives_the_id() -> None:
    client = ScriptedClient()
    assert run(client, "run", "-d", "-i", "busybox") == "c0ffee"
    assert client.calls == [
        ("create", "busybox", [], {**CREATED, "stdin": True, "stdin_once": False}),
        ("start", "c0ffee"),
    ]


@pytest.mark.parametrize("removal", [None, NotFound(404, "it is gone already")])
def test_a_container_that_cannot_be_started_is_removed(removal: Exception | None) -> None:
    client = ScriptedClient(start=Conflict(409, "no such command"), remove=removal)
    with pytest.raises(Conflict, match="no such command"):
        run(client, "run", "-d", "busybox", "nonsense")
    assert client.calls[-1] == ("remove", "c0ffee", {"force": True})


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (
            "--name web busybox",
            (
                "%hyper_attach web attaches to the existing one, %hyper start web starts it, "
                "%hyper rm -f web removes it."
            ),
        ),
        ("busybox", ""),
    ],
)
def test_a_name_that_is_taken_says_what_can_be_done_with_that_container(
    words: str, hint: str
) -> None:
    with pytest.raises(Conflict) as caught:
        run(ScriptedClient(create=Conflict(409, "the name is taken")), "create", *words.split())
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run --timeout 3 busybox", "--timeout needs --wait"),
        ("run --wait -d busybox", "--wait and --detach cannot be used together"),
    ],
)
def test_flags_that_exclude_each_other_make_no_container(words: str, message: str) -> None:
    client = ScriptedClient()
    with pytest.raises(UsageFault, match=message):
        run(client, *words.split())
    assert client.calls == []


@pytest.mark.parametrize(
    ("words", "takes_size", "resized"),
    [("-t", False, True), ("-t", True, False), ("-i", False, False)],
)
def test_a_terminal_in_the_background_gets_a_size_where_create_gave_it_none(
    words: str, takes_size: bool, resized: bool
) -> None:
    client = ScriptedClient(resize=Conflict(409, "it has ended already"))
    client.profile = SimpleNamespace(takes_console_size=takes_size)
    assert run(client, "run", "-d", words, "busybox", "top") == "c0ffee"
    expected = [("start", "c0ffee"), *([("resize", "c0ffee", 24, 80)] if resized else [])]
    assert client.calls[1:] == expected


# -- options ----------------------------------------------------------------------------


def parsed(line: str) -> Any:
    return verb_parser("run").parse_args([*line.split(), "busybox"])


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", {}),
        ("-p 8080:80 -p 53:53/udp", {"ports": ["8080:80", "53:53/udp"]}),
        ("-dp 80:80", {"ports": ["80:80"]}),
        ("-P --init --read-only --privileged",
         {"publish_all": True, "init": True, "read_only": True, "privileged": True}),
        ("-v /data:/in:ro --mount type=tmpfs,dst=/x",
         {"volumes": ["/data:/in:ro"], "mounts": ["type=tmpfs,dst=/x"]}),
        ("-u 1000:100 -h web -m 512m --cpus 1.5",
         {"user": "1000:100", "hostname": "web", "memory": "512m", "cpus": "1.5"}),
        ("--entrypoint sh --restart on-failure:3",
         {"entrypoint": "sh", "restart": "on-failure:3"}),
        ("--ulimit nofile=1024:2048 --cap-add NET_ADMIN --add-host db:10.0.0.1",
         {"ulimits": ["nofile=1024:2048"], "cap_add": ["NET_ADMIN"], "add_host": ["db:10.0.0.1"]}),
        ("-l a=b=c -l bare", {"labels": {"a": "b=c", "bare": ""}}),
        ("--log-driver local --log-opt max-size=1m",
         {"log_driver": "local", "log_options": {"max-size": "1m"}}),
        ("--sysctl net.core.somaxconn=1 --platform linux/arm64 --pids-limit 9",
         {"sysctls": {"net.core.somaxconn": "1"}, "platform": "linux/arm64", "pids_limit": 9}),
        ("--health-cmd true --health-interval 5s --health-retries 2",
         {"healthcheck": {"test": "true", "interval": "5s", "retries": 2}}),
        ("--no-healthcheck", {"healthcheck": {"test": "NONE"}}),
        ("--stop-timeout 0 --oom-score-adj 0", {"stop_timeout": 0, "oom_score_adj": 0}),
    ],
)  # fmt: skip
def test_flags_are_the_options_of_the_call(line: str, options: dict[str, Any]) -> None:
    assert options_of(parsed(line)) == options


def test_an_empty_entrypoint_takes_the_image_s_away() -> None:
    arguments = verb_parser("run").parse_args(["--entrypoint", "", "busybox"])
    assert options_of(arguments) == {"entrypoint": ""}


def test_every_option_of_a_flag_is_one_of_the_client() -> None:
    from hyper_jupyter.client.options.create import CreateOptions
    from hyper_jupyter.magics.verbs.container_options import FLAGS

    known = CreateOptions.__annotations__
    assert {flag.option for flag in FLAGS} - known.keys() == set()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--log-opt max-size", "--log-opt: 'max-size' is not NAME=VALUE"),
        ("-l =x", "--label: '=x' is not NAME=VALUE"),
        ("--no-healthcheck --health-cmd true", "conflicts"),
    ],
)
def test_a_malformed_option_is_refused(line: str, said: str) -> None:
    with pytest.raises(UsageFault, match=said):
        options_of(parsed(line))


def test_files_have_variables_and_labels(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("# a comment\n\nA=1 # no comment\n  B=2\nHOME\n")
    arguments = parsed(f"--env-file {file} -e B=3 --label-file {file} -l A=x")
    assert variables_of(arguments) == ["A=1 # no comment", "B=2", "HOME", "B=3"]
    assert options_of(arguments)["labels"] == {"A": "x", "B": "2", "HOME": ""}


def test_only_a_newline_ends_a_variable_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes("A=1\u20282\x0b3\r\nB=x\ry\n".encode())
    assert variables_of(parsed(f"--env-file {file}")) == ["A=1\u20282\x0b3", "B=x\ry"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/dev/zero", "/dev/zero cannot be read: it is longer than 4 MiB"),
        ("", "'' cannot be read"),
        ("~nobody-of-this-name/x", "cannot be read"),
    ],
)
def test_a_file_without_variables_is_our_own_error(path: str, said: str) -> None:
    with pytest.raises(HyperJupyterError, match=said):
        variables_of(parsed(f"--env-file={path}"))


def test_a_file_that_is_not_there_is_one_of_the_kernel_s_machine(tmp_path: Path) -> None:
    with pytest.raises(HyperJupyterError, match="cannot be read: No such file") as caught:
        variables_of(parsed(f"--env-file {tmp_path}/none"))
    assert caught.value.hint == "It is a file of the kernel's machine."


def test_what_the_engine_does_not_do_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    class Limited(ScriptedClient):
        def create(self, *_: Any, on_warning: Any, **__: Any) -> str:
            on_warning("ports are not published")
            return "c0ffee"

    assert run(Limited(), "create", "-p", "8080:80", "busybox") == "c0ffee"
    assert capsys.readouterr().err == "Warning: ports are not published\n"


# -- pulling ----------------------------------------------------------------------------

NO_IMAGE = NotFound(404, "No such image: busybox:latest")


class Pulling(ScriptedClient):
    """An engine that lacks the image until it has pulled it."""

    def __init__(self, only: str = "", error: NotFound = NO_IMAGE) -> None:
        super().__init__(pull=SimpleNamespace(id="sha256:1"))
        self.profile = SimpleNamespace(default_image=only)
        self.default_image = "busybox"
        self.error: NotFound | None = error

    def create(self, image: str, command: Any, **_: Any) -> str:
        self.calls.append(("create", image))
        if self.error is not None and not any(call[0] == "pull" for call in self.calls):
            raise self.error
        return "c0ffee"


def test_an_image_that_is_missing_is_pulled() -> None:
    client = Pulling()
    assert run(client, *["create", "-q", "--platform", "linux/arm64", "busybox"]) == "c0ffee"
    assert client.calls == [
        ("create", "busybox"),
        ("pull", "busybox", {"platform": "linux/arm64"}),
        ("create", "busybox"),
    ]


def test_the_quickstart_says_who_pulls_its_image() -> None:
    client = Pulling()
    run(client, *["create", "-q", "-i", "--name", "quickstart", "default", "sh"])
    assert ("pull", "busybox", {"platform": None}) in client.calls
    cells = json.loads(QUICKSTART.read_text(encoding="utf-8"))["cells"]
    (said,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "playing")
    assert "`%hyper create` pulls" in said
    assert "%hyper pull" not in said


def test_it_is_pulled_always_or_never_if_that_is_said() -> None:
    client = Pulling()
    run(client, *["create", "-q", "--pull", "always", "busybox"])
    assert [call[0] for call in client.calls] == ["pull", "create"]
    with pytest.raises(NotFound):
        run(Pulling(), *["create", "--pull", "never", "busybox"])


@pytest.mark.parametrize(
    "client", [Pulling(only="host"), Pulling(error=NotFound(404, "no such network: x"))]
)
def test_what_pulling_does_not_help_is_not_pulled(client: Pulling) -> None:
    with pytest.raises(NotFound):
        run(client, "create", "busybox")
    assert [call[0] for call in client.calls] == ["create"]


def test_bars_show_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(
        "hyper_jupyter.magics.progress.publish", lambda data, *_, **__: shown.append(data)
    )

    class Engine(Pulling):
        def pull(self, image: str, *, platform: str | None, on_progress: Any) -> Any:
            self.calls.append(("pull", image))
            on_progress(SimpleNamespace(id="a1", status="Downloading", current=5, total=10))
            on_progress(SimpleNamespace(id="", status="Status: done", current=None, total=None))
            return SimpleNamespace(id="sha256:1")

    run(Engine(), "create", "busybox")
    assert shown[-1]["text/plain"].splitlines()[1] == "Status: done"
