"""What engines do differently: one profile per kind and version."""

from __future__ import annotations

import dataclasses

import pytest

from hyper_jupyter.client.profile import EngineProfile, KeysFile, version_numbers

BANNER = b"Error: detached from container\n"


def test_docker_is_what_the_defaults_say() -> None:
    assert EngineProfile.of("docker", "26.1.5", api="1.45") == EngineProfile("docker")


@pytest.mark.parametrize("kind", ["embedded", "docker", "podman", "hyper"])
def test_a_profile_knows_its_kind_and_cannot_be_changed(kind: str) -> None:
    profile = EngineProfile.of(kind, api="1.41")
    assert profile.kind == kind
    with pytest.raises(dataclasses.FrozenInstanceError):
        profile.kind = "other"  # type: ignore[misc]


def test_another_kind_is_none() -> None:
    with pytest.raises(KeyError):
        EngineProfile.of("rocket", api="1.41")


@pytest.mark.parametrize(
    ("version", "banner"),
    [("4.3.1", BANNER), ("4.9.3", BANNER), ("5.0.0", b""), ("5.4.2", b""), ("6.1.1", b"")],
)
def test_podman_before_5_writes_a_banner_into_the_stream(version: str, banner: bytes) -> None:
    assert EngineProfile.of("podman", version, api="1.41").detach_banner == banner


def test_a_podman_of_unknown_version_may_write_the_banner() -> None:
    assert EngineProfile.of("podman", "", api="1.41").detach_banner == BANNER


@pytest.mark.parametrize(
    ("kind", "version", "status"),
    [
        *(("docker", "20.10.24", 500), ("docker", "26.1.5", 400), ("docker", "28.5.2", 400)),
        *(("podman", "4.3.1", 404), ("podman", "6.1.1", 404), ("embedded", "", 400)),
    ],
)
def test_the_beginning_of_several_ids_is_refused(kind: str, version: str, status: int) -> None:
    assert EngineProfile.of(kind, version, api="1.41").ambiguous_id_status == status


@pytest.mark.parametrize(
    ("version", "keeps"), [("20.10.24", True), ("26.1.5", True), ("27.0.1", False), ("28.5", False)]
)
def test_docker_26_is_known_to_leave_a_connection_for_stdin_open(version: str, keeps: bool) -> None:
    assert EngineProfile.of("docker", version, api="1.45").keeps_stdin_connection is keeps


@pytest.mark.parametrize(("version", "step"), [("4.3.1", 1.0), ("5.4.2", 1.0), ("5.8.6", 1e-9)])
def test_podman_s_log_has_whole_seconds_before_5_8(version: str, step: float) -> None:
    assert EngineProfile.of("podman", version, api="1.41").log_time_step == step
    assert EngineProfile.of("docker", "20.10.24", api="1.41").log_time_step == 1e-9


@pytest.mark.parametrize(
    ("api", "chooses"), [("1.23", False), ("1.41", False), ("1.42", True), ("1.100", True)]
)
def test_streams_of_a_websocket_can_be_chosen_from_api_1_42_on(api: str, chooses: bool) -> None:
    assert EngineProfile.of("docker", api=api).websocket_chooses_streams is chooses


@pytest.mark.parametrize(("api", "at_once"), [("1.23", False), ("1.29", False), ("1.30", True)])
def test_wait_answers_at_once_from_api_1_30_on(api: str, at_once: bool) -> None:
    assert EngineProfile.of("docker", api=api).wait_answers_at_once is at_once


def test_only_podman_ends_the_input_with_any_client() -> None:
    sharing = [
        kind
        for kind in ("embedded", "docker", "podman", "hyper")
        if EngineProfile.of(kind, api="1.41").shares_stdio_connection
    ]
    assert sharing == ["podman"]


def test_podmans_own_file_comes_before_docker_s() -> None:
    podman = EngineProfile.of("podman", api="1.41")
    assert podman.detach_keys_files == (KeysFile.PODMAN, KeysFile.DOCKER)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("4.3.1", (4, 3, 1)),
        ("1.45", (1, 45)),
        ("5.4.2-dev", (5, 4, 2)),
        ("20.10.24+dfsg1", (20, 10, 24)),
        ("6", (6,)),
        ("", ()),
        ("dev", ()),
    ],
)
def test_versions_compare_by_the_numbers_at_their_start(
    version: str, expected: tuple[int, ...]
) -> None:
    assert version_numbers(version) == expected


@pytest.mark.parametrize(("api", "takes"), [("1.23", False), ("1.41", False), ("1.42", True)])
def test_docker_takes_a_terminal_s_first_size_from_api_1_42_on(api: str, takes: bool) -> None:
    assert EngineProfile.of("docker", api=api).takes_console_size is takes
    assert EngineProfile.of("hyper", api=api).takes_console_size is takes
    assert EngineProfile.of("embedded", api=api).takes_console_size
    assert not EngineProfile.of("podman", api=api).takes_console_size


@pytest.mark.parametrize(
    ("version", "lines", "asked"),
    [("4.3.1", 4000, 4000), ("4.3.1", 4001, None), ("", 4001, None), ("5.4.2", 10**6, 10**6)],
)
def test_podman_before_5_is_asked_for_few_lines_of_a_log_or_for_all(
    version: str, lines: int, asked: int | None
) -> None:
    assert EngineProfile.of("podman", version, api="1.41").log_tail(lines) == asked
