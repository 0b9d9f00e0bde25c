"""Templates of ``--format`` and ``inspect -f``, as the docker command fills them in."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.verbs.template import Template

RECORD: dict[str, Any] = {
    "Name": "/web",
    "State": {"Status": "running", "Running": True, "Pid": 7, "Health": None},
    "Config": {"Env": ["A=1", "B=é\x7f"], "Labels": {}},
}


def field(name: str) -> Any:
    return RECORD if not name else RECORD[name]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.Name}}", "/web"),
        ("{{ .State.Status }}", "running"),
        ("{{- .State.Status -}}", "running"),
        ("{{.State.Running}} {{.State.Pid}}", "true 7"),
        (r"{{.Name}}\t{{.State.Pid}}", "/web\t7"),
        ("pid={{.State.Pid}};", "pid=7;"),
        ("{{json .State.Status}}", '"running"'),
        ("{{json .Config.Env}}", '["A=1","B=\\u00e9\\u007f"]'),
        ("{{.Config.Env}}", '["A=1","B=\\u00e9\\u007f"]'),
        ("{{.State.Health}}", "<no value>"),
        ("{{.State.Health.Status}}", "<no value>"),
        ("{{.Nothing}}", "<no value>"),
        ("{{.Name.Nothing}}", "<no value>"),
        ("{{json .Nothing}}", "null"),
        ("no field", "no field"),
        ("}} {.Name}", "}} {.Name}"),
        ("", ""),
    ],
)
def test_fields_are_filled_in(template: str, text: str) -> None:
    assert Template(template, "…").lines([field]) == [text]


def test_the_whole_record_is_json() -> None:
    for template in ("json", "{{json .}}"):
        (text,) = Template(template, "…").lines([field])
        assert '"Pid":7' in text


@pytest.mark.parametrize(
    "action",
    [
        "{{range .Mounts}}", "{{end}}", '{{index .Config.Labels "a"}}', "{{len .Name}}",
        "{{if .Name}}", "{{.Name | upper}}", "{{}}", "{{Name}}", "{{.Name.}}", "{{.a-b}}",
    ],
)  # fmt: skip
def test_what_is_more_than_a_field_is_done_in_python(action: str) -> None:
    with pytest.raises(UsageFault) as caught:
        Template(f"x {action}", 'client.inspect("web")')
    assert str(caught.value) == f"only fields are understood here, not {action}"
    assert caught.value.hint == 'In Python: client.inspect("web").'


@pytest.mark.parametrize("text", ["{{.A.B}", "{{", "{{.Name}} {{.Name", "table {{.ID}}\\t{{"])
def test_a_field_without_an_end_is_no_text(text: str) -> None:
    with pytest.raises(UsageFault, match="}} is missing"):
        Template(text, "…")


def test_a_table_has_titles() -> None:
    table = Template(r"table {{.Name}}\t{{.State.Status}}", "…").lines(
        [field, {"Name": "a\tb", "State": {}}.__getitem__], {"Name": "NAMES"}
    )
    assert str(table).splitlines() == ["NAMES   STATUS", "/web    running", "a b     <no value>"]


def test_text_from_outside_is_printable() -> None:
    (text,) = Template("{{.Name}}", "…").lines([{"Name": "a\x1b[31mb\r\n"}.__getitem__])
    assert text == "a [31mb"
