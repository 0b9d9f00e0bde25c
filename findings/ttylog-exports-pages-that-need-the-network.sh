#!/usr/bin/env bash
# ttylog 0.1.0: "ttylog export" writes a page that loads its player from the internet, although the documentation says
# that the player is in it.
#
# The documentation says of the export: "self-contained HTML", "no server needed", and "No internet connection required
# — the player is embedded". One expects a file that plays anywhere: without a network, in ten years, as an attachment
# of a ticket, on a machine of a closed network.
#
# The page has the recording, and two tags that load asciinema-player 3.7.0 from a CDN: the style and the script. Where
# the CDN is not reached, the page is a title on a dark ground, and says nothing of what is missing. Who opens the page
# is known to the CDN.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check ttylog==0.1.0

cat > demo.cast <<'CAST'
{"version": 2, "width": 20, "height": 4}
[0.1, "o", "hello\r\n"]
CAST
venv/bin/ttylog export demo.cast demo.html > log

cat > loads.py <<'PY'
from html.parser import HTMLParser


class Loads(HTMLParser):
    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if (tag, name) in (("script", "src"), ("link", "href"), ("img", "src")) and "://" in value:
                print(f"<{tag}> loads {value}")


page = open("demo.html").read()
print("the recording is in it:", "hello" in page)
Loads().feed(page)
PY

seen=$(venv/bin/python loads.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
the recording is in it: True
<link> loads https://cdn.jsdelivr.net/npm/asciinema-player@3.7.0/dist/bundle/asciinema-player.min.css
<script> loads https://cdn.jsdelivr.net/npm/asciinema-player@3.7.0/dist/bundle/asciinema-player.min.js
TEXT
echo "as seen: the player is not in the page"
