#!/usr/bin/env bash
# jc 1.26.1 (PyPI): the PIDs of a container's process become one number, the folders of an overlay file system become
# numbers too, and of the file descriptors that an epoll watches the last one is left.
#
# proc(5): NSpid has the PID in each of the PID namespaces that the process is in, the outermost one first, with tabs
# between them. For a process in a container these are two or more. Fields of mountinfo are separated by spaces, and a
# space inside of a field is written \040; the last field has options of the file system, which for overlay are the
# folders of the layers. fdinfo of an epoll has a line for each file descriptor; flags are octal.
#
# * NSpid and its like are converted to an integer, from all digits that are there: 4242 and 7 become 42427.
# * Values of options are as well: what is left of lowerdir are its digits, or null if it has none. Escapes stay.
# * The lines of an epoll are parts of one object, where each one replaces the one before.
#
# "jc --raw", which does not convert, has the texts.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jc==1.26.1

cat > parse.py <<'PY'
import jc

STATUS = "Name:\tsleep\nPid:\t4242\nNStgid:\t4242\t7\nNSpid:\t4242\t7\n"
MOUNTS = (
    "34 31 0:43 / / rw - overlay overlay rw,lowerdir=/layers/4AB/diff:/layers/one/diff,upperdir=/top/12\n"
    "35 31 8:1 / /mnt/a\\040b rw - ext4 /dev/sda1 rw,data=ordered\n"
)
EPOLL = (
    "pos:\t0\nflags:\t02000002\nmnt_id:\t9\nino:\t10\n"
    "tfd:        5 events:       19 data:                5  pos:0 ino:61af sdev:7\n"
    "tfd:        6 events:       19 data:                6  pos:0 ino:61b0 sdev:7\n"
)

for raw in (False, True):
    kind = "raw" if raw else "jc"
    status = jc.parse("proc_pid_status", STATUS, raw=raw)
    print(f"{kind}, NStgid {status['NStgid']!r}, NSpid {status['NSpid']!r}")
    for mount in jc.parse("proc_pid_mountinfo", MOUNTS, raw=raw):
        fields = mount.get("super_options_fields", mount["super_options"])
        print(f"{kind}, {mount['mount_point']}: {fields}")
    epoll = jc.parse("proc_pid_fdinfo", EPOLL, raw=raw)
    print(f"{kind}, epoll: flags {epoll['flags']}, {epoll['epoll']}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
jc, NStgid 42427, NSpid 42427
jc, /: {'lowerdir': 4, 'upperdir': 12}
jc, /mnt/a\040b: {'data': None}
jc, epoll: flags 2000002, {'tfd': 6, 'events': '19', 'data': '6', 'pos': 0, 'ino': '61b0', 'sdev': '7'}
raw, NStgid '4242\t7', NSpid '4242\t7'
raw, /: rw,lowerdir=/layers/4AB/diff:/layers/one/diff,upperdir=/top/12
raw, /mnt/a\040b: rw,data=ordered
raw, epoll: flags 02000002, {'tfd': '6', 'events': '19', 'data': '6', 'pos': '0', 'ino': '61b0', 'sdev': '7'}
TEXT
echo "as seen: numbers that are nowhere in the files"
