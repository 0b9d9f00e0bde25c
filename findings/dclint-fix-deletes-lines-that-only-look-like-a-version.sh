#!/usr/bin/env bash
# dclint 3.1.0 (npm): --fix deletes the first line of a Compose file that begins with "version:", wherever it is, and
# without a complaint; and it deletes "models" at the top level, which it calls out of order.
#
# The Compose specification knows a "version" at the top level, which is obsolete; that is what the rule
# no-version-field is for. Anywhere else "version" is a name like others: a label, a variable, a line of a configuration
# that is written inside the file (configs, content). "models" is a top level element of the specification, and of the
# schema that dclint checks files with. dclint's documentation says of fixing that no "important information is lost".
#
# * no-version-field finds nothing to complain of in these files, and its fix runs all the same. It looks at lines of
#   text, not at the place in the document, and deletes the first one.
# * top-level-properties-order writes the elements that it has in its list, in their order, and no others.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save dclint@3.1.0 > /dev/null

cat > label.yaml <<'YAML'
name: demo
services:
  web:
    image: web:1
    labels:
      team: core
      version: "7"
YAML
cat > content.yaml <<'YAML'
name: demo
services:
  registry:
    image: registry:3
configs:
  registry:
    content: |
      version: 0.1
      log:
        level: info
YAML
cat > models.yaml <<'YAML'
name: demo
models:
  small:
    model: ai/small
services:
  web:
    image: web:1
    models:
      - small
YAML

show() {
  for name in label content models; do
    cp "$name.yaml" before.yaml
    echo -n "$name: "
    node_modules/.bin/dclint "$name.yaml" | grep -o "Property.*out of order" || echo "no complaint"
    node_modules/.bin/dclint --fix "$name.yaml" > log
    diff before.yaml "$name.yaml" || true
  done
}
seen=$(show)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
label: no complaint
7d6
<       version: "7"
content: no complaint
8d7
<       version: 0.1
models: Property "models" is out of order
2,4d1
< models:
<   small:
<     model: ai/small
TEXT
echo "as seen: valid lines are deleted"
