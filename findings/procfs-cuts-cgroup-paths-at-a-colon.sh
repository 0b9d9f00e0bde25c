#!/usr/bin/env bash
# @stroncium/procfs 1.2.1 (npm): the path of a cgroup is cut at a colon, behind which containerd has the id of a
# container; paths with spaces are lost or not decoded, and a process without groups has one.
#
# cgroups(7): a line of /proc/PID/cgroup is "hierarchy-ID:controller-list:cgroup-path". A path may have colons itself: a
# name for systemd, like "kubepods-pod1.slice:cri-containerd:ID", is a path as it is if containerd does not use systemd.
# proc(5) has the spaces of paths in mountinfo and swaps written as \040. In net/unix they are written as they are.
#
# * processCgroups() gives the text between the second and the third colon. The id is lost.
# * The path of a socket with a space in it is missing, as if the socket had no name.
# * Of a mount, the place is decoded and the source is not. The path of a swap file is not decoded either.
# * A process without supplementary groups has the list [NaN].
#
# The files are those of a folder with lines as Linux writes them, which the package can read in place of /proc.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save @stroncium/procfs@1.2.1 > /dev/null

mkdir -p proc/1 proc/net
cat > proc/1/cgroup <<'TEXT'
1:name=systemd:/system.slice/ssh.service
0::/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:0123456789ab
TEXT
cat > proc/1/mountinfo <<'TEXT'
36 35 8:1 / /mnt/my\040disk rw,noatime - cifs //server/my\040share rw
TEXT
cat > proc/swaps <<'TEXT'
Filename				Type		Size		Used		Priority
/my\040swap                             file		2097148		0		-2
TEXT
cat > proc/net/unix <<'TEXT'
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 20001 /run/plain.sock
0000000000000000: 00000002 00000000 00010000 0001 01 20002 /run/my plain.sock
TEXT
sed 's/^Groups:.*/Groups:\t /' /proc/self/status > proc/1/status
cat > read.js <<'JS'
const { Procfs } = require("@stroncium/procfs");

const procfs = new Procfs("proc");
for (const { path } of procfs.processCgroups(1)) console.log(`cgroup: ${path}`);
const [mount] = procfs.processMountinfo(1);
console.log(`mount: ${mount.mountSource} at ${mount.mountPoint}`);
console.log(`swap: ${procfs.swaps()[0].path}`);
for (const { path } of procfs.netUnix()) console.log(`socket: ${path}`);
console.log(`groups: ${procfs.processStatus(1).groups}`);
JS

seen=$(node read.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
cgroup: /system.slice/ssh.service
cgroup: /system.slice/containerd.service/kubepods-pod1.slice
mount: //server/my\040share at /mnt/my disk
swap: /my\040swap
socket: /run/plain.sock
socket: undefined
groups: NaN
TEXT
echo "as seen: paths are cut and lost"
