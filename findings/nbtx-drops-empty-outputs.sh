#!/usr/bin/env bash
# nbtx 0.4.0 (npm): outputs that are minified and restored lose each value that is empty, 0, false or null, an empty
# stream output raises an error, and the lines of a traceback are one.
#
# The package takes large outputs out of a notebook, and has "a function to restore notebook outputs to their original
# state". The notebook format allows any JSON value for application/json, text may be empty, and the traceback of an
# error is a list of strings.
#
# * Small values stay in the notebook, and on the way back those that JavaScript takes for false are left out: an empty
#   text, and JSON that is 0, false or null. What is left may be an empty bundle, or another representation than the
#   page has shown before.
# * A stream output with an empty text raises "Bad Field name".
# * A traceback of two entries has one entry afterwards.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save nbtx@0.4.0 > /dev/null

cat > restore.mjs <<'JS'
import { createHash } from "node:crypto";
import { convertToIOutputs, minifyCellOutput } from "nbtx";

const computeHash = (content) => createHash("md5").update(content).digest("hex");
const bundle = (data) => ({ output_type: "display_data", data, metadata: {} });

for (const output of [
  bundle({ "application/json": [0] }),
  bundle({ "application/json": 0 }),
  bundle({ "application/json": false }),
  bundle({ "application/json": null }),
  bundle({ "text/html": "", "text/plain": "<Empty>" }),
  { output_type: "error", ename: "E", evalue: "", traceback: ["one", "two"] },
  { output_type: "stream", name: "stdout", text: "" },
]) {
  const { output_type, ...before } = output;
  let after;
  try {
    const cache = {};
    const [restored] = convertToIOutputs(await minifyCellOutput([output], cache, { computeHash }), cache);
    after = JSON.stringify(restored.data ?? restored.traceback);
  } catch (error) {
    after = error.message;
  }
  console.log(`${output_type} ${JSON.stringify(before.data ?? before.traceback ?? before.text)}: ${after}`);
}
JS

seen=$(node restore.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
display_data {"application/json":[0]}: {"application/json":[0]}
display_data {"application/json":0}: {}
display_data {"application/json":false}: {}
display_data {"application/json":null}: {}
display_data {"text/html":"","text/plain":"<Empty>"}: {"text/plain":"<Empty>"}
error ["one","two"]: ["one\ntwo"]
stream "": Bad Field name text for output type stream
TEXT
echo "as seen: the values are gone"
