#!/usr/bin/env bash
# docker-progress 5.4.19 (npm): pull() gives an empty string for the digest of the image, and a pull in step 10 of a
# build is not counted.
#
# The engine's answers to a pull and a push are JSON messages. A pull ends with the status "Digest: sha256:...", nothing
# after it; a push with "latest: digest: sha256:... size: 528", and a message with the digest as "aux". Both pull() and
# push() of the package promise a string, and look for a digest in both places.
#
# * Its pattern for the status wants a space or a "$" after the digest: the "$" stands in brackets, where it is no end.
#   So push() has the digest, and pull() has "".
# * The numbers of steps are compared as strings, each with the last one. "10" is less than "9", so a FROM in step 10 is
#   no pull, and the progress stays where it was.
#
# A stand-in for dockerode answers with messages of an engine.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save docker-progress@5.4.19 > /dev/null

cat > progress.cjs <<'JS'
const { Readable } = require("node:stream");
const { DockerProgress } = require("docker-progress");

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

async function run(method, messages) {
  const answer = async () => Readable.from(messages.map((message) => `${JSON.stringify(message)}\n`));
  const docker = { version: async () => ({}), pull: answer, buildImage: answer, getImage: () => ({ push: answer }) };
  const percentages = [];
  const progress = new DockerProgress({ docker });
  const result = await progress[method]("web:1", ({ percentage }) => percentages.push(percentage));
  return [result, percentages];
}

const layer = (total) => [
  { status: "Pulling fs layer", id: "one", progressDetail: {} },
  { status: "Downloading", id: "one", progressDetail: { current: total / 2, total } },
  { status: "Download complete", id: "one", progressDetail: {} },
  { status: "Extracting", id: "one", progressDetail: { current: total, total } },
  { status: "Pull complete", id: "one", progressDetail: {} },
];

function build(first) {
  const step = (number, text) => ({ stream: `Step ${number}/12 : ${text}` });
  return [step(1, "FROM node"), step(first - 1, "RUN make"), step(first, "FROM nginx"), ...layer(8e6)];
}

(async () => {
  const status = `Digest: ${digest}`;
  const pulled = [...layer(8e6), { status }, { status: "Status: Downloaded newer image for web:1" }];
  console.log(`pull: ${JSON.stringify((await run("pull", pulled))[0])}`);
  const pushed = [{ status: "Pushed", id: "one" }, { status: `latest: digest: ${digest} size: 528` }];
  console.log(`push: ${JSON.stringify((await run("push", pushed))[0])}`);
  for (const first of [8, 9, 10, 11])
    console.log(`build, second FROM in step ${first}: ${(await run("build", build(first)))[1].slice(2).join(" ")} %`);
})();
JS

seen=$(node progress.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
pull: ""
push: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
build, second FROM in step 8: 58 58 58 58 66 66 %
build, second FROM in step 9: 66 66 66 66 75 75 %
build, second FROM in step 10: 75 75 75 75 75 75 %
build, second FROM in step 11: 83 83 83 83 91 91 %
TEXT
echo "as seen: a pull has no digest"
