"""Volumes and folders in a container: ``-v`` and ``--mount`` of the docker command line.

Layer: client. Any thread; no I/O here, except that a relative path is completed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.client.options.notation import parse_size
from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["VolumeBind", "Volumes", "parse_mount", "parse_volume", "volume_binds"]

Volumes = Mapping[str, str | Mapping[str, str]] | Iterable[str]
"""Either a mapping from a folder or volume to its place in the container (``{"/data": "/in"}``,
``{"name": "/in:ro"}``, ``{"/data": {"bind": "/in", "mode": "ro"}}``), or texts of ``-v``."""

_MODES: Final = re.compile(
    "ro|rw|z|Z|[r]?shared|[r]?slave|[r]?private|nocopy|copy|consistent|cached|delegated|U|O|"
    "exec|noexec|suid|nosuid|dev|nodev|idmap"
)
# A letter with a colon and a slash is a drive of Windows.
_VOLUME: Final = re.compile(
    r"(?:([A-Za-z]:[\\/][^:]*|[^:]+):)?([A-Za-z]:[\\/][^:]*|/[^:]*)(?::([A-Za-z,]+))?"
)
_VOLUME_HINT: Final = "Write SOURCE:TARGET[:ro], such as /data:/in:ro or name:/in."


@dataclass(frozen=True, slots=True)
class VolumeBind:
    """One ``-v``.

    Attributes:
        source: an absolute path of the engine's machine, or a volume's name; empty for a new volume
            without a name.
        target: the path in the container.
        modes: such as ``ro``, joined by commas; may be empty.
    """

    source: str
    target: str
    modes: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.source, self.target, self.modes) if part)


def parse_volume(text: str) -> VolumeBind:
    r"""Read one ``-v``.

    A path that begins with ``.`` or ``~`` is completed here, on this machine.

    Args:
        text: ``/in``, ``/data:/in``, ``name:/in``, ``./data:/in:ro,z`` or ``C:\data:/in``.

    Raises:
        HyperJupyterError: it is none of them.
    """
    found = _VOLUME.fullmatch(text.strip())
    modes = (found[3] or "").split(",") if found else []
    if found is None or not all(_MODES.fullmatch(mode) for mode in modes if mode):
        raise HyperJupyterError(f"volume: {text!r} is not a volume", hint=_VOLUME_HINT)
    source = found[1] or ""
    return VolumeBind(_complete(source), found[2], ",".join(filter(None, modes)))


def _complete(source: str) -> str:
    if re.match(r"\.{1,2}(?:$|[\\/])", source):
        return str(Path.cwd().joinpath(source).resolve())
    if source == "~" or source.startswith("~/"):
        return str(Path(source).expanduser())
    if source and not re.match(r"/|\\|[A-Za-z]:[\\/]", source) and re.search(r"[\\/]", source):
        raise HyperJupyterError(
            f"volume: {source!r} is neither an absolute path nor a name",
            hint=f"A folder below this one is ./{source}.",
        )
    return source


def volume_binds(volumes: Volumes) -> list[VolumeBind]:
    """Read volumes as users name them; see :data:`Volumes`.

    Raises:
        HyperJupyterError: one of them is invalid.
    """
    if isinstance(volumes, str):
        return [parse_volume(volumes)]
    if not isinstance(volumes, Mapping):
        return [parse_volume(each) for each in volumes]
    texts = []
    for source, place in volumes.items():
        if isinstance(place, Mapping):
            mode = place.get("mode")
            place_text = place.get("bind", "") + (f":{mode}" if mode else "")
        else:
            place_text = place
        texts.append(f"{source}:{place_text}")
    return [parse_volume(text) for text in texts]


_TYPES: Final = ("bind", "volume", "tmpfs", "image", "npipe", "cluster")
_TRUE: Final = {"1": True, "true": True, "0": False, "false": False}
_MOUNT_HINT: Final = (
    "Write type=bind,source=/data,target=/in,readonly, or type=volume or type=tmpfs."
)


def parse_mount(text: str | Mapping[str, Any]) -> dict[str, Any]:
    """Read one ``--mount``, and return the API's form of it.

    Args:
        text: fields with commas between them; a field with a comma is in quotes. A mapping that has
            the API's form already is returned as it is.

    Raises:
        HyperJupyterError: a field is not known, or does not fit the type.
    """
    if isinstance(text, Mapping):
        return dict(text)
    try:
        (fields,) = csv.reader([text.strip()], strict=True)
    except (csv.Error, ValueError) as error:
        raise _bad_mount(text, "is not a mount") from error
    mount: dict[str, Any] = {"Type": "volume"}
    for field in fields:
        name, equals, value = field.partition("=")
        _read_field(mount, name.strip().lower(), value if equals else None, text)
    kind = mount["Type"]
    if kind not in _TYPES:
        raise _bad_mount(text, f"has a type that does not exist: {kind}")
    if not mount.get("Target"):
        raise _bad_mount(text, "has no target")
    if kind in ("bind", "image") and not mount.get("Source"):
        raise _bad_mount(text, "has no source")
    if kind == "tmpfs" and mount.get("Source"):
        raise _bad_mount(text, "has a source, which a tmpfs cannot have")
    for other in ("bind", "volume", "tmpfs", "image"):
        if other != kind and f"{other.capitalize()}Options" in mount:
            raise _bad_mount(text, f"has an option of type={other}, but it is type={kind}")
    return mount


_FIELDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "type": ("", "Type", "word"),
    **dict.fromkeys(("source", "src"), ("", "Source", "path")),
    **dict.fromkeys(("target", "dst", "destination"), ("", "Target", "text")),
    **dict.fromkeys(("readonly", "ro"), ("", "ReadOnly", "flag")),
    "consistency": ("", "Consistency", "text"),
    "bind-propagation": ("Bind", "Propagation", "text"),
    "bind-nonrecursive": ("Bind", "NonRecursive", "flag"),
    "bind-create-src": ("Bind", "CreateMountpoint", "flag"),
    "volume-subpath": ("Volume", "Subpath", "text"),
    "volume-nocopy": ("Volume", "NoCopy", "flag"),
    "tmpfs-size": ("Tmpfs", "SizeBytes", "size"),
    "tmpfs-mode": ("Tmpfs", "Mode", "mode"),
    "image-subpath": ("Image", "Subpath", "text"),
}
"""Fields by name: the options that they belong to, their name there, and the kind of value."""


def _read_field(mount: dict[str, Any], name: str, value: str | None, text: str) -> None:
    group, key, kind = _FIELDS.get(name, (name.partition("-")[0].capitalize(), "", ""))
    if value is None and kind != "flag":
        raise _bad_mount(text, f"has the field {name!r} without a value")
    value = value or ""
    if kind:
        found = _convert(kind, name, value, text)
        (mount.setdefault(f"{group}Options", {}) if group else mount)[key] = found
        return
    left, _, right = value.partition("=")
    match name:
        case "bind-recursive":
            _read_recursive(mount.setdefault("BindOptions", {}), value, text)
        case "volume-label":
            mount.setdefault("VolumeOptions", {}).setdefault("Labels", {})[left] = right
        case "volume-driver" | "volume-opt":
            driver = mount.setdefault("VolumeOptions", {}).setdefault("DriverConfig", {})
            if name == "volume-driver":
                driver["Name"] = value
            else:
                driver.setdefault("Options", {})[left] = right
        case _:
            raise _bad_mount(text, f"has a field that does not exist: {name}")


def _convert(kind: str, name: str, value: str, text: str) -> Any:
    match kind:
        case "word":
            return value.lower()
        case "path":
            return _complete(value) if value.startswith((".", "~")) else value
        case "size":
            return parse_size(value, name)
        case "mode":
            if not re.fullmatch("0?o?[0-7]{1,4}", value):
                raise _bad_mount(text, f"has {name}={value}, which is no mode such as 1770")
            return int(value.replace("o", ""), 8)
        case "flag":
            if (value or "true").lower() not in _TRUE:
                raise _bad_mount(text, f"has {name}={value}, which is neither true nor false")
            return _TRUE[(value or "true").lower()]
    return value


def _read_recursive(options: dict[str, Any], value: str, text: str) -> None:
    """Read ``bind-recursive``: what becomes of mounts below the folder."""
    match value:
        case "enabled":
            pass
        case "disabled":
            options["NonRecursive"] = True
        case "writable":
            options["ReadOnlyNonRecursive"] = True
        case "readonly":
            options["ReadOnlyForceRecursive"] = True
        case _:
            raise _bad_mount(
                text, f"has bind-recursive={value}, not enabled, disabled, writable or readonly"
            )


def _bad_mount(text: str, what: str) -> HyperJupyterError:
    return HyperJupyterError(f"mount: {text!r} {what}", hint=_MOUNT_HINT)
