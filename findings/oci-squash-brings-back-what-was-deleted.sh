#!/usr/bin/env bash
# oci-squash 0.1.0 (PyPI): a squashed image has files again that later layers have deleted, loses a symbolic link, and
# may have more layers in its history than in its file system.
#
# The package makes one layer of the last layers of an image archive, and says "Whiteout Handling: Properly reinjects
# marker files" and "computes correct diff_ids". Squashing must not change what a container sees. In the image
# specification a file .wh.NAME in a layer hides NAME of the layers below it, whatever else the layer has; each entry of
# the history without empty_layer stands for one of rootfs.diff_ids.
#
# * A file that was replaced by a link, and then removed, comes back: files below a link are set aside, and added in the
#   end without a look at what is hidden.
# * A folder that was removed and made anew has the old files again: its marker is left out because the new folder has
#   the same name.
# * A link is left out if its target was removed in a later layer, also if the target was made anew there.
# * Layers without files become one entry of the history that stands for a layer, but no layer is written.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check oci-squash==0.1.0

cat > squash.py <<'PY'
import hashlib
import io
import json
import subprocess
import tarfile


def layer(*entries):
    """Return a layer of (name, content): None is a folder, ("->", target) a symbolic link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, content = tarfile.DIRTYPE, ""
            elif isinstance(content, tuple):
                info.type, info.linkname, content = tarfile.SYMTYPE, content[1], ""
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


def save(path, layers):
    """Write an archive like docker save. A layer that is None changes no file."""
    files, names, diff_ids, history = {}, [], [], []
    for number, data in enumerate(layers):
        history.append({"created_by": str(number)})
        if data is None:
            history[-1]["empty_layer"] = True
            continue
        digest = hashlib.sha256(data).hexdigest()
        names.append(f"{digest}/layer.tar")
        diff_ids.append(f"sha256:{digest}")
        files[names[-1]] = data
    config = {"rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history}
    files["config.json"] = json.dumps(config).encode()
    files["manifest.json"] = json.dumps([{"Config": "config.json", "Layers": names}]).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def load(path):
    """Apply the layers one after the other. Return the files, and how many layers are listed."""
    tree = {}
    with tarfile.open(path) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))[0]
        config = json.load(archive.extractfile(manifest["Config"]))
        for name in manifest["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(name)) as tar:
                members = tar.getmembers()
                for member in members:
                    parent, _, base = member.name.rpartition("/")
                    if base.startswith(".wh."):
                        gone = f"{parent}/{base[4:]}/".lstrip("/")
                        tree = {path: tree[path] for path in tree if not f"{path}/".startswith(gone)}
                for member in members:
                    if ".wh." in member.name:
                        continue
                    if member.isreg():
                        tree[member.name] = tar.extractfile(member).read().decode()
                    else:
                        tree[member.name] = f"-> {member.linkname}" if member.issym() else "folder"
    filled = sum(not entry.get("empty_layer") for entry in config["history"])
    return dict(sorted(tree.items())), f"{filled}:{len(config['rootfs']['diff_ids'])}"


IMAGES = {
    "file, link, nothing": (
        3,
        layer(("app.conf", "first")),
        layer(("app.conf", ("->", "/other.conf"))),
        layer((".wh.app.conf", "")),
    ),
    "folder made anew": (
        2,
        layer(("app", None), ("app/old", "1")),
        layer((".wh.app", "")),
        layer(("app", None), ("app/new", "2")),
    ),
    "target made anew": (
        3,
        layer(("current", ("->", "/release")), ("release", None), ("release/a", "1")),
        layer((".wh.release", "")),
        layer(("release", None), ("release/b", "2")),
    ),
    "settings": (2, layer(("a", "1")), None, None),
}
for name, (count, *layers) in IMAGES.items():
    save("image.tar", layers)
    command = ["venv/bin/oci-squash", "-f", str(count), "-o", "squashed.tar", "image.tar"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    for kind in ("image", "squashed"):
        tree, layers_listed = load(f"{kind}.tar")
        print(f"{name}, {kind}: {tree}, layers {layers_listed}")
PY

seen=$(venv/bin/python squash.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
file, link, nothing, image: {}, layers 3:3
file, link, nothing, squashed: {'app.conf': 'first'}, layers 1:1
folder made anew, image: {'app': 'folder', 'app/new': '2'}, layers 3:3
folder made anew, squashed: {'app': 'folder', 'app/new': '2', 'app/old': '1'}, layers 2:2
target made anew, image: {'current': '-> /release', 'release': 'folder', 'release/b': '2'}, layers 3:3
target made anew, squashed: {'release': 'folder', 'release/b': '2'}, layers 1:1
settings, image: {'a': '1'}, layers 1:1
settings, squashed: {'a': '1'}, layers 2:1
TEXT
echo "as seen: squashing changes what a container sees"
