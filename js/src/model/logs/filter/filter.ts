// What a user asks a pane to show: terms that all must hold. Text in, a test out: no DOM.
//
// Expressions run on the page's only thread. One that may take forever on a line is refused
// (expression.ts); one that is slow on these lines is given up, and then all lines are let through.
//
//   word  "two words"  /expression/i  level>=warn  field=value  field!=value  stream:stderr  -term
//   around:3

import { STDERR, STDOUT, type Stream } from "../../messages";
import { LEVELS, type Level, levelOf, levelOfText } from "../level";
import type { Fields } from "../log-fields";
import type { LogLine } from "../log-line";
import { MOST_AROUND } from "./around";
import { mayTakeForever } from "./expression";

/** What is tested: a line with those that belong to it. */
export interface Entry {
  /** All lines, as text without colours. */
  text: string;
  /** What the first line says, if it is a structured one. */
  line: LogLine | undefined;
  stream: Stream;
}

export interface Filter {
  /** Why it cannot be used, or not any more; then it lets everything through. */
  readonly error: string;
  /** Whether there is anything to ask. */
  readonly empty: boolean;
  matches(entry: Entry): boolean;
  /** Whether more text can only turn a yes into a no: a term says what must not be there. */
  excludes: boolean;
  /** Lines to keep before and after each one that matches. */
  around: number;
}

type Test = (entry: Entry) => boolean;

/** A term: its sign, then an expression between slashes, or words that may have parts in quotes. */
const TERM = /(-?)(?:\/((?:[^/\\]|\\.)+)\/([a-z]*)(?=\s|$)|((?:"(?:[^"\\]|\\.)*"?|[^\s"])+))/g;
/** What a program prints of a crash, at the start of one of its lines. */
const CRASH =
  /^(?:Traceback \(most recent call last\):|panic: |goroutine \d+ |thread '.*' (?:\(\d+\) )?panicked at |Caused by: |[ \t]+at \S.*:\d+\)?(?: \{)?$)/m;
const STREAMS: Record<string, Stream> = {
  stdout: STDOUT,
  out: STDOUT,
  stderr: STDERR,
  err: STDERR,
};
const STREAM = /^stream:(.*)$/s;
const AROUND = /^around:(.*)$/s;
const COMPARED = /^([\w.@-]+)(>=|<=|!=|=|>|<)(.+)$/;

/** Characters of each line that an expression looks at. */
const LOOKED_AT = 2000;
/** Milliseconds that expressions may take for a line, and how much more in all before they are given up. */
const PER_LINE = 1;
const PATIENCE = 1000;
const FOREVER = "could take forever: a repeat of what can be split in several ways, such as (y+)+";
const TOO_SLOW = "too slow: the expression takes too long on these lines, so all are shown";

/** Counts the time that expressions take. */
class Patience {
  /** Why they are given up; "" as long as they are not. */
  error = "";
  #now: () => number;
  #late = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether an expression is in a text. */
  test(pattern: RegExp, text: string): boolean {
    if (this.error) return true;
    const begin = this.#now();
    const found = pattern.test(beginnings(text));
    this.#late = Math.max(0, this.#late + this.#now() - begin - PER_LINE);
    if (this.#late > PATIENCE) this.error = TOO_SLOW;
    return found;
  }
}

/** Return the beginnings of lines, as far as an expression looks at them. */
function beginnings(text: string): string {
  if (text.length <= LOOKED_AT) return text;
  return text
    .split("\n")
    .map((line) => line.slice(0, LOOKED_AT))
    .join("\n");
}

/** Read what was typed. `now`: a clock, in milliseconds. */
export function readFilter(typed: string, now = () => performance.now()): Filter {
  const patience = new Patience(now);
  const tests: Test[] = [];
  let excludes = false;
  let around = 0;
  try {
    for (const [, sign, expression, flags, words] of typed.matchAll(TERM)) {
      const [, lines] = (!sign && AROUND.exec(words ?? "")) || [];
      if (lines !== undefined) {
        around = readAround(lines);
        continue;
      }
      const test =
        expression === undefined
          ? wordTest(words ?? "")
          : expressionTest(expression, flags ?? "", patience);
      if (!test) continue;
      excludes ||= sign === "-";
      tests.push(sign === "-" ? (entry) => !test(entry) : test);
    }
  } catch (error) {
    const matches = () => true;
    const { message } = error as Error;
    return { error: message, empty: true, matches, excludes: false, around: 0 };
  }
  return {
    get error() {
      return patience.error;
    },
    get empty() {
      return !tests.length || patience.error !== "";
    },
    matches: (entry) => tests.every((test) => test(entry)) || patience.error !== "",
    excludes,
    around,
  };
}

function readAround(lines: string): number {
  const number = Number(lines);
  if (/^\d+$/.test(lines) && number <= MOST_AROUND) return number;
  throw new Error(`around: how many lines? up to ${MOST_AROUND}`);
}

function expressionTest(source: string, flags: string, patience: Patience): Test {
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, `${flags.replace(/[gym]/g, "")}m`);
  } catch (error) {
    throw new Error(`not a regular expression: ${(error as Error).message}`);
  }
  if (mayTakeForever(source, pattern.flags)) throw new Error(FOREVER);
  return ({ text }) => patience.test(pattern, text);
}

