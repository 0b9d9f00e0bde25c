// What is copied of a pane: its lines as they are, or in a form for Markdown. Text in, text out: no DOM.
//
// Lines are a stranger's text, and Markdown acts on that: it loads pictures, and makes links. So in both
// forms for Markdown they are code, in a way that no line can end.

import { momentText } from "./times";

/** As they are; as a block of code; as a quotation, which also suits a mail. */
export type CopyForm = "text" | "markdown" | "quote";

/** What the lines are of. */
export interface Origin {
  /** The session's name. */
  name: string;
  /** "stdout", "stderr", or both. */
  stream: string;
  /** When they were copied. */
  at: Date;
}

/** Return the text for the clipboard. Only the forms for Markdown say whose lines they are. */
export function copied(lines: readonly string[], form: CopyForm, origin: Origin): string {
  if (form === "text") return lines.join("\n");
  const head = `${codeSpan(origin.name)} ${origin.stream}, ${momentText(origin.at)}`;
  if (form === "quote") {
    const quoted = lines.map((line) => (line.trim() ? `>     ${line}` : ">"));
    return [`> ${head}`, ">", ...quoted, ""].join("\n");
  }
  const fence = "`".repeat(Math.max(3, longestRun(lines) + 1));
  return [head, "", `${fence}text`, ...lines, fence, ""].join("\n");
}

/** A short text as code within a line. */
function codeSpan(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is for them
  const plain = text.replace(/[\x00-\x1f\x7f-\x9f]/g, " ");
  const fence = "`".repeat(longestRun([plain]) + 1);
  const room = plain.startsWith("`") || plain.endsWith("`") ? " " : "";
  return `${fence}${room}${plain}${room}${fence}`;
}

function longestRun(lines: readonly string[]): number {
  let longest = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  }
  return longest;
}
