import { expect, test } from "vitest";
import { Grouping } from "./grouping";

/** Each line begins with ">" if it belongs to the one before. */
test.each([
  [
    "Python",
    `ERROR it failed
>Traceback (most recent call last):
>  File "a.py", line 1, in f
>    g()
>ValueError: no
INFO next`,
  ],
  [
    "Python, chained",
    `Traceback (most recent call last):
>  File "a.py", line 1, in f
>KeyError: 'a'
>
>During handling of the above exception, another exception occurred:
>
>Traceback (most recent call last):
>  File "a.py", line 3, in f
>app.errors.Bad: b
INFO next`,
  ],
  [
    "Java",
    `10:00 ERROR it failed
>java.lang.IllegalStateException: bad
>	at a.B.c(B.java:1)
>Caused by: java.io.IOException: worse
>	at d.E.f(E.java:2)
>	... 12 more
10:01 INFO next`,
  ],
  [
    "Go",
    `panic: runtime error: index out of range
>[signal SIGSEGV: segmentation violation]
>
>goroutine 1 [running]:
>main.main()
>	/src/a.go:5 +0x1
>created by main.start in goroutine 1
>exit status 2
next`,
  ],
  [
    "Node",
    `Error: it failed
>    at f (a.js:1:2)
>    at g (a.js:3:4) {
>  code: 'E'
>}
next`,
  ],
  [
    "Rust",
    `thread 'main' panicked at src/main.rs:4:5:
>index out of bounds: the len is 3
>stack backtrace:
>   0: rust_begin_unwind
>             at /rustc/lib.rs:645:5
>note: Some details are omitted
next`,
  ],
  ["nothing but lines", "one\ntwo\n\nthree"],
])("%s", (_name, lines) => {
  const grouping = new Grouping();
  for (const marked of lines.split("\n")) {
    const line = marked.replace(/^>/, "");
    expect([line, grouping.continues(line)]).toEqual([line, marked.startsWith(">")]);
  }
});

test("an indented line at the beginning belongs to nothing", () => {
  expect(new Grouping().continues("  at f (a.js:1:2)")).toBe(false);
});
