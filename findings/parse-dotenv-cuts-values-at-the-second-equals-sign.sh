#!/usr/bin/env bash
# parse-dotenv 2.1.0 (npm): a value ends at its first "=", and quotes are a part of it.
#
# The package is a ".env to javascript object parser". Such a file is read by a shell or in its manner: NAME is what
# stands before the first "=", all that follows is the value, without the quotes around it. Addresses with a query,
# connection strings, keys in base64 and options have "=" in them.
#
# * A line is split at each "=", and its second part is the value. A password or a key is a shorter one, without an
#   error.
# * Quotes, comments after a value and "export" are not known. A quoted value of two lines ends with the first.
#
# dotenv 17.2.3 and bash say what is meant.
#
# Seen with Node 20.20 and Bash 5.2. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save parse-dotenv@2.1.0 dotenv@17.2.3 > /dev/null

cat > .env <<'TEXT'
PORT=5432
DATABASE=postgres://db/app?sslmode=require
SECRET=c2VjcmV0IGtleQ==
OPTIONS=--level=debug
TITLE="two words"
LEVEL=info # for all
export TOKEN=abc
TEXT
cat > read.cjs <<'JS'
const { readFileSync } = require("node:fs");
const { parse } = require("dotenv");
const parseDotenv = require("parse-dotenv");

const meant = parse(readFileSync(".env"));
const read = (parseDotenv.default ?? parseDotenv)(".env");
for (const name of new Set([...Object.keys(meant), ...Object.keys(read)])) {
  const shown = [meant[name], process.env[name], read[name]].map((value) => value ?? "(nothing)");
  console.log(`${name}: dotenv ${shown[0]}, bash ${shown[1]}, parse-dotenv ${shown[2]}`);
}
JS

seen=$(set -a; . ./.env; node read.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
PORT: dotenv 5432, bash 5432, parse-dotenv 5432
DATABASE: dotenv postgres://db/app?sslmode=require, bash postgres://db/app?sslmode=require, parse-dotenv postgres://db/app?sslmode
SECRET: dotenv c2VjcmV0IGtleQ==, bash c2VjcmV0IGtleQ==, parse-dotenv c2VjcmV0IGtleQ
OPTIONS: dotenv --level=debug, bash --level=debug, parse-dotenv --level
TITLE: dotenv two words, bash two words, parse-dotenv "two words"
LEVEL: dotenv info, bash info, parse-dotenv info # for all
TOKEN: dotenv abc, bash abc, parse-dotenv (nothing)
export TOKEN: dotenv (nothing), bash (nothing), parse-dotenv abc
TEXT
echo "as seen: values are cut"
