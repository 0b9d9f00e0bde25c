#!/usr/bin/env bash
# docker-tartare 0.2.0 (PyPI): "extract --dir" gives the oldest version of each file and files that were deleted, and
# "list" names files that are not there.
#
# The package lists and extracts files of an image archive of docker save, without Docker. Its list is to show what is
# "visible in the final merged image", and both commands look at the layers from the top down. In the image
# specification a layer's file replaces the one of the layers below, and .wh.NAME hides NAME with all that is in it.
#
# * "extract --dir" writes each version over the one before, so the lowest layer is the last to write. "extract" of the
#   one file has the newest version.
# * Of a deleted folder only the entry itself is left out, not its files.
# * Names lose the dots that they begin with. /.profile is listed as /profile, and its marker as a file.
# * A hard link is looked for in the folder that the command runs in. It is left out, and the exit status is 0.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker-tartare==0.2.0

mkdir -p old/app/lib new/app
echo "old" > old/app/main.py
echo "gone" > old/app/lib/a.py
ln old/app/main.py old/app/main2.py
echo "gone" > old/.profile
echo "kept" > old/.vimrc
echo "new" > new/app/main.py
touch new/app/.wh.lib new/.wh..profile
mkdir -p image/1 image/2
tar cf image/1/layer.tar --sort=name -C old app .profile .vimrc
tar cf image/2/layer.tar --sort=name -C new app .wh..profile
echo '[{"Config":"config.json","RepoTags":["app:1"],"Layers":["1/layer.tar","2/layer.tar"]}]' > image/manifest.json
echo '{}' > image/config.json
tar cf image.tar -C image manifest.json config.json 1 2

show() {
  venv/bin/docker-tartare list image.tar | sed "s/^/list: /"
  venv/bin/docker-tartare extract image.tar /app/main.py one
  echo "extract /app/main.py: $(cat one)"
  venv/bin/docker-tartare extract image.tar /app/main2.py main2
  echo "extract /app/main2.py: status $?, $(ls main2 2> log || echo no file)"
  venv/bin/docker-tartare extract image.tar /.vimrc vimrc 2> log || echo "extract /.vimrc: $(tail -n 1 log)"
  venv/bin/docker-tartare extract --dir image.tar /app all
  (cd all && find . -type f | sort | while read -r name; do echo "extract --dir /app: $name $(cat "$name")"; done)
}
seen=$(show)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
list: /app/
list: /app/lib/a.py
list: /app/main.py
list: /app/main2.py
list: /profile
list: /vimrc
list: /wh..profile
extract /app/main.py: new
extract /app/main2.py: status 0, no file
extract /.vimrc: FileNotFoundError: Not found in any layer
extract --dir /app: ./lib/a.py gone
extract --dir /app: ./main.py old
TEXT
echo "as seen: the oldest versions, and files that were deleted"
