#!/usr/bin/env bash
# error-stack-parser 3.0.0 and error-stack-parser-es 2.0.1 (npm): parentheses in a path are removed, so that the frames
# of an error name files that do not exist.
#
# A frame of V8's stack trace is "at function (location)", or "at location" without a function (V8's Stack trace API).
# The parentheses around the location are the frame's, those in it the path's. A path may have them: Next.js makes a
# route group of a folder "(shop)" and an intercepted route of "(.)photo", and a second download is "report (1)".
#
# Both packages take the parentheses around the location away with all others in it: /srv/(shop)/page.js becomes
# /srv/shop/page.js. No source and no source map is found there, and errors of the groups (a) and (b) in one project
# look like those of folders a and b. A location without a function loses them too.
#
# stacktrace-parser 0.1.11 gives the path as it is.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save error-stack-parser@3.0.0 error-stack-parser-es@2.0.1 \
  stacktrace-parser@0.1.11 > /dev/null

mkdir -p "app/(shop)/(.)cart"
cat > "app/(shop)/(.)cart/page.cjs" <<'JS'
exports.fail = function fail() {
  throw new Error("no cart");
};
JS
cat > parse.mjs <<'JS'
import { createRequire } from "node:module";
import errorStackParser from "error-stack-parser";
import * as es from "error-stack-parser-es";
import * as stacktraceParser from "stacktrace-parser";

const require = createRequire(import.meta.url);
try {
  require("./app/(shop)/(.)cart/page.cjs").fail();
} catch (error) {
  const here = process.cwd();
  const show = (name, file) => console.log(`${name}: ${file.replace(here, "")}`);
  show("stack", error.stack.split("\n")[1].trim());
  show("error-stack-parser", errorStackParser.default.parse(error)[0].fileName);
  show("error-stack-parser-es", es.parse(error)[0].fileName);
  show("stacktrace-parser", stacktraceParser.parse(error.stack)[0].file);
}
JS

seen=$(node parse.mjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
stack: at Object.fail (/app/(shop)/(.)cart/page.cjs:2:9)
error-stack-parser: /app/shop/.cart/page.cjs
error-stack-parser-es: /app/shop/.cart/page.cjs
stacktrace-parser: /app/(shop)/(.)cart/page.cjs
TEXT
echo "as seen: parentheses of paths are lost"
