#!/usr/bin/env bash
# regmirror 1.2.1 (PyPI): images of all registries without a port are mirrored as images of Docker Hub, and of two
# images whose names differ in "/" and "_" one is overwritten.
#
# The package mirrors images to a registry with "predictable, collision-free names". Its documentation has
# gcr.io/project/app:v1 become my.registry.tld/gcrio/project/app:v1, and nginx:1.25 an image library/nginx. In the
# reference grammar (distribution) the first component is a registry if it has a dot or a port, or is "localhost".
#
# * The pattern for the registry takes one character after a dot, so "gcr.io" does not fit, and docker.io is assumed.
# * Official images stay without "library", so nginx and library/nginx are two.
# * Files are named by replacing "/" with "_". The second image of a name replaces the first one, without a complaint.
#
# A stub takes the place of skopeo, and writes the name of the image into the file. docker-image-py 0.2.0, a port of the
# reference grammar, reads the same names.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check regmirror==1.2.1 docker-image-py==0.2.0

mkdir bin
cat > bin/skopeo <<'STUB'
#!/bin/sh
# skopeo inspect --raw docker://IMAGE, and skopeo copy docker://IMAGE oci-archive:FILE
for last; do :; done
for argument; do
  case "$argument" in docker://*) image=${argument#docker://} ;; esac
done
case "$1" in
  inspect) echo "{\"image\": \"$image\"}" ;;
  copy) echo "$image" > "${last#oci-archive:}" ;;
esac
STUB
chmod +x bin/skopeo
export PATH="$PWD/bin:$PATH"

cat > images.txt <<'TEXT'
nginx:1.25
docker.io/library/redis:7
gcr.io/project/app:v1
registry.example.com:5000/app:1
example/app_one:1
example_app/one:1
TEXT

cat > show.py <<'PY'
import json
import pathlib
import subprocess

from docker_image.reference import Reference

subprocess.run(["venv/bin/regmirror", "download", "-f", "images.txt"], check=True, capture_output=True)
manifest = json.loads(pathlib.Path("tarballs/manifest.json").read_text())
by_image = {entry["original"]: (name, entry) for name, entry in manifest.items()}
for image in pathlib.Path("images.txt").read_text().split():
    registry, path = Reference.parse_normalized_named(image).split_hostname()
    name, entry = by_image.get(image, (None, None))
    found = f"{entry['registry']} {entry['image']}" if entry else "not in the manifest"
    print(f"{image}: {registry} {path}, regmirror: {found}")
for name in sorted(manifest):
    print(f"{name}: {pathlib.Path('tarballs', name).read_text().strip()}")
PY

seen=$(venv/bin/python show.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
nginx:1.25: docker.io library/nginx, regmirror: docker.io nginx
docker.io/library/redis:7: docker.io library/redis, regmirror: docker.io docker.io/library/redis
gcr.io/project/app:v1: gcr.io project/app, regmirror: docker.io gcr.io/project/app
registry.example.com:5000/app:1: registry.example.com:5000 app, regmirror: registry.example.com:5000 app
example/app_one:1: docker.io example/app_one, regmirror: not in the manifest
example_app/one:1: docker.io example_app/one, regmirror: docker.io example_app/one
docker.io_library_redis-7.tar: docker.io/library/redis:7
example_app_one-1.tar: example_app/one:1
gcr.io_project_app-v1.tar: gcr.io/project/app:v1
nginx-1.25.tar: nginx:1.25
registry.example.com-5000_app-1.tar: registry.example.com:5000/app:1
TEXT
echo "as seen: images have other names, and one is missing"
