import { expect, test } from "vitest";
import { makeFileOpener } from "./file-opener";

function bench(known: string[], commands = ["docmanager:open", "fileeditor:go-to-line"]) {
  const calls: unknown[][] = [];
  const asked: string[] = [];
  const opener = makeFileOpener({
    commands: {
      hasCommand: (id) => commands.includes(id),
      execute: (...call) => Promise.resolve(calls.push(call)),
    },
    serviceManager: {
      contents: {
        get: (path) => {
          asked.push(path);
          if (path === "folder.py") return Promise.resolve({ type: "directory" });
          if (known.includes(path)) return Promise.resolve({ type: "file" });
          return Promise.reject(new Error("404"));
        },
      },
    },
    shell: { currentWidget: { context: { path: "work/deep/a.ipynb" } } },
  });
  return { opener, calls, asked };
}

test("the first path that is a file is found", async () => {
  const { opener, asked } = bench(["b.py", "c.py"]);
  expect(await opener.find(["a.py", "folder.py", "b.py", "c.py"])).toBe("b.py");
  expect(asked).toEqual(["a.py", "folder.py", "b.py"]);
});

test("a file is opened as text, at its line", async () => {
  const { opener, calls } = bench([]);
  await opener.open("a.py", 12, 0);
  expect(calls).toEqual([
    ["docmanager:open", { path: "a.py", factory: "Editor" }],
    ["fileeditor:go-to-line", { line: 12, column: 1 }],
  ]);
  expect(opener.folder()).toBe("work/deep");
});

test("a front end without these commands finds and opens nothing", async () => {
  const { opener, asked } = bench(["a.py"], []);
  expect([await opener.find(["a.py"]), asked]).toEqual([undefined, []]);
  expect(await makeFileOpener({}).find(["a.py"])).toBeUndefined();
  expect(makeFileOpener({}).folder()).toBe("");
});
