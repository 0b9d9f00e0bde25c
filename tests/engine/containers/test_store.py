"""The store: how containers and execs are found, named and removed."""

from __future__ import annotations

import asyncio

import pytest

from hyper_jupyter.engine.config.spec import Spec
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.program.launch import Command
from hyper_jupyter.exceptions import ApiError, Conflict, NotFound

SPEC = Spec.parse({"Image": "host", "Labels": {"l": "1"}})


def create_exec(store: Store, container: Container) -> Exec:
    command = Command(argv=("sh", "-c", "x"), env={}, folder="/", tty=False, stdin=False)
    return store.create_exec(
        container, command, stdin=False, stdout=True, stderr=True, keys=b""
    )  # fmt: skip


def test_a_container_is_found_by_id_name_and_the_beginning_of_its_id() -> None:
    store = Store()
    container, other = store.create(SPEC, "/web"), store.create(SPEC, "")
    assert other.name
    for reference in (container.id, container.id[:20], "web", "/web"):
        assert store.find(reference) is container
    assert store.containers() == [other, container]
    for reference in ("", "we", "nosuch"):
        with pytest.raises(NotFound):
            store.find(reference)


def test_an_ambiguous_id_is_refused_and_a_whole_name_goes_first() -> None:
    store = Store()
    first, second = store.create(SPEC, "one"), store.create(SPEC, "two")
    first.id, second.id = "abc" + "0" * 61, "abd" + "0" * 61
    with pytest.raises(ApiError, match="multiple IDs found with provided prefix: ab"):
        store.find("ab")
    assert store.find("abd") is second
    third = store.create(SPEC, "abd")
    assert store.find("abd") is third


def test_a_name_is_given_once_also_by_renaming() -> None:
    store = Store()
    web, other = store.create(SPEC, "web"), store.create(SPEC, "other")
    for attempt in (lambda: store.create(SPEC, "/web"), lambda: store.rename(other, "web")):
        with pytest.raises(
            Conflict, match=f'name "/web" is already in use by container "{web.id}"'
        ):
            attempt()
    for name in ("", "other", "/other", "-"):
        with pytest.raises(ApiError):
            store.rename(other, name)
    store.rename(other, "/new")
    assert (store.find("new"), other.name) == (other, "new")
    renamed = store.events.past(0, None)[-1]
    assert (renamed["Action"], renamed["Actor"]["Attributes"]["oldName"]) == ("rename", "/other")


def test_an_exec_belongs_to_its_container_and_reports_its_events() -> None:
    store = Store()
    container, other = store.create(SPEC, "web"), store.create(SPEC, "other")
    execution = create_exec(store, container)
    assert store.find_exec(execution.id) is execution
    assert store.container_of(execution) is container
    assert (list(container.execs), other.execs) == ([execution.id], {})
    with pytest.raises(NotFound, match="No such exec instance: nosuch"):
        store.find_exec("nosuch")
    execution.publish("exec_die", exitCode="5")
    created, died = store.events.past(0, None)[2:]
    assert (created["Action"], died["Action"]) == ("exec_create: sh -c x", "exec_die")
    assert created["id"] == died["id"] == container.id
    assert died["Actor"]["Attributes"] == {
        "l": "1", "image": "host", "name": "web", "execID": execution.id, "exitCode": "5",
    }  # fmt: skip


def test_a_container_is_removed_with_its_execs() -> None:
    store = Store()
    container, other = store.create(SPEC, "web"), store.create(SPEC, "other")
    gone, kept = create_exec(store, container), create_exec(store, other)
    asyncio.run(store.remove(container, force=False))
    for find, reference in ((store.find, container.id), (store.find_exec, gone.id)):
        with pytest.raises(NotFound):
            find(reference)
    assert store.find_exec(kept.id) is kept
    assert store.containers() == [other]
    assert container.removed.is_set()
    assert store.events.past(0, None)[-1]["Action"] == "destroy"
