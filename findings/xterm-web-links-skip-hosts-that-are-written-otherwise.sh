#!/usr/bin/env bash
# @xterm/addon-web-links 0.12.0 with @xterm/headless 6.0.0: a valid URL is no link if the URL parser writes its host in
# another way: international names, short or long forms of an IP address, a port with leading zeros.
#
# The WHATWG URL standard parses all of these, and browsers open them from a page or the address bar. Its parser
# writes an international name in its ASCII form (xn--...), 127.1 as 127.0.0.1, and [0:0:0:0:0:0:0:1] as [::1].
#
# The addon parses a candidate, and takes it for a link only if the text starts with the scheme, user and host that
# the parser gives back. So the form on the screen has to be the parser's own; letter case and a default port are all
# that may differ. Other characters than ASCII do no harm in the path.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @xterm/headless@6.0.0 @xterm/addon-web-links@0.12.0 > /dev/null

cat > links.cjs <<'JS'
const { Terminal } = require("@xterm/headless");
const { WebLinksAddon } = require("@xterm/addon-web-links");

// The headless terminal has no links: ask the addon's provider, as a terminal on a page does for a row.
async function links(text) {
  const terminal = new Terminal({ cols: 80, rows: 2, allowProposedApi: true });
  await new Promise((done) => terminal.write(text, done));
  let provider;
  const registerLinkProvider = (given) => {
    provider = given;
    return { dispose() {} };
  };
  const page = { registerLinkProvider };
  new WebLinksAddon().activate(new Proxy(terminal, { get: (target, key) => page[key] ?? Reflect.get(target, key) }));
  return new Promise((done) => provider.provideLinks(1, (found) => done((found ?? []).map((link) => link.text))));
}

(async () => {
  for (const text of [
    "https://example.org/größe",
    "https://bücher.example/",
    "https://xn--bcher-kva.example/",
    "http://127.0.0.1:8888/lab",
    "http://127.1:8888/lab",
    "http://[::1]:8888/lab",
    "http://[0:0:0:0:0:0:0:1]:8888/lab",
    "https://EXAMPLE.org:443/",
    "https://example.org:08443/",
  ]) {
    console.log(`${text}: ${(await links(text)).length} link, the parser's host ${new URL(text).host}`);
  }
})();
JS

seen=$(node links.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
https://example.org/größe: 1 link, the parser's host example.org
https://bücher.example/: 0 link, the parser's host xn--bcher-kva.example
https://xn--bcher-kva.example/: 1 link, the parser's host xn--bcher-kva.example
http://127.0.0.1:8888/lab: 1 link, the parser's host 127.0.0.1:8888
http://127.1:8888/lab: 0 link, the parser's host 127.0.0.1:8888
http://[::1]:8888/lab: 1 link, the parser's host [::1]:8888
http://[0:0:0:0:0:0:0:1]:8888/lab: 0 link, the parser's host [::1]:8888
https://EXAMPLE.org:443/: 1 link, the parser's host example.org
https://example.org:08443/: 0 link, the parser's host example.org:8443
TEXT
echo "as seen: a link must have its host in the parser's own form"
