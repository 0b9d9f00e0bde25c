#!/usr/bin/env bash
# podman-compose 1.6.0: a stop_grace_period with hours or milliseconds is ignored; the container is killed after
# Podman's own ten seconds.
#
# The Compose specification says of stop_grace_period how long to wait before a container is killed, as a duration. Of
# durations it says that the units are us, ms, s, m and h, which may be combined, as in 1m30s or 5h34m56s. Services that
# finish their work at SIGTERM have long ones: databases, workers, game servers.
#
# podman-compose reads minutes and seconds alone. Any other valid duration is taken for none, and "podman stop" is
# called without -t, which means ten seconds. Nothing is reported: a worker with 1h gets ten seconds, one with 60m an
# hour. So it is with stop, restart and down.
#
# A script plays podman, and notes how it was called, so no engine is needed.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check podman-compose==1.6.0

cat > podman <<'PODMAN'
#!/bin/sh
case $1 in
  --version) echo "podman version 5.4.2" ;;
  stop) echo "podman $*" >> calls ;;
esac
PODMAN
chmod +x podman

for period in 90s 1m30s 60m 1h 1h30m 5h34m56s 30000ms; do
  cat > compose.yaml <<YAML
name: demo
services:
  worker:
    image: busybox
    stop_grace_period: $period
YAML
  echo -n "$period: " >> calls
  venv/bin/podman-compose --podman-path ./podman stop > log 2>&1
done

seen=$(cat calls)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
90s: podman stop -t 90 demo_worker_1
1m30s: podman stop -t 90 demo_worker_1
60m: podman stop -t 3600 demo_worker_1
1h: podman stop demo_worker_1
1h30m: podman stop demo_worker_1
5h34m56s: podman stop demo_worker_1
30000ms: podman stop demo_worker_1
TEXT
echo "as seen: durations with hours or milliseconds are not passed on"