function wordTest(words: string): Test | undefined {
  const [, name] = STREAM.exec(words) ?? [];
  if (name !== undefined) {
    const wanted = STREAMS[name.toLowerCase()];
    if (!wanted) throw new Error("no such stream: use stdout or stderr");
    return ({ stream }) => stream === wanted;
  }
  const compared = words.startsWith('"') ? null : COMPARED.exec(words);
  if (compared) {
    const [, field = "", operator = "", given = ""] = compared;
    return fieldTest(field, operator, unquoted(given), words);
  }
  const wanted = unquoted(words).toLowerCase();
  return wanted ? ({ text }) => text.toLowerCase().includes(wanted) : undefined;
}

function fieldTest(field: string, operator: string, given: string, words: string): Test {
  const level = levelOf(given);
  if (["level", "lvl", "severity"].includes(field)) {
    if (level) return levelTest(operator, level);
    if (!/^!?=$/.test(operator) && Number.isNaN(Number(given)))
      throw new Error(`no such level: use one of ${LEVELS.join(", ")}`);
  }
  const literal = unquoted(words).toLowerCase();
  return ({ text, line }) => {
    const value = line && valueAt(line.fields, field);
    // A line of text has no fields. It may have the term as it was typed.
    if (value === undefined) {
      if (operator === "!=") return true;
      return !line && operator === "=" && text.toLowerCase().includes(literal);
    }
    return compare(value, operator, given);
  };
}

function levelTest(operator: string, wanted: Level): Test {
  const bound = LEVELS.indexOf(wanted);
  const isIn = (level: Level) => holds(LEVELS.indexOf(level) - bound, operator);
  return ({ text, line }) => {
    const level = line ? line.level : levelOfText(text);
    // A crash is an error. A line of text that has a level of its own was logged with the trace.
    if ((line || !level) && CRASH.test(text) && isIn("error")) return true;
    return level ? isIn(level) : operator === "!=" && !CRASH.test(text);
  };
}

/** Find a field: by its own name, or by the names of nested ones with dots between them. */
function valueAt(fields: Fields, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path];
  let value: unknown = fields;
  for (const name of path.split(".")) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Fields)[name];
  }
  return value;
}

function compare(value: unknown, operator: string, given: string): boolean {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const [left, right] = [Number(text), Number(given)];
  const numbers = text.trim() !== "" && !Number.isNaN(left) && !Number.isNaN(right);
  if (numbers) return holds(left - right, operator);
  return holds(text.toLowerCase() === given.toLowerCase() ? 0 : text < given ? -1 : 1, operator);
}

function holds(difference: number, operator: string): boolean {
  switch (operator) {
    case "=":
      return difference === 0;
    case "!=":
      return difference !== 0;
    case ">=":
      return difference >= 0;
    case "<=":
      return difference <= 0;
    case ">":
      return difference > 0;
    default:
      return difference < 0;
  }
}

function unquoted(text: string): string {
  return text.replace(/"((?:[^"\\]|\\.)*)"?/g, (_all, inside: string) =>
    inside.replace(/\\(.)/g, "$1"),
  );
}
