import { expect, test } from "vitest";
import { candidates, findPlaces, placeText } from "./places";

test.each([
  ['  File "/app/main.py", line 12, in <module>', ["/app/main.py:12"]],
  ['  File "<stdin>", line 1', []],
  ["tests/test_a.py:12: AssertionError", ["tests/test_a.py:12"]],
  ["    at f (/app/x.js:10:2)", ["/app/x.js:10:2"]],
  ["    at file:///app/x.mjs:10:2", ["/app/x.mjs:10:2"]],
  ["\tat a.B.c(B.java:17)", ["B.java:17"]],
  ["\t/src/main.go:12 +0x1d", ["/src/main.go:12"]],
  ["  --> src/main.rs:3:5", ["src/main.rs:3:5"]],
  ["a.c:3:5: error: expected ';'", ["a.c:3:5"]],
  ["src/a.ts(3,5): error TS1005", ["src/a.ts:3:5"]],
  ["PHP Fatal error: x in /app/x.php on line 7", ["/app/x.php:7"]],
  ["from a.rb:3:in `x'", ["a.rb:3"]],
  ["Dockerfile:4", ["Dockerfile:4"]],
  ["C:\\app\\x.cs:4", ["C:\\app\\x.cs:4"]],
  ["a.py:1 b.py:2", ["a.py:1", "b.py:2"]],
  ["I1128 10:00:02.000001       1 server.go:42] x", ["server.go:42"]],
  ["caller=main.go:33", ["main.go:33"]],
  ["connect db.internal:5432, 10.0.0.1:80, localhost:8080", []],
  ["https://a.example/x.js:3", []],
  ["12:30:05 a.b:3", []],
  ["x.py: 3", []],
  ["image python:3.11", []],
  ["app.py:3.5x", []],
])("%s: %j", (text, places) => {
  expect(findPlaces(text).map(placeText)).toEqual(places);
});

test("a place is where it is named", () => {
  const text = "see (a.py:12:3).";
  const [place] = findPlaces(text);
  expect(text.slice(place?.from, place?.to)).toBe("a.py:12:3");
});

test("lines that are nearly right, over and over, take no longer", () => {
  for (const text of ["a/".repeat(50_000), "a.py:".repeat(20_000), 'File "'.repeat(20_000)]) {
    expect(findPlaces(text)).toEqual([]);
  }
});

test("a file may be below the notebook's folder or the root, without the container's folders", () => {
  expect(candidates("/app/src/a.py", "work")).toEqual([
    "work/app/src/a.py",
    "app/src/a.py",
    "work/src/a.py",
    "src/a.py",
    "work/a.py",
    "a.py",
  ]);
  expect(candidates("./a.py", "")).toEqual(["a.py"]);
  expect(candidates("/1/2/3/4/5/6/a.py", "")).toHaveLength(5);
});

test("no path leads out of the server's root", () => {
  for (const path of ["../a.py", "/app/../../a.py", "~/a.py", "C:\\a.py"]) {
    expect(candidates(path, "work")).toEqual([]);
  }
});
