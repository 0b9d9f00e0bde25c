#!/usr/bin/env bash
# CBuffer 2.2.0 (npm): sum() and avg() add values that shift() has removed, and not those that are there; sort() brings
# them back.
#
# CBuffer is a ring buffer with the methods of an Array: shift() removes the first item, "sort" "sorts the elements of a
# circular buffer". A window over the last values of a measurement, whose oldest ones are removed by their age, is such
# a use.
#
# * sum() takes the first LENGTH places of its store, wherever the buffer begins. avg() divides that. median() takes the
#   items, so the two tell different things of the same buffer.
# * After pop() there may be a hole at one of these places, and the sum is NaN.
# * sort() sorts the whole store, old items too, and then takes its first LENGTH places for the buffer.
#
# The same operations are done with an Array.
#
# Seen with Node 20.20. This fails if the behaviour changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save CBuffer@2.2.0 > /dev/null

cat > count.cjs <<'JS'
const CBuffer = require("CBuffer");

const add = (list) => list.reduce((sum, value) => sum + value, 0);
for (const [what, values, change] of [
  ["full", [10, 1, 2], () => {}],
  ["shift", [10, 1, 2], (list) => list.shift()],
  ["overflow, shift", [10, 1, 2, 3], (list) => list.shift()],
  ["overflow, pop", [10, 1, 2, 3], (list) => list.pop()],
]) {
  const buffer = new CBuffer(3);
  const list = [];
  for (const value of values) {
    buffer.push(value);
    list.push(value);
    if (list.length > 3) list.shift();
  }
  change(buffer);
  change(list);
  const [sum, average, median] = [buffer.sum(), buffer.avg(), buffer.median()];
  console.log(`${what}, items ${buffer.toArray()}: sum ${sum}, average ${average}, median ${median}`);
  console.log(`${what}, array ${list}: sum ${add(list)}, average ${add(list) / list.length}`);
}

const buffer = new CBuffer(4);
const list = [1, 5, 4];
buffer.push(1, 5, 4);
console.log(`removed: ${buffer.shift()} ${list.shift()}`);
console.log(`sorted: ${buffer.sort().toArray()}, array ${list.sort()}`);
JS

seen=$(node count.cjs)
echo "$seen"
diff - <(echo "$seen") <<'TEXT'
full, items 10,1,2: sum 13, average 4.333333333333333, median 2
full, array 10,1,2: sum 13, average 4.333333333333333
shift, items 1,2: sum 11, average 5.5, median 1.5
shift, array 1,2: sum 3, average 1.5
overflow, shift, items 2,3: sum 4, average 2, median 2.5
overflow, shift, array 2,3: sum 5, average 2.5
overflow, pop, items 1,2: sum NaN, average NaN, median 1.5
overflow, pop, array 1,2: sum 3, average 1.5
removed: 1 1
sorted: 1,4, array 4,5
TEXT
echo "as seen: removed values are counted"
