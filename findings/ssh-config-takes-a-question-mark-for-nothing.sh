#!/usr/bin/env bash
# ssh-config 5.3.0 (npm): "Host web?" applies to "web", a section with a negated criterion never applies, and one for a
# host name only if the line above it says HostName in exactly these letters.
#
# ssh_config(5): "?" is a wildcard "that matches exactly one character". The criteria of Match "may be negated" by an
# exclamation mark before them. The criterion host is compared with the name after a Hostname has been applied. Keywords
# are "case-insensitive"; the manual itself writes Hostname. compute() gives the options for a host "to match OpenSSH
# behavior"; tools that connect to a Docker engine by SSH read the user, port and jump host from it.
#
# * "?" also stands for no character at all, so options for web1 to web9 reach the host "web" as well.
# * "!host", "!user" and so on are taken for criteria that are not known, so the section is left out for each host.
# * Only "HostName" changes the name that later sections are compared with. "Hostname" and "hostname" do not, with the
#   option ignoreCase neither.
#
# paramiko 4.0.0 reads the same files as OpenSSH 9.2 does ("ssh -G").
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check paramiko==4.0.0
npm install --silent --no-audit --no-fund --no-save ssh-config@5.3.0 > /dev/null

cat > cases.json <<'JSON'
[["one more character", "Host web?\n  Port 2222\n", "web1"],
 ["no more character", "Host web?\n  Port 2222\n", "web"],
 ["another host than web", "Match originalhost web\n  Port 2222\n", "db"],
 ["not the host web", "Match !originalhost web\n  Port 2222\n", "db"],
 ["web but not web1", "Match originalhost web* !originalhost web1\n  Port 2222\n", "web2"],
 ["keyword HostName", "Host db\n  HostName db.example.com\nMatch host *.example.com\n  Port 2222\n", "db"],
 ["keyword Hostname", "Host db\n  Hostname db.example.com\nMatch host *.example.com\n  Port 2222\n", "db"],
 ["keyword hostname", "Host db\n  hostname db.example.com\nMatch host *.example.com\n  Port 2222\n", "db"]]
JSON
cat > ports.cjs <<'JS'
const { default: SSHConfig } = require("ssh-config");

for (const [name, text, host] of require("./cases.json")) {
  const { port } = SSHConfig.parse(text).compute(host, { ignoreCase: true });
  console.log(`${name}, ssh-config: ${port ?? "no port"}`);
}
JS
cat > ports.py <<'PY'
import json

import paramiko

for name, text, host in json.load(open("cases.json")):
    port = paramiko.SSHConfig.from_text(text).lookup(host).get("port", "no port")
    print(f"{name}, paramiko: {port}")
PY

seen=$( (node ports.cjs && venv/bin/python -W ignore ports.py) | LC_ALL=C sort -s -t, -k1,1)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
another host than web, ssh-config: no port
another host than web, paramiko: no port
keyword HostName, ssh-config: 2222
keyword HostName, paramiko: 2222
keyword Hostname, ssh-config: no port
keyword Hostname, paramiko: 2222
keyword hostname, ssh-config: no port
keyword hostname, paramiko: 2222
no more character, ssh-config: 2222
no more character, paramiko: no port
not the host web, ssh-config: no port
not the host web, paramiko: 2222
one more character, ssh-config: 2222
one more character, paramiko: 2222
web but not web1, ssh-config: no port
web but not web1, paramiko: 2222
TEXT
echo "as seen: patterns, negations and names of keywords are read in another way"
