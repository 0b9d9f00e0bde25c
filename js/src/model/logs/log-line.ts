// A line of a log with what its fields say of its level, its time and its message. Text in, values out: no
// DOM.

import { type Said, said } from "./level";
import { readFields, type ShapedFields } from "./log-fields";

export interface LogLine extends ShapedFields, Said {}

/** Read a line without its end; undefined if it is no structured one. */
export function readLine(text: string): LogLine | undefined {
  const read = readFields(text);
  return read && { ...read, ...said(read.fields) };
}
