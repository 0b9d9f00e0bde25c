#!/usr/bin/env bash
# docker-parse-image 3.0.1 (npm): an image that is given by its digest comes back as a name that is no reference, and an
# image of another registry as another image.
#
# An image reference (the grammar is in distribution/reference) is [domain/]path[:tag][@digest]; the path may have any
# number of parts. A first part is the domain if it has a dot or a colon, or is "localhost". "library/" is put before
# a path of one part only if the domain is Docker Hub. The package gives the parts of a reference, and two names that it
# puts together from them: name and fullname.
#
# * "@" before a digest becomes ":", since the digest is the tag: "busybox:sha256:…" is no reference. With a tag and a
#   digest, both are the tag. What was pinned can neither be pulled nor compared.
# * fullname has "library/" in any registry: localhost:5000/web becomes localhost:5000/library/web, another image.
# * "localhost" without a port is a namespace on Docker Hub. A path of three parts behind a domain gives null.
#
# parse-docker-image-name 3.0.0, Docker's own code compiled to JavaScript, gives the parts as the grammar has them.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save docker-parse-image@3.0.1 parse-docker-image-name@3.0.0 > /dev/null

cat > images.cjs <<'JS'
const parse = require("docker-parse-image");
const parseByGrammar = require("parse-docker-image-name");

const digest = `sha256:${"4f".repeat(32)}`;
const short = (text) => text.replaceAll(digest, "sha256:4f…");
for (const image of [
  "busybox:1.37",
  `busybox@${digest}`,
  `registry.example/team/web:2@${digest}`,
  "localhost:5000/web:2",
  "localhost/web:2",
  "registry.example/team/part/web:2",
]) {
  const parts = parse(image);
  console.log(short(image));
  console.log(short(`  fullname ${parts?.fullname}, registry ${parts?.registry}, tag ${parts?.tag}`));
  console.log(short(`  by the grammar ${JSON.stringify(parseByGrammar(image))}`));
}
JS

seen=$(node images.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
busybox:1.37
  fullname library/busybox:1.37, registry null, tag 1.37
  by the grammar {"path":"busybox","tag":"1.37"}
busybox@sha256:4f…
  fullname library/busybox:sha256:4f…, registry null, tag sha256:4f…
  by the grammar {"path":"busybox","digest":"sha256:4f…"}
registry.example/team/web:2@sha256:4f…
  fullname registry.example/team/web:2@sha256:4f…, registry registry.example, tag 2@sha256:4f…
  by the grammar {"domain":"registry.example","path":"team/web","tag":"2","digest":"sha256:4f…"}
localhost:5000/web:2
  fullname localhost:5000/library/web:2, registry localhost:5000, tag 2
  by the grammar {"domain":"localhost:5000","path":"web","tag":"2"}
localhost/web:2
  fullname localhost/web:2, registry null, tag 2
  by the grammar {"domain":"localhost","path":"web","tag":"2"}
registry.example/team/part/web:2
  fullname undefined, registry undefined, tag undefined
  by the grammar {"domain":"registry.example","path":"team/part/web","tag":"2"}
TEXT
echo "as seen: digests become tags, and images change their names"
