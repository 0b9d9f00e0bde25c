"""What the marks of the embedded engine say is missing, however the output comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.gap import gap_mark
from hyper_jupyter.session.store.gaps import Gaps

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_a_mark_is_found_whether_it_comes_as_bytes_or_as_a_view(
    kind: Callable[[bytes], bytes | memoryview],
) -> None:
    gaps = Gaps()
    mark = gap_mark(70, ERR, "the disk was full")
    gaps.receive_output([(OUT, kind(b"no mark")), (ERR, kind(b"before" + mark[:20]))])
    assert not gaps
    gaps.receive_output([(ERR, kind(mark[20:]))])
    assert gaps.missing == {ERR: 70}
