import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Input, PageMessage } from "./messages";
import { NUDGE_AFTER, NudgingPort } from "./nudging-port";

const INPUT: Input = {
  type: "input",
  page: "p",
  n: 1,
  seen: 0,
  data: "a",
  line: false,
  end: false,
  hidden: false,
  binary: false,
};
const ACK: PageMessage = { type: "ack", page: "p", seq: 1 };

/** A port, and the types of what it has sent. */
function port() {
  const sent: string[] = [];
  return { sent, port: new NudgingPort({ send: ({ type }) => sent.push(type) }) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("an input without an answer in time is followed by one message that asks for nothing", () => {
  const { sent, port: nudging } = port();
  nudging.send(INPUT);
  vi.advanceTimersByTime(NUDGE_AFTER - 1);
  expect(sent).toEqual(["input"]);
  vi.advanceTimersByTime(10 * NUDGE_AFTER);
  expect(sent).toEqual(["input", "nudge"]);
});

test("an answer in time, another input or an acknowledgement makes it unnecessary", () => {
  const { sent, port: nudging } = port();
  nudging.send(INPUT);
  nudging.heard();
  nudging.send(INPUT);
  vi.advanceTimersByTime(NUDGE_AFTER / 2);
  nudging.send(INPUT);
  vi.advanceTimersByTime(NUDGE_AFTER / 2);
  nudging.send(ACK);
  vi.advanceTimersByTime(10 * NUDGE_AFTER);
  expect(sent).toEqual(["input", "input", "input", "ack"]);
});

test("what is no input is sent as it is", () => {
  const { sent, port: nudging } = port();
  nudging.send(ACK);
  vi.advanceTimersByTime(10 * NUDGE_AFTER);
  expect(sent).toEqual(["ack"]);
});
