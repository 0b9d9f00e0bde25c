import { expect, test } from "vitest";
import { type Context, type Documents, preload } from "./preload";

type Slot = (sender: unknown, message: object) => void;

/** The notebooks of a page, and how often the bundle was fetched. */
function page() {
  let createNew: (panel: unknown, context: Context) => void = () => {};
  const seen = { factory: "", fetched: 0 };
  const documents: Documents = {
    addWidgetExtension: (factory, extension) => {
      seen.factory = factory;
      createNew = extension.createNew;
    },
  };
  preload(documents, () => {
    seen.fetched += 1;
  });
  const open = () => {
    const slots = new Set<Slot>();
    const iopubMessage = {
      connect: (slot: Slot) => slots.add(slot),
      disconnect: (slot: Slot) => slots.delete(slot),
    };
    createNew({}, { sessionContext: { iopubMessage } });
    const hear = (msg_type: string, content: object) => {
      for (const slot of [...slots]) slot(iopubMessage, { header: { msg_type }, content });
    };
    return { slots, hear, run: (code: string) => hear("execute_input", { code }) };
  };
  return { seen, open };
}

test.each([
  "import hyper_jupyter as hj",
  "%load_ext hyper_jupyter",
  "x = 1\n%hyper_attach web",
  "%%hyper_attach web\n",
  "found = %hyper ps",
])("the bundle is fetched when a cell runs with %j", (code) => {
  const { seen, open } = page();
  open().run(code);
  expect(seen).toEqual({ factory: "Notebook", fetched: 1 });
});

test.each(["print('hyper')", "%hypertools", "hyper = 1", ""])("it is not with %j", (code) => {
  const { seen, open } = page();
  const notebook = open();
  notebook.run(code);
  notebook.hear("stream", { text: "hyper_jupyter", code: "hyper_jupyter" });
  notebook.hear("execute_input", {});
  expect(seen.fetched).toBe(0);
});

test("it is fetched once for all notebooks, which are then listened to no longer", () => {
  const { seen, open } = page();
  const [one, other] = [open(), open()];
  one.run("%hyper ps");
  one.run("%hyper ps");
  other.run("%hyper ps");
  expect(seen.fetched).toBe(1);
  expect([one.slots.size, other.slots.size, open().slots.size]).toEqual([0, 0, 0]);
});

test("a front end without documents has nothing to listen to", () => {
  preload(undefined, () => {
    throw new Error("fetched");
  });
  const { seen } = page();
  expect(seen.fetched).toBe(0);
});
