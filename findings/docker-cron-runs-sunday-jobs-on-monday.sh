#!/usr/bin/env bash
# docker-cron 0.5.4 (PyPI): a job in a container's crontab for Sunday runs on Monday, and no shell runs its command.
#
# The package runs the jobs of the crontabs that are in containers. In crontab(5) day 0 is Sunday and 1 is Monday,
# @weekly is "0 0 * * 0", and the command "will be executed by /bin/sh".
#
# * The fields go to CronTrigger.from_crontab() of APScheduler 3.11.3, which says that it takes "a standard crontab
#   expression", and counts days from Monday. Jobs for work days run from Tuesday to Saturday.
# * @reboot is no expression there. The jobs that stand after it are left out, without a message.
# * The command is given to exec without a shell, so "&&", ">" and variables are words of the first program.
#
# The engine and its container are stubs here.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check docker-cron==0.5.4 apscheduler==3.11.3 python-crontab==3.4.0 \
  docker==7.2.0 setuptools==80.9.0

cat > run.py <<'PY'
import datetime
import logging
import sys
import types

import docker_cron

CRONTAB = """0 3 * * 0 sunday
0 3 * * 1-5 workdays
@weekly weekly
0 3 * * * cd /data && tar cf /backup/$NAME.tar . > /dev/null
@reboot start
0 4 * * * later
"""


class Container:
    name = "app"
    ran = []

    def exec_run(self, cmd, **options):
        if cmd == "whoami":
            return 0, b"root\n"
        if cmd.startswith("cat /etc/crontabs/"):
            return 0, CRONTAB.encode()
        self.ran.append(cmd)
        return 1, b""


class Scheduler(docker_cron.BackgroundScheduler):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        Scheduler.only = self


container = Container()
engine = types.SimpleNamespace(containers=types.SimpleNamespace(list=lambda: [container]))
docker_cron.docker.DockerClient = lambda **options: engine
docker_cron.BackgroundScheduler = Scheduler
docker_cron.time = types.SimpleNamespace(sleep=lambda seconds: sys.exit())
logging.disable(logging.CRITICAL)
try:
    docker_cron.main()
except SystemExit:
    pass

jobs = {job.name: job for job in Scheduler.only.get_jobs()}
for line in CRONTAB.splitlines():
    job = next((jobs[name] for name in jobs if line.endswith(name)), None)
    if job is None:
        print(f"{line}: no job")
        continue
    days, time = [], datetime.datetime(2026, 3, 1, tzinfo=job.trigger.timezone)
    end = time + datetime.timedelta(days=7)
    while (time := job.trigger.get_next_fire_time(None, time)) < end:
        days.append(time.strftime("%a"))
        time += datetime.timedelta(seconds=1)
    print(f"{line}: {' '.join(days)}")
container.ran.clear()
job = next(jobs[name] for name in jobs if name.startswith("cd "))
job.func(*job.args)
print(f"run in the container, without a shell: {container.ran}")
Scheduler.only.shutdown()
PY

seen=$(venv/bin/python run.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
0 3 * * 0 sunday: Mon
0 3 * * 1-5 workdays: Tue Wed Thu Fri Sat
@weekly weekly: Mon
0 3 * * * cd /data && tar cf /backup/$NAME.tar . > /dev/null: Sun Mon Tue Wed Thu Fri Sat
@reboot start: no job
0 4 * * * later: no job
run in the container, without a shell: ['cd /data && tar cf /backup/$NAME.tar . > /dev/null']
TEXT
echo "as seen: other days, and other commands"
