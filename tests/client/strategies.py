"""Texts that try to be addresses."""

from __future__ import annotations

from hypothesis import strategies as st

TEXT = st.text(max_size=60) | st.builds(
    "".join,
    st.lists(
        st.sampled_from(
            ["tcp", "ssh", "unix", "https", "npipe", "://", ":", "/", "//", "@", "[", "]", "::1",
             "box", "%", "%2f", "?", "#", "-o", " ", "\n", "\0", "é", "99999", "local:"]
        ),
        max_size=8,
    ),
)  # fmt: skip
