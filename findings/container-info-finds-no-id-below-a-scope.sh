#!/usr/bin/env bash
# container-info 1.1.0 (npm): the id of a container is not found if the process is in a group below that of the
# container, as with Podman without root and with systemd in a container.
#
# cgroup v2 has processes in the leaves of the tree only (cgroups(7), "no internal processes"). Podman puts those of a
# container into libpod-ID.scope/container, and an init like systemd makes init.scope below its own group. The package
# is to "parse container info from cgroups file", which tells a program in which container it is.
#
# It looks at the last part of the path only. There is no id, and no error. The same line without the last part is read.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save container-info@1.1.0 > /dev/null

cat > parse.js <<'JS'
const { parse } = require("container-info");

const id = "0123456789abcdef".repeat(4);
const user = "/user.slice/user-1000.slice/user@1000.service/user.slice";
for (const path of [
  `${user}/libpod-${id}.scope`,
  `${user}/libpod-${id}.scope/container`,
  `/system.slice/docker-${id}.scope`,
  `/system.slice/docker-${id}.scope/init.scope`,
]) {
  const { containerId } = parse(`0::${path}\n`);
  console.log(`${path.replace(id, "ID")}: ${containerId?.replace(id, "ID")}`);
}
JS

seen=$(node parse.js)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope: ID
/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container: undefined
/system.slice/docker-ID.scope: ID
/system.slice/docker-ID.scope/init.scope: undefined
TEXT
echo "as seen: the id is not found"
