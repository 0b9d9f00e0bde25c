#!/usr/bin/env bash
# sshconf 0.2.7 (PyPI): remove() deletes other hosts as well if a host has two sections, and the Match section behind a
# host. set() with a list writes it in the opposite order.
#
# ssh_config(5): the file has sections that begin with Host or Match, and of each option the first value that applies is
# taken. So a host may have several sections, some behind those of other hosts. IdentityFile may be given more than
# once: "all these identities will be tried in sequence". The package is for "reading and modifying your ssh/config file
# in a non-intrusive way", so that the file looks "more or less the same after modifications".
#
# * remove() deletes all lines from the host's first one to its last one. What is between belongs to other hosts, and
#   hosts() still has their names.
# * Match is taken for an option of the host above it: host() gives its options as the host's, and remove() deletes
#   them.
# * set() takes the values from the end of the list, and empties the list of the caller.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check sshconf==0.2.7

cat > change.py <<'PY'
from sshconf import SshConfigFile

TWICE = ["Host web", "  User alice", "Host db", "  Port 2222", "Host web", "  Port 22"]
MATCH = ["Host web", "  User alice", "Match exec \"on-vpn\"", "  ProxyJump none"]
KEYS = ["Host web", "  IdentityFile ~/.ssh/old", "  IdentityFile ~/.ssh/older"]


def show(name, config):
    print(f"{name}: {' | '.join(config.config().split(chr(10)))}")


config = SshConfigFile(TWICE)
show("two sections", config)
config.remove("web")
show("two sections, web removed", config)
print(f"two sections, hosts: {config.hosts()}")

config = SshConfigFile(MATCH)
show("Match", config)
print(f"Match, options of web: {config.host('web')}")
config.remove("web")
show("Match, web removed", config)

config, keys = SshConfigFile(KEYS), ["~/.ssh/first", "~/.ssh/second"]
config.set("web", IdentityFile=keys)
show("first and second set", config)
print(f"the caller's list: {keys}")
PY

seen=$(venv/bin/python -W ignore change.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
two sections: Host web |   User alice | Host db |   Port 2222 | Host web |   Port 22
two sections, web removed: 
two sections, hosts: ('db', 'web')
Match: Host web |   User alice | Match exec "on-vpn" |   ProxyJump none
Match, options of web: {'user': 'alice', 'match': 'exec "on-vpn"', 'proxyjump': 'none'}
Match, web removed: 
first and second set: Host web |   IdentityFile ~/.ssh/second |   IdentityFile ~/.ssh/first
the caller's list: []
TEXT
echo "as seen: more is removed than the host, and lists are reversed"
