#!/usr/bin/env bash
# docker-image-diff 0.1.0 (PyPI): a merged image archive has two manifest.json, the old one first, keeps files that the
# new image does not have, and the old targets of links.
#
# The package makes an archive of what is new in an image archive of docker save, and merge is to "reconstruct the
# updated image". In an archive of docker save manifest.json lists the layers, and a layer that is there already may be
# a symbolic link to it.
#
# * merge writes all members of the old archive, and those of the diff after them, also where they have one name. A
#   reader that stops at the first manifest.json has the old image.
# * Two links are compared by what they refer to. If that is the same, a changed link is not in the diff.
# * The diff does not say what has been removed.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker-image-diff==0.1.0

mkdir -p old/a old/b old/c new/a new/b new/d
echo '[{"RepoTags":["app:1"],"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}]' > old/manifest.json
echo '[{"RepoTags":["app:2"],"Layers":["a/layer.tar","b/layer.tar","d/layer.tar"]}]' > new/manifest.json
for layer in old/a old/c new/a new/d; do echo "the same content" > "$layer/layer.tar"; done
ln -s ../a/layer.tar old/b/layer.tar
ln -s ../d/layer.tar new/b/layer.tar
tar cf old.tar --sort=name -C old a b c manifest.json
tar cf new.tar --sort=name -C new a b d manifest.json

venv/bin/dockerdiff diff --base old.tar --new new.tar --output diff.tar > log
venv/bin/dockerdiff merge --base old.tar --diff diff.tar --output merged.tar > log

show() {
  for name in new merged; do
    tar tvf "$name.tar" | awk -v name="$name" '/layer.tar|manifest/ { $1 = $2 = $3 = $4 = $5 = ""; print name ":" $0 }'
  done | tr -s " "
  echo "new, manifest.json: $(tar xOf new.tar manifest.json)"
  echo "merged, the first one: $(tar xOf merged.tar --occurrence=1 manifest.json)"
}
seen=$(show)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
new: a/layer.tar
new: b/layer.tar -> ../d/layer.tar
new: d/layer.tar
new: manifest.json
merged: a/layer.tar
merged: b/layer.tar -> ../a/layer.tar
merged: c/layer.tar
merged: manifest.json
merged: d/layer.tar
merged: manifest.json
new, manifest.json: [{"RepoTags":["app:2"],"Layers":["a/layer.tar","b/layer.tar","d/layer.tar"]}]
merged, the first one: [{"RepoTags":["app:1"],"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}]
TEXT
echo "as seen: the merged image is not the new one"
