import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NoteView } from "./note-view";

/** What the notes use of an element. */
function fakeElement() {
  return { textContent: "", title: "", className: "", append: () => {} };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { createElement: fakeElement });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what is withdrawn is what was said, and nothing that was said since", () => {
  const note = new NoteView();
  note.say("attaching again…");
  note.say("attached again");
  note.withdraw("attaching again…");
  note.withdraw("");
  expect(note.root.textContent).toBe("attached again");
  note.withdraw("attached again");
  expect(note.root.textContent).toBe("");
  note.say("no such container", true);
  note.withdraw("");
  expect(note.line.textContent).toBe("no such container");
  note.withdraw("no such container");
  expect(note.line.textContent).toBe("");
});

test("a result gives way to what holds", () => {
  const note = new NoteView();
  note.hold("pause", "paused, 3 B waiting");
  note.say("copied");
  expect(note.root.textContent).toBe("copied");
  vi.runAllTimers();
  expect(note.root.textContent).toBe("paused, 3 B waiting");
  note.hold("pause", "");
  expect(note.root.textContent).toBe("");
});
