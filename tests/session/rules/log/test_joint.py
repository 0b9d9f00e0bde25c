"""Where history ends and live output begins, and when that counts as proven."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.session.rules.log.joint import PROBE, Conditions, Joint, Live, joint_text, place

PROVEN, WAITING, UNPROVEN = Joint.PROVEN, Joint.WAITING, Joint.UNPROVEN
GOOD = Conditions(settled=True, covers=True, precise=True)
COARSE = replace(GOOD, precise=False)
DOCKER = replace(GOOD, by_lines=True, altered=bytes(range(0x80, 0x100)))
COUNTED = b"".join(b"line %d\n" % number for number in range(3000))
AGAIN = COUNTED[:5000] * 2
TICKS = b"tick\n" * 4


def live(data: bytes, *, quiet: bool = True) -> Live:
    return Live(data[:PROBE], len(data) <= PROBE, quiet)


@pytest.mark.parametrize(
    ("log", "came", "first", "how", "expected"),
    [
        # What came is in the log once.
        (b"one\ntwo\n", live(b"two\n"), 4, GOOD, (4, PROVEN)),
        (b"one\ntwo\n", live(b"wo\n"), 4, GOOD, (5, PROVEN)),
        (b"one\ntwo\nthree\n", live(b"two\n", quiet=False), 0, GOOD, (4, PROVEN)),
        (b"one\ntwo\n", live(b"one\ntwo\n"), 0, GOOD, (0, PROVEN)),
        (COUNTED, live(COUNTED[9000:], quiet=False), 0, COARSE, (9000, PROVEN)),
        # Not yet: it may be an earlier one that looks the same.
        (b"one\ntwo\n", live(b"two\n"), 4, replace(GOOD, settled=False), (4, UNPROVEN)),
        (b"one\ntwo\n", live(b"two\n"), 4, replace(COARSE, settled=False), (4, UNPROVEN)),
        (COUNTED, live(COUNTED[-4000:]), 0, replace(COARSE, settled=False), None),
        # Much that was never printed before is no other.
        (COUNTED, live(COUNTED[9000:]), 0, replace(COARSE, settled=False), (9000, PROVEN)),
        (AGAIN, live(AGAIN[-5000:]), len(AGAIN) - 5000, replace(GOOD, settled=False), None),
        # A log that was not read to its end may have it once more.
        (b"one\ntwo\n", live(b"two\n"), 4, replace(GOOD, covers=False), (4, UNPROVEN)),
        # The same again and again: content proves nothing, times do if they are fine.
        (TICKS, live(b"tick\n"), 15, GOOD, (15, PROVEN)),
        (TICKS, live(b"tick\n"), 10, GOOD, (15, UNPROVEN)),
        (TICKS, live(b"tick\ntick\n"), 10, GOOD, (10, PROVEN)),
        (TICKS, live(b"tick\ntick\n", quiet=False), 10, GOOD, (10, UNPROVEN)),
        (TICKS, live(b"tick\ntick\n"), 0, COARSE, (10, UNPROVEN)),
        # Position does, too: both stood still, in two readings.
        (TICKS, live(b"tick\ntick\n"), 0, replace(COARSE, unchanged=True), (10, PROVEN)),
        (TICKS, live(b"tick\n", quiet=False), 0, replace(COARSE, unchanged=True), (0, UNPROVEN)),
        # Nothing came.
        (b"one\n", live(b""), 4, GOOD, (4, PROVEN)),
        (b"", live(b""), 0, COARSE, (0, PROVEN)),
        (b"one\n", live(b""), 0, GOOD, (4, UNPROVEN)),  # printed meanwhile, and where is it?
        (b"one\n", live(b""), 0, replace(COARSE, unchanged=True), (4, PROVEN)),
        (b"one\n", live(b""), 4, replace(GOOD, settled=False), (4, UNPROVEN)),
        (b"one\n", live(b"", quiet=False), 4, GOOD, (4, UNPROVEN)),
        # The log lacks an unfinished line as long as the container runs.
        (b"one\n", live(b""), 4, DOCKER, (4, WAITING)),
        (b"one\n", live(b"? "), 4, DOCKER, (4, WAITING)),
        (b"one\nname? joe\n", live(b"joe\nnext"), 4, DOCKER, (10, PROVEN)),
        (b"one\n", live(b"x" * PROBE), 4, DOCKER, (4, UNPROVEN)),
        # The log has other bytes in place of some.
        ("é\nå \ufffd\nzoo\n".encode(), live(b"zoo\n"), 0, DOCKER, (10, PROVEN)),
        ("é\na \ufffd\nzoo\n".encode(), live(b"a \xff\nzoo\n"), 0, DOCKER, (3, PROVEN)),
        ("é\na \ufffd\n".encode(), live(b"\xff\n"), 0, DOCKER, None),
        # Some engines note when a line began: it may end in what comes live.
        (b"one\nname? joe\n", live(b"joe\n"), 14, GOOD, (10, PROVEN)),
        (b"two\none\ntwo\n", live(b"two\n"), 8, GOOD, (8, PROVEN)),
        # It is not in the log.
        (b"one\n", live(b"two\n"), 0, GOOD, (4, UNPROVEN)),
        (b"one\ntwo\n", live(b"three\n"), 4, GOOD, (4, UNPROVEN)),
        (b"one\ntw", live(b"two\n"), 0, GOOD, (4, UNPROVEN)),
    ],
)
def test_the_place_of_live_output_in_a_log(
    log: bytes, came: Live, first: int, how: Conditions, expected: tuple[int, Joint] | None
) -> None:
    found = place(log, came, first, how)
    if expected is None:
        assert found.joint is UNPROVEN
    else:
        assert (found.offset, found.joint) == expected


@given(
    st.binary(max_size=40),
    st.lists(st.sampled_from([b"a", b"b\n", b"ab\n", b"\n"]), max_size=12).map(b"".join),
    st.data(),
)
def test_a_proven_place_is_the_place(old: bytes, printed: bytes, data: st.DataObject) -> None:
    # All of this is printed from `first` on; live output begins anywhere in it, or was silent.
    log = old + printed
    begin = data.draw(st.integers(len(old), len(log)))
    received = data.draw(st.integers(0, len(log) - begin))
    quiet = begin + received == len(log)
    came = Live(log[begin : begin + received], whole=True, quiet=quiet)
    found = place(log, came, len(old), GOOD)
    if found.joint is PROVEN:
        assert found.offset == begin


def test_one_stream_that_is_not_proven_is_enough_for_a_note() -> None:
    assert joint_text({PROVEN}) == joint_text(set()) == ""
    assert "unfinished" in joint_text({PROVEN, WAITING})
    assert "twice" in joint_text({PROVEN, WAITING, UNPROVEN})
