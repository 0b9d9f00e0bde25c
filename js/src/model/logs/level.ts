// What counts as the level, the time and the message of a log line. The names are data that Python
// reads, too. No DOM, no Jupyter.

import known from "../../../../hyper_jupyter/api/data/levels.json";
import type { Fields } from "./log-fields";

export type Level = "debug" | "info" | "warn" | "error" | "fatal";

/** From the least to the most important. */
export const LEVELS = known.order as readonly Level[];

const NAMES = new Map(Object.entries(known.names)) as Map<string, Level>;
const LETTERS = new Map(Object.entries(known.letters)) as Map<string, Level>;
const NUMBERS = new Map(Object.entries(known.numbers)) as Map<string, Level>;
const UNNAMED = Object.entries(known.unnamed) as [string, Level][];
/** What Go's slog adds to the name of a level in between: INFO+2. */
const OFFSET = /[+-]\d+$/;
/** A level in a line of text: an upper-case word near its start. */
const WORD = /\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|PANIC|EMERG)\b/;
/** Characters of a line of text in which its level is looked for. */
const NEAR = 120;

/** Return the level that a value stands for, if it does: "WARN", "wrn", 40, "e". */
export function levelOf(value: unknown): Level | undefined {
  if (typeof value === "number") return NUMBERS.get(String(value));
  if (typeof value !== "string" || value.length > 20) return undefined;
  const name = value.trim().toLowerCase();
  return (
    NAMES.get(name) ??
    NUMBERS.get(name) ??
    LETTERS.get(name) ??
    (OFFSET.test(name) ? NAMES.get(name.replace(OFFSET, "")) : undefined)
  );
}

/** What a line's fields say of its level, its time and its message, and the names of those fields. */
export interface Said {
  level: Level | undefined;
  levelField: string;
  timeField: string;
  messageField: string;
}

export function said(fields: Fields): Said {
  const has = (name: string) => Object.hasOwn(fields, name);
  const levelField = known.fields.level.find((name) => has(name) && levelOf(fields[name])) ?? "";
  const timeField = known.fields.time.find(has) ?? "";
  const messageField = known.fields.message.find((name) => typeof fields[name] === "string") ?? "";
  const unnamed = levelField ? undefined : UNNAMED.find(([name]) => has(name))?.[1];
  const level = levelField ? levelOf(fields[levelField]) : unnamed;
  return { level, levelField, timeField, messageField };
}

/** Return the level that a line of text names. */
export function levelOfText(text: string): Level | undefined {
  const found = WORD.exec(text.slice(0, NEAR));
  return found ? levelOf(found[1]) : undefined;
}
