#!/usr/bin/env bash
# winston-logfmt 1.0.0 (npm): fields that are a date, an error, an empty text or null are left out of the line; and
# pino-logfmt 1.1.4 (npm) makes two lines of a message with a line end.
#
# logfmt is one line for one entry, with key=value pairs; a value with a space, a quote, an equals sign or a line end is
# written in quotes, and a line end as \n (go-logfmt's encoder). One expects the fields of an entry to be in the line,
# as those of winston's own format.json() are, and the line to be one.
#
# * winston-logfmt makes a key of each property of an object, such as o_p of { o: { p: 1 } }. A date has no properties
#   of that kind, and an error neither: nothing is written, not even the name of the field. "" and null are left out
#   too; 0 and false are written. format.json() has all of them, the error without its text.
# * A value with an equals sign has no quotes.
# * pino-logfmt quotes a value for a space, a quote, an equals sign or a backslash, but not for a line end. The second
#   line of "one\ntwo" is an entry of its own, without a level or a time, for what reads the log.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save winston-logfmt@1.0.0 winston@3.18.3 pino-logfmt@1.1.4 > /dev/null

cat > write.js <<'JS'
const { createLogger, format, transports } = require("winston");
const { logFmtFormat } = require("winston-logfmt");

const formats = { "winston-logfmt": logFmtFormat(), "format.json": format.json() };
for (const [name, each] of Object.entries(formats)) {
  const print = format.printf((info) => `${name}: ${info[Symbol.for("message")].trim()}`);
  const logger = createLogger({ format: format.combine(each, print), transports: [new transports.Console()] });
  logger.info("object", { o: { p: 1 } });
  logger.info("date", { started: new Date(0) });
  logger.info("error", { error: new RangeError("too long") });
  logger.info("empty", { name: "", parent: null, count: 0 });
  logger.info("equals", { query: "a=b" });
}
JS
cat > entries.jsonl <<'JSONL'
{"level":30,"msg":"one two"}
{"level":30,"msg":"one\ntwo"}
JSONL

seen=$(node write.js && npx --no-install pino-logfmt < entries.jsonl | sed 's/^/pino-logfmt: /')
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
winston-logfmt: o_p=1 level=info message=object
winston-logfmt: level=info message=date
winston-logfmt: level=info message=error
winston-logfmt: count=0 level=info message=empty
winston-logfmt: query=a=b level=info message=equals
format.json: {"level":"info","message":"object","o":{"p":1}}
format.json: {"level":"info","message":"date","started":"1970-01-01T00:00:00.000Z"}
format.json: {"error":{},"level":"info","message":"error"}
format.json: {"count":0,"level":"info","message":"empty","name":"","parent":null}
format.json: {"level":"info","message":"equals","query":"a=b"}
pino-logfmt: level=30 msg="one two"
pino-logfmt: level=30 msg=one
pino-logfmt: two
TEXT
echo "as seen: fields are missing, and an entry has two lines"
