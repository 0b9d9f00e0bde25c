import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bench, STATUS } from "../../model/session-bench";
import { describeSent, StdinView } from "./stdin-view";

const LINE = 20;
const page = { measured: 0, shown: true };
let field: FakeElement;

vi.mock("../elements/shortcuts", () => ({ keepKeys: () => {} }));
vi.mock("./signal-menu", () => ({
  SignalMenu: class {
    root = {};
    explain(): void {}
    close(): void {}
  },
}));

/** What the view uses of an element. Text has lines of 20 pixels, while the page shows it. */
class FakeElement {
  style = { height: "" };
  classList = { toggle: () => {} };
  value = "";
  append(): void {}
  addEventListener(): void {}
  setAttribute(): void {}
  removeAttribute(): void {}

  get scrollHeight(): number {
    page.measured += 1;
    return page.shown ? LINE * this.value.split("\n").length : 0;
  }

  get clientHeight(): number {
    return page.shown ? Number.parseInt(this.style.height || `${LINE}`, 10) : 0;
  }

  get offsetHeight(): number {
    return this.clientHeight;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  page.shown = true;
  vi.stubGlobal("document", {
    createElement: (tag: string) => {
      const made = new FakeElement();
      if (tag === "textarea") field = made;
      return made;
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const OFF = { ...STATUS, controls: { ...STATUS.controls, stdin: "stdin has ended" } };

test("a draft that comes back out of sight is as high as its lines once it is seen", () => {
  const { model } = bench();
  new StdinView(model);
  field.value = "a\nb\nc";
  model.status = OFF;
  expect(field.value).toBe("");
  page.shown = false; // the view shows its line for input after that has been told
  model.status = { ...STATUS };
  expect(field.value).toBe("a\nb\nc");
  page.shown = true;
  model.status = { ...STATUS };
  expect(field.style.height).toBe(`${3 * LINE}px`);
});

test("what changes beside the field does not measure it again", () => {
  const { model } = bench();
  new StdinView(model);
  field.value = "a\nb";
  const before = page.measured;
  model.status = { ...STATUS, revision: 1 };
  expect(page.measured).toBe(before);
  page.shown = false; // a terminal's line for input is never shown, and has no draft
  field.value = "";
  model.status = { ...STATUS, revision: 2 };
  expect(page.measured).toBe(before);
});

test("a draft that is taken over is in the field at once", () => {
  const { model } = bench();
  const view = new StdinView(model);
  view.adopt({ text: "a\nb", newline: false, hidden: false });
  expect(field.value).toBe("a\nb");
  expect(view.draft).toEqual({ text: "a\nb", newline: false, hidden: false });
});

test("a draft that is taken over while nothing can be typed waits", () => {
  const { model } = bench();
  model.status = OFF;
  const view = new StdinView(model);
  view.adopt({ text: "a", newline: true, hidden: false });
  expect(field.value).toBe("");
  model.status = { ...STATUS };
  expect(field.value).toBe("a");
});

test("what was sent is said in a few words", () => {
  expect(describeSent("ls", true)).toBe("sent: ls");
  expect(describeSent("", true)).toBe("sent an empty line");
  expect(describeSent("y", false)).toBe("sent without a newline: y");
  expect(describeSent("a\nb", true)).toBe("sent 2 lines");
  expect(describeSent("x".repeat(70), true)).toBe(`sent: ${"x".repeat(60)}…`);
});
