#!/usr/bin/env bash
# runlike 1.5.4 (PyPI) and rekcod 3.0.0 (npm): the docker run command for a container whose entrypoint has several words
# starts another program, or none.
#
# The Docker Engine API has Config.Entrypoint and Config.Cmd as lists; the container runs the first followed by the
# second. docker run's --entrypoint is one word, the program (Docker's reference: "Overwrite the default ENTRYPOINT of
# the image"); the entrypoint's other words have to come before the command, behind the image. Images with an init as
# entrypoint have several: "tini", "-g", "--", "start.sh" is that of Jupyter's images. The packages make the command
# that runs another container "just like it".
#
# * runlike writes the first word and drops the rest: tini runs the command itself, and start.sh is never run.
# * rekcod joins the words by spaces into one, and no program has such a name.
#
# The list that a container would run is read from the command here as docker run does it.
#
# Seen with Python 3.11 and Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check runlike==1.5.4
npm install --silent --no-audit --no-fund --no-save rekcod@3.0.0 > /dev/null

cat > entrypoints.py <<'PY'
import json
import shlex
import subprocess

COMMANDS = {
    "no entrypoint": ([], ["nginx", "-g", "daemon off;"]),
    "one word": (["/docker-entrypoint.sh"], ["nginx", "-g", "daemon off;"]),
    "four words": (["tini", "-g", "--", "start.sh"], ["start-notebook.py"]),
    "a shell": (["sh", "-c", "exec server --port=$PORT"], []),
}


def container(entrypoint, command):
    return {
        "Id": "0123456789ab", "Name": "/web", "Image": "sha256:0123456789ab", "Mounts": [],
        "Config": {"Image": "image", "Hostname": "", "User": "", "Env": [], "Entrypoint": entrypoint, "Cmd": command},
        "HostConfig": {"NetworkMode": "default", "PidMode": "", "CpusetCpus": "", "CpusetMems": "",
                       "LogConfig": {"Type": "json-file"}, "RestartPolicy": {"Name": ""}},
        "NetworkSettings": {"Ports": {}, "Networks": {}},
    }  # fmt: skip


def words(command):
    """What the container would run, by a docker run command."""
    all_words = shlex.split(command)
    image = all_words.index("image")
    option = all_words.index("--entrypoint") if "--entrypoint" in all_words[:image] else None
    return json.dumps(([] if option is None else [all_words[option + 1]]) + all_words[image + 1 :])


for name, (entrypoint, command) in COMMANDS.items():
    text = json.dumps([container(entrypoint, command)])
    print(f"{name}: {json.dumps(entrypoint + command)}")
    for tool in (["venv/bin/runlike", "--stdin"], ["node_modules/.bin/rekcod"]):
        made = subprocess.run(tool, input=text, capture_output=True, text=True, check=True).stdout
        print(f"{name}, {tool[0].split('/')[-1]}: {words(made)}")
PY

seen=$(venv/bin/python entrypoints.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
no entrypoint: ["nginx", "-g", "daemon off;"]
no entrypoint, runlike: ["nginx", "-g", "daemon off;"]
no entrypoint, rekcod: ["nginx", "-g", "daemon off;"]
one word: ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"]
one word, runlike: ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"]
one word, rekcod: ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"]
four words: ["tini", "-g", "--", "start.sh", "start-notebook.py"]
four words, runlike: ["tini", "start-notebook.py"]
four words, rekcod: ["tini -g -- start.sh", "start-notebook.py"]
a shell: ["sh", "-c", "exec server --port=$PORT"]
a shell, runlike: ["sh"]
a shell, rekcod: ["sh -c exec server --port=$PORT"]
TEXT
echo "as seen: only an entrypoint of one word is kept"
