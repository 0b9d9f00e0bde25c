// Reads the fields of a line of a log: JSON, logfmt, or the header that klog writes. Text in, fields out: no
// DOM.
//
// Strategy: look at the first characters before anything else. Most lines of a flood are no structured
// ones, and must cost next to nothing.

/** Longer lines are left as they are. */
export const LONGEST = 16 * 1024;

/** How a line was written. */
export type Shape = "json" | "logfmt" | "klog";

/** The fields of a line, in their order. */
export type Fields = Record<string, unknown>;

export interface ShapedFields {
  shape: Shape;
  fields: Fields;
}

const BRACE = 0x7b;
/** The key, and a value in quotes or without. */
const PAIR = /([^\s="{}]+)(?:=(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]*)(?=\s|$)))?(?:\s+|$)/y;
/** What a line of logfmt begins with: a key, at once. */
const BEGINS_LOGFMT = /^[A-Za-z_@][\w.@/-]{0,63}=/;
/** The names of fields by which a line that begins with a pair is known to be of a log. */
const LOGFMT = /(?:^|\s)(?:level|lvl|severity|msg|message|event)=/;
const KLOG = /^([IWEF])(\d{2})(\d{2}) (\d{2}:\d{2}:\d{2}\.\d{6})\s+(\d+) ([^\s:\]]+:\d+)\] (.*)$/;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const ESCAPED: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

/** Whether a line that begins like this may be a structured one. Must be cheap. */
export function mayBeStructured(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === BRACE) return true;
  if (text.length > 1 && "IWEF".includes(text[0] as string) && /^[IWEF]\d/.test(text)) return true;
  return BEGINS_LOGFMT.test(text);
}

/** Whether the beginning of a line may become a structured one: also a key that has not ended. */
export function mayBecomeStructured(begun: string): boolean {
  return /^[A-Za-z_@][\w.@/-]{0,63}$/.test(begun) || mayBeStructured(begun);
}

/** Read a line without its end; undefined if it is no structured one. */
export function readFields(text: string): ShapedFields | undefined {
  if (text.length < 2 || text.length > LONGEST || !mayBeStructured(text)) return undefined;
  if (text.charCodeAt(0) === BRACE) return readJson(text);
  return readKlog(text) ?? readLogfmt(text);
}

function readJson(text: string): ShapedFields | undefined {
  if (!/\}\s*$/.test(text.slice(-8))) return undefined; // a cheap no, instead of an exception
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  const object = fields as Fields;
  return Object.keys(object).length ? { shape: "json", fields: object } : undefined;
}

function readKlog(text: string): ShapedFields | undefined {
  const found = KLOG.exec(text);
  if (!found) return undefined;
  const [, level, month, day, time, thread, source, rest = ""] = found;
  const fields: Fields = { level, time: `${month}-${day} ${time}`, thread, source };
  // Structured calls have a message in quotes, and pairs after it.
  const quoted = /^"((?:[^"\\]|\\.)*)"(?:\s+|$)/.exec(rest);
  const pairs = quoted ? pairsOf(rest.slice(quoted[0].length)) : undefined;
  fields.msg = pairs ? unescaped(quoted?.[1] ?? "") : rest;
  for (const [name, value] of Object.entries(pairs ?? {})) {
    if (!Object.hasOwn(fields, name)) fields[name] = value;
  }
  return { shape: "klog", fields };
}

function readLogfmt(text: string): ShapedFields | undefined {
  if (!LOGFMT.test(text)) return undefined;
  const fields = pairsOf(text);
  return fields && { shape: "logfmt", fields };
}

/** Read pairs up to the end of a text; undefined if it has anything else. */
function pairsOf(text: string): Fields | undefined {
  const fields: Fields = {};
  PAIR.lastIndex = 0;
  for (let at = 0; at < text.length; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const found = PAIR.exec(text);
    if (!found) return undefined;
    const [, key = "", quoted, plain] = found;
    const value = quoted === undefined ? (plain ?? true) : unescaped(quoted);
    // Assigned to "__proto__" it would be no field.
    if (key === "__proto__") Object.defineProperty(fields, key, { value, enumerable: true });
    else fields[key] = value;
  }
  return fields;
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(ESCAPE, (_all, code: string | undefined, one: string) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : (ESCAPED[one] ?? one),
  );
}
