import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LoadFailure, load, loadEarly } from "./loader";

type Listener = (event: { blockedURI: string; effectiveDirective: string }) => void;

const BUNDLE = "data:text/javascript,export const open = hash => ({ hash });";
const MISSING = "data:text/javascript,export { open } from 'nowhere';";
let listeners: Listener[];

beforeEach(() => {
  listeners = [];
  vi.stubGlobal("document", {
    addEventListener: (_: string, listener: Listener) => listeners.push(listener),
    removeEventListener: (_: string, listener: Listener) => {
      listeners = listeners.filter((each) => each !== listener);
    },
  });
});

afterEach(() => vi.unstubAllGlobals());

test("the bundle is opened with its hash", async () => {
  expect(await load(BUNDLE, "f00d")).toEqual({ hash: "f00d" });
  expect(listeners).toEqual([]);
});

test("a bundle that does not come is named with its path", async () => {
  const failure = load(MISSING, "f00d");
  await expect(failure).rejects.toThrow(LoadFailure);
  await expect(failure).rejects.toThrow(/^hyper_jupyter's code cannot be loaded: .*Check that/s);
  expect(listeners).toEqual([]);
});

test("a policy that blocks it is named, and one that blocks something else is not", async () => {
  const blocked = load(MISSING, "f00d");
  listeners[0]?.({ blockedURI: "https://other.example/x.js", effectiveDirective: "img-src" });
  listeners[0]?.({ blockedURI: MISSING, effectiveDirective: "script-src-elem" });
  await expect(blocked).rejects.toThrow(/content security policy \(script-src-elem\) blocks it/);
  const failed = load(MISSING, "f00d");
  listeners[0]?.({ blockedURI: "https://other.example/x.js", effectiveDirective: "img-src" });
  await expect(failed).rejects.not.toThrow(/policy/);
});

test("a bundle that comes early prepares, and one that does not come says nothing", async () => {
  const said = vi.fn();
  vi.stubGlobal("said", said);
  await loadEarly("data:text/javascript,export const prepare = () => globalThis.said();");
  expect(said).toHaveBeenCalledOnce();
  await loadEarly(MISSING);
  expect(said).toHaveBeenCalledOnce();
});
