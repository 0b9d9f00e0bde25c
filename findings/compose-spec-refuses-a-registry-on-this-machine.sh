#!/usr/bin/env bash
# compose-spec 0.2.1 (PyPI): a whole Compose file is refused for an image of a registry like localhost:5000, for
# "restart: on-failure:3", and for a range of host ports in front of one container port.
#
# Docker's reference of the Compose file has [<registry>/][<project>/]<image> for an image. In the reference grammar
# (distribution) a registry is a host, with or without a port; one component is enough: "localhost:5000", or
# "registry:5000", another service of the same file. The reference has on-failure[:max-retries], and "restart:
# on-failure:3" and the port "8000-9000:80" are among its examples. The package is a "fully validated, spec-compliant
# Docker Compose file parser".
#
# * A registry without a dot may have no port, although one with a dot may, and "localhost" alone is one.
# * on-failure with a number is an unknown variant.
# * Both ranges of a port have to be of one size.
#
# docker-image-py 0.2.0, a port of the reference grammar, takes the images.
#
# Seen with Python 3.11. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check compose-spec==0.2.1 docker-image-py==0.2.0

cat > parse.py <<'PY'
from compose_spec import PyCompose
from docker_image.reference import Reference

SERVICES = [
    "image: localhost/app:1",
    "image: registry.example.com:5000/app:1",
    "image: localhost:5000/app:1",
    "image: registry:5000/app:1",
    "restart: on-failure",
    "restart: on-failure:3",
    'ports: ["8000-8001:80-81"]',
    'ports: ["8000-9000:80"]',
]

for line in SERVICES:
    image = "" if line.startswith("image") else "image: app\n    "
    text = f"services:\n  web:\n    {image}{line}\n"
    try:
        PyCompose.from_yaml(text)
        print(f"{line}: taken")
    except ValueError as error:
        print(f"{line}: {str(error)[:70]}...")
    if not image:
        reference = Reference.parse_normalized_named(line.removeprefix("image: "))
        print(f"{line}, docker-image-py: {reference.domain()} / {reference.path()} : {reference['tag']}")
PY

seen=$(venv/bin/python parse.py)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
image: localhost/app:1: taken
image: localhost/app:1, docker-image-py: localhost / app : 1
image: registry.example.com:5000/app:1: taken
image: registry.example.com:5000/app:1, docker-image-py: registry.example.com:5000 / app : 1
image: localhost:5000/app:1: services.web.image: invalid image name part: invalid character in imag...
image: localhost:5000/app:1, docker-image-py: localhost:5000 / app : 1
image: registry:5000/app:1: services.web.image: invalid image name part: invalid character in imag...
image: registry:5000/app:1, docker-image-py: registry:5000 / app : 1
restart: on-failure: taken
restart: on-failure:3: services.web.restart: unknown variant `on-failure:3`, expected one of ...
ports: ["8000-8001:80-81"]: taken
ports: ["8000-9000:80"]: services.web.ports[0]: error parsing port ranges: error creating the p...
TEXT
echo "as seen: valid images, restart policies and ports are refused"
