"""The only image: ``host``, this machine used as this user.

Layer: engine. No I/O here.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.exceptions import ApiError, NotFound

__all__ = ["DEFAULT_COMMAND", "IMAGE", "IMAGE_ID", "check_image", "familiar_name", "is_host"]

IMAGE: Final = "host"

IMAGE_ID: Final = "sha256:" + "686f7374".rjust(64, "0")
"""A constant; clients split it at the colon, and ask for the image by it."""

DEFAULT_COMMAND: Final = ("sh",)
"""The program to run if neither command nor entrypoint is given."""

_REGISTRIES: Final = ("docker.io/library/", "index.docker.io/library/", "docker.io/", "library/")
_SHORTEST_ID: Final = 12


def familiar_name(reference: str) -> str:
    """Return a reference as ``NAME:TAG``, without the registry that Docker takes by default."""
    for registry in _REGISTRIES:
        if reference.startswith(registry):
            reference = reference.removeprefix(registry)
            break
    return reference if ":" in reference else f"{reference}:latest"


def is_host(reference: str) -> bool:
    """Whether a reference means the image: by name, with or without tag and registry, or by id."""
    if familiar_name(reference) == f"{IMAGE}:latest":
        return True
    digits = reference.removeprefix("sha256:")
    return len(digits) >= _SHORTEST_ID and IMAGE_ID.removeprefix("sha256:").startswith(digits)


def check_image(reference: str) -> None:
    """Accept references of the image.

    Raises:
        ApiError: 400 if no image is named.
        NotFound: it is another image.
    """
    if not reference:
        raise ApiError(400, "no image specified; the only one is host")
    if not is_host(reference):
        raise NotFound(
            404,
            f"No such image: {reference[:300]} (this engine runs commands of this machine: "
            f'its only image is "{IMAGE}")',
        )
