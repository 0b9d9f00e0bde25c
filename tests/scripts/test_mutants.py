"""The mutants' program on a small project: what it runs, what it reports, what it leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.mutation import supervisor
from scripts.mutation.command import OURS, choose, main
from scripts.mutation.copies import Copies, Result
from scripts.mutation.equivalents import BadEntry, read_equivalents
from scripts.mutation.points import Point, find_points
from scripts.mutation.project import Project, UnknownPath

ROOT = Path(__file__).parents[2]

PRICE = """\
LIMIT = 100


def over(price):
    return max(price - LIMIT, 0)
"""
TESTS = """\
from shop.price import over

def test_over():
    assert over(1) == 0
"""
LIVING = """\
shop/price.py:1: `100` became `101`, in the module
    - LIMIT = 100
    + LIMIT = 101
"""
EQUIVALENT = """\
[[equivalent]]
module = "shop.price"
function = ""
before = "LIMIT = 100"
after = "LIMIT = 101"
reason = "nobody pays that much"
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of one module; its tests notice three of its four mutants."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take longer than the tests
    root = tmp_path / "project"
    for name, text in {
        "shop/__init__.py": "",
        "shop/price.py": PRICE,
        "tests/test_price.py": TESTS,
        "pytest.ini": "[pytest]\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Project(root, "shop")


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """All files below a folder, with their times."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_what_the_tests_do_not_notice_is_listed_and_nothing_else(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(shop.root)
    assert main(["--number", "9"], shop) == 1
    said = capsys.readouterr()
    assert said.out == LIVING + (
        "4 mutants of 4 points, seed 1: 3 noticed (0 by the time limit), "
        "0 known as equivalent, 1 not noticed\n"
    )
    assert said.err.count("noticed    shop/price.py:5: ") == 3
    assert snapshot(shop.root) == before


def test_a_known_equivalent_is_not_run_and_does_not_count(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.root / "known.toml").write_text(EQUIVALENT)
    known = str(shop.root / "known.toml")
    # With this test, the run would notice it.
    (shop.root / "tests/test_price.py").write_text(TESTS + "    assert over(101) == 1\n")
    assert main(["--number", "9", "--equivalents", known, "--verbose"], shop) == 0
    said = capsys.readouterr()
    assert "shop/price.py:1:" not in said.out + said.err
    assert "shop/price.py:5: `-` became `+`: noticed by tests/test_price.py::test_over" in said.out
    assert said.out.endswith(
        "3 noticed (0 by the time limit), 1 known as equivalent, 0 not noticed\n"
    )


def test_an_entry_of_the_list_that_matches_nothing_is_reported(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.root / "known.toml").write_text(EQUIVALENT.replace("LIMIT", "MOST"))
    known = str(shop.root / "known.toml")
    assert main(["--number", "9", "--allow", "1", "--equivalents", known], shop) == 0
    assert (
        "no longer in the code, remove it from the list: shop.price: MOST = 100\n"
        in capsys.readouterr().out
    )


def test_tests_that_fail_without_a_change_end_the_run(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.root / "tests/test_price.py").write_text(TESTS.replace("== 0", "== 7"))
    assert main([], shop) == 2
    said = capsys.readouterr()
    assert "tests/test_price.py: these tests fail without a change:" in said.err
    assert said.out == ""


def test_tests_that_import_another_copy_of_the_package_end_the_run(
    shop: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = tmp_path / "installed" / "shop"
    installed.mkdir(parents=True)
    (installed / "__init__.py").touch()
    (installed / "price.py").write_text(PRICE)
    begin = f"import sys\nsys.path.insert(0, {str(installed.parent)!r})\n"
    (shop.root / "tests/test_price.py").write_text(begin + TESTS)
    assert main([], shop) == 2
    said = capsys.readouterr()
    assert "these tests import the wrong package" in said.err
    assert f"shop was imported from {installed}/__init__.py, not from " in said.err


ELSEWHERE = """
import subprocess, sys
import shop

def test_over():
    script = "from shop.price import over; print(over(1), over(101))"
    command = [sys.executable, "-P", "-c", script]
    assert subprocess.check_output(command, cwd="/") == b"0 1\\n"
"""


def test_programs_of_the_tests_import_the_copy_though_the_package_is_installed_elsewhere(
    shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed" / "shop"
    installed.mkdir(parents=True)
    (installed / "__init__.py").touch()
    (installed / "price.py").write_text(PRICE)
    (shop.root / "tests/test_price.py").write_text(ELSEWHERE)
    # Where an editable install has its line in a .pth file: behind what PYTHONPATH has in front.
    monkeypatch.setenv("PYTHONPATH", str(installed.parent))
    assert main(["--number", "9"], shop) == 0


def test_a_change_is_taken_back_after_its_run(shop: Project) -> None:
    source = (shop.root / "shop/price.py").read_bytes()
    [minus] = [
        point for point in find_points(source, "shop/price.py") if point.start == PRICE.index("- ")
    ]
    with Copies(shop) as copies:
        copy = copies.make()
        mutant = minus.mutant(minus.changes[0], source)
        assert mutant.after == "return max(price + LIMIT, 0)"
        assert not copy.run_mutant(mutant, "tests/test_price.py", [], 50).passed
        assert copy.run("tests/test_price.py", [], 50).passed


def test_two_changes_of_one_size_in_one_second_are_compiled_anew(shop: Project) -> None:
    with Copies(shop) as copies:
        copy = copies.make()
        [price] = copies.folder.glob("*/shop/price.py")
        times = [price.stat().st_mtime]
        for text in (b"LIMIT = 1\n", b"LIMIT = 2\n"):
            copy.write("shop/price.py", text)
            times.append(price.stat().st_mtime)
        assert price.read_bytes() == b"LIMIT = 2\n"
    assert len({int(each) for each in times}) == 3
    assert not price.exists()


HANGING = """
import os, subprocess, sys

def test_hanging():
    from shop.price import over
    fifo = open(os.environ["SHOP_FIFO"], "w")
    # In a session of its own: killing pytest's process group does not reach it.
    subprocess.Popen(["sleep", "1000"], stdout=fifo, start_new_session=True)
    print("ready", file=fifo, flush=True)
    subprocess.run(["sleep", "1000"])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_no_process_and_no_folder(
    shop: Project, tmp_path: Path, number: signal.Signals
) -> None:
    (shop.root / "tests/test_price.py").write_text(HANGING)
    fifo, temporary = tmp_path / "fifo", tmp_path / "t"
    os.mkfifo(fifo)
    temporary.mkdir()
    script = (
        "import signal, sys\nfrom pathlib import Path\n"
        # A shell starts what runs in its background with this signal ignored, the tests too.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from scripts.mutation.command import main\n"
        "from scripts.mutation.project import Project\n"
        f"sys.exit(main([], Project(Path({str(shop.root)!r}), 'shop')))\n"
    )
    environ = {
        **os.environ,
        "SHOP_FIFO": str(fifo),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(
        [sys.executable, "-P", "-c", script], env=environ, stderr=subprocess.PIPE, text=True
    ) as process:
        with fifo.open() as reader:
            assert reader.readline() == "ready\n"
            assert [path.name[:4] for path in temporary.iterdir()] == ["mut-"]
            process.send_signal(number)
            assert reader.read() == ""  # its end comes when no process has it open any more
        assert process.stderr is not None
        assert process.stderr.read() == "mutants: stopped\n"
    assert process.returncode == 130
    assert list(temporary.iterdir()) == []


# -- the supervisor ------------------------------------------------------------------------


def supervised(seconds: float, script: str) -> tuple[int, str]:
    """Run a shell script below a supervisor; the output's end says that no process is left."""
    with subprocess.Popen(
        [sys.executable, "-I", supervisor.__file__, str(seconds), "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        return (said := process.stdout.read(), process.wait())[1], said


ORPHAN = "setsid sleep 1000 & "


def test_the_status_of_a_command_is_passed_on() -> None:
    assert supervised(50, "echo hello; exit 3") == (3, "hello\n")


def test_the_status_says_which_signal_ended_a_command() -> None:
    assert supervised(50, "kill -KILL $$") == (137, "")


def test_an_orphan_in_a_session_of_its_own_ends_with_the_command() -> None:
    assert supervised(50, ORPHAN + "exit 0") == (0, "")


def test_the_time_limit_ends_a_command_and_its_orphans() -> None:
    assert supervised(0.2, ORPHAN + "sleep 1000") == (supervisor.LATE, "")


def test_the_end_of_the_lifeline_ends_a_command_and_its_orphans() -> None:
    with subprocess.Popen(
        [sys.executable, "-I", supervisor.__file__, "50", "sh", "-c", ORPHAN + "echo on; sleep 99"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.stdin.close()
        assert process.stdout.read() == ""
    assert process.returncode == supervisor.STOPPED


def test_a_run_that_was_too_late_has_not_passed() -> None:
    assert not Result(supervisor.LATE, 1.0, "").passed
    assert Result(supervisor.LATE, 1.0, "").late


# -- the choice ----------------------------------------------------------------------------


def points(number: int) -> list[Point]:
    return find_points(b"a < b\n" * number, "package/module.py")


def test_a_seed_chooses_the_same_again_and_a_larger_number_goes_on_from_a_smaller_one() -> None:
    long, short = choose(points(100), 40, seed=3), choose(points(100), 10, seed=3)
    assert len(long) == len({point.start for point, _ in long}) == 40
    assert [point for point, _ in long[:10]] == [point for point, _ in short]
    assert choose(points(100), 40, seed=3) == long
    assert choose(points(100), 40, seed=4) != long


def test_both_changes_of_a_point_are_chosen() -> None:
    assert {index for _, index in choose(points(50), 50, seed=1)} == {0, 1}


def test_fewer_points_than_wanted_are_all_chosen() -> None:
    assert len(choose(points(3), 10, seed=1)) == 3


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        (
            "shop/till/coins/change.py",
            ["tests/till/coins/test_change.py", "tests/till/coins", "tests/till"],
        ),
        ("shop/till/coins/rounding.py", ["tests/till/coins", "tests/till"]),
        ("shop/till/coins/__init__.py", ["tests/till/coins", "tests/till"]),
        ("shop/till/notes/paper.py", ["tests/till"]),
        ("shop/price.py", ["tests/test_price.py"]),
        ("shop/door.py", ["tests/door"]),
        ("shop/window/glass.py", ["tests/test_price.py"]),
        ("shop/cellar.py", []),
    ],
)
def test_a_file_s_tests_are_those_that_mirror_it_the_nearest_first(
    tmp_path: Path, path: str, steps: list[str]
) -> None:
    for test in ("till/coins/test_change.py", "door/test_bell.py", "test_price.py"):
        (tmp_path / "tests" / test).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests" / test).touch()
    project = Project(tmp_path, "shop", others={"window": ["tests/test_price.py"]})
    assert project.steps(path) == steps


def test_every_file_of_the_package_has_tests() -> None:
    without = [path for path in OURS.files() if not OURS.steps(path)]
    assert without == ["hyper_jupyter/version.py"]


def test_files_are_chosen_by_layer_and_path() -> None:
    assert OURS.files(layers=["exceptions"]) == ["hyper_jupyter/exceptions.py"]
    assert OURS.files(["hyper_jupyter/session/rules/plan.py"], ["exceptions"]) == [
        "hyper_jupyter/exceptions.py",
        "hyper_jupyter/session/rules/plan.py",
    ]
    protocol = OURS.files(layers=["protocol"])
    assert "hyper_jupyter/protocol/frames.py" in protocol
    assert all(path.startswith("hyper_jupyter/protocol/") for path in protocol)


@pytest.mark.parametrize("path", ["hyper_jupyter/nothing.py", "tests", "/etc"])
def test_a_path_without_source_of_the_package_is_refused(path: str) -> None:
    with pytest.raises(UnknownPath):
        OURS.files([path])


def test_a_layer_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--layer", "protocoll"]) == 2
    assert capsys.readouterr().err.startswith("mutants: hyper_jupyter has no source at ")


# -- the list of equivalents ---------------------------------------------------------------


def test_the_list_of_this_project_can_be_read() -> None:
    for entry in read_equivalents(ROOT / "scripts" / "mutants-equivalent.toml"):
        assert entry.module.startswith("hyper_jupyter.")
        assert entry.before != entry.after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[equivalent", "known.toml: "),
        (EQUIVALENT.replace("nobody pays that much", " "), "entry 1: the reason is empty"),
        (EQUIVALENT.replace("reason", "because"), "entry 1: "),
        (EQUIVALENT.replace('function = ""', ""), "entry 1: "),
        (EQUIVALENT.replace("[[equivalent]]", "[[equal]]"), "unknown: equal"),
    ],
)
def test_a_list_that_is_malformed_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(BadEntry, match=said):
        read_equivalents(path)


def test_no_list_is_an_empty_list(tmp_path: Path) -> None:
    assert read_equivalents(tmp_path / "known.toml") == []


def test_every_test_that_stands_for_others_is_there() -> None:
    named = [path for tests in OURS.others.values() for path in tests]
    assert named
    assert [path for path in named if not (OURS.root / path).exists()] == []
