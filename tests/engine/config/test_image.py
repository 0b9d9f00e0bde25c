"""Which references mean the one image."""

from __future__ import annotations

import pytest

from hyper_jupyter.engine.config.image import IMAGE_ID, check_image, familiar_name
from hyper_jupyter.exceptions import ApiError, NotFound

_DIGITS = IMAGE_ID.removeprefix("sha256:")


@pytest.mark.parametrize(
    "reference",
    [
        "host", "host:latest", "library/host", "docker.io/host:latest",
        "docker.io/library/host:latest", "index.docker.io/library/host", IMAGE_ID, _DIGITS,
        _DIGITS[:12],
    ],
)  # fmt: skip
def test_the_one_image_has_names_and_an_id(reference: str) -> None:
    check_image(reference)


@pytest.mark.parametrize(
    "reference",
    ["busybox", "host:1", "docker.io/library/host:1", "localhost:5000/host", "other/host",
     _DIGITS[:11], "sha256:", "Host", "hosts"],
)  # fmt: skip
def test_other_images_are_unknown(reference: str) -> None:
    with pytest.raises(NotFound, match=f"No such image: {reference}"):
        check_image(reference)


def test_no_image_is_an_error() -> None:
    with pytest.raises(ApiError) as refused:
        check_image("")
    assert refused.value.status == 400


def test_a_name_gets_the_usual_tag_and_loses_the_usual_registry() -> None:
    assert familiar_name("docker.io/library/busybox") == "busybox:latest"
    assert familiar_name("quay.io/a/b:1") == "quay.io/a/b:1"
