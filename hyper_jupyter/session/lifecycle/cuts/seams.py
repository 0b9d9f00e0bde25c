"""Puts what was missed at a cut into the journal, below a mark that says what is missing.

Layer: session, lifecycle. I/O thread; nothing here blocks.
"""

from __future__ import annotations

import time

from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.lifecycle.cuts.origins import Cut, Origins
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.log.filling import Fill, Part
from hyper_jupyter.session.rules.outcome import cut_text
from hyper_jupyter.session.store.gaps import Gap
from hyper_jupyter.session.store.marks import MarkKind, Marks

__all__ = ["Seams"]


class Seams:
    """The cuts of one session that are over.

    Args:
        origins: from where on it has all of each stream.
        attachment: its connections.
        ending: finds out how it ends.
        receiver: receives what its connections carry.
        marks: gets a mark for each cut.

    Attributes:
        gaps: what was printed while it was not connected.
        doubtful: whether output may be missing that no one can name.
    """

    __slots__ = (
        "_attachment",
        "_ending",
        "_lost_input",
        "_marks",
        "_origins",
        "_receiver",
        "doubtful",
        "gaps",
    )

    def __init__(
        self,
        origins: Origins,
        attachment: Attachment,
        ending: Ending,
        receiver: Receiver,
        marks: Marks,
    ) -> None:
        self.gaps: tuple[Gap, ...] = ()
        self.doubtful = False
        self._origins = origins
        self._attachment = attachment
        self._ending = ending
        self._receiver = receiver
        self._marks = marks
        self._lost_input = False  # and a mark says so

    def put(self, cut: Cut, fill: Fill, *, ended: bool = False) -> None:
        """Mark a cut, and append what was missing.

        Args:
            cut: the cut.
            fill: what was missing.
            ended: whether the container has ended meanwhile.
        """
        now = time.time()
        gaps = []
        for stream, received in cut.received.items():
            part = fill.parts.get(stream, Part())
            offset = self._origins.offset(stream, received)
            missing = 0 if part.filled else part.lost
            gaps.append(Gap(stream, offset, cut.time, now, part.filled, missing, part.size))
            if part.anchor is not None or not part.filled:
                self._origins.go_on(stream, offset + part.size, part.anchor)
        self.gaps = (*self.gaps, *gaps)
        waits = any(part.waits for part in fill.parts.values())
        unknown = [gap.stream for gap in gaps if not gap.filled]
        counts = {gap.stream: gap.missing for gap in gaps if gap.missing}
        if waits or unknown:
            self.doubtful = True
            self._ending.doubt(marked=bool(unknown))
        text = cut_text(
            now - cut.time,
            awake=time.monotonic() - cut.at,
            ended=ended,
            unknown=unknown,
            missing=counts,
            waits=waits,
            typed=cut.typed,
            input_lost=self._attachment.lost_input and not self._lost_input and not ended,
        )
        self._lost_input = self._attachment.lost_input
        self._marks.add(MarkKind.GAP if unknown else MarkKind.CUT, text, now)
        if fill.outputs:
            self._receiver.receive_output(fill.outputs)
