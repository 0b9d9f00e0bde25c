// What the page itself measures; put into it before JupyterLab starts. Times are performance.now()
// in milliseconds. One object, `bench`, that benchmarks/page*.py talk to.
//
// A screen is watched where xterm has just drawn it: our panes by a MutationObserver on the rows of
// its DOM renderer, which runs in the same animation frame; JupyterLab's terminal, which may draw on
// a canvas, by xterm's own event "render", which is fired there. Outputs of cells are watched by a
// MutationObserver, too.
(() => {
  const bench = {
    sends: [], // [time, path of the websocket]
    receipts: [], // [time, path of the websocket, whether it carried output]
    keys: [], // of the current round: {at, expected, drawn}
    prompt: "",
    typed: "",
    lines: null, // () => the lines on the watched screen, oldest first
    stop: () => {},
    ended: null, // {drawn, painted} of the awaited line
  };
  window.bench = bench;

  const latin = new TextDecoder("latin1");

  /** Whether a frame brings output: a message of ours, on a link or the comm, or a terminal's. */
  function carriesOutput(data) {
    if (typeof data === "string") return data.startsWith('["stdout"');
    const head = latin.decode(new Uint8Array(data, 0, Math.min(data.byteLength, 3000)));
    return /"type": ?"output"/.test(head);
  }

  // JupyterLab takes its class from `window` when it starts.
  window.WebSocket = class extends window.WebSocket {
    #path;
    constructor(url, ...rest) {
      super(url, ...rest);
      const { port, pathname } = new URL(url);
      // A kernel's own port has nothing but links.
      this.#path = port === location.port ? pathname : "/link/";
      this.addEventListener("message", ({ data }) => {
        if (data instanceof Blob) return;
        bench.receipts.push([performance.now(), this.#path, carriesOutput(data)]);
      });
    }
    send(data) {
      bench.sends.push([performance.now(), this.#path]);
      super.send(data);
    }
  };

  /** Call `look` whenever the screen was drawn. */
  bench.watch = (screen, look) => {
    bench.stop();
    if (screen.terminal) {
      const terminal = screen.terminal;
      const drawn = terminal.onRender(() => look());
      bench.lines = () => {
        const buffer = terminal.buffer.active;
        const count = buffer.baseY + terminal.rows;
        const found = [];
        for (let y = buffer.baseY; y < count; y += 1)
          found.push(buffer.getLine(y)?.translateToString(true) ?? "");
        return found;
      };
      bench.stop = () => drawn.dispose();
    } else {
      const root = screen.root;
      const observer = new MutationObserver(() => look());
      observer.observe(root, { childList: true, characterData: true, subtree: true });
      bench.lines = screen.tail
        ? () => [tail(root)]
        : () => [...root.children].map((row) => row.textContent.replaceAll("\u00a0", " "));
      bench.stop = () => observer.disconnect();
    }
  };

  /** The last characters of a stream, however many there are. */
  function tail(outputs) {
    let last = [...outputs.querySelectorAll("pre")].at(-1);
    while (last?.lastChild) last = last.lastChild;
    return (last?.data ?? "").slice(-40).trimEnd().split("\n").at(-1);
  }

  bench.ours = (number) => ({ root: bench.cell(number).querySelector(".xterm-rows") });
  bench.output = (number) => ({
    root: bench.cell(number).querySelector(".jp-Cell-outputArea"),
    tail: true,
  });
  bench.cell = (number) => document.querySelectorAll(".jp-NotebookPanel .jp-Cell")[number];
  // JupyterLab's terminal keeps its xterm in a private field; there is no other way to it.
  bench.theirs = () => ({ terminal: bench.terminal._term });

  /** Measure keys on a screen until the next round; they are typed after `prompt`. */
  bench.startKeys = (screen, prompt) => {
    Object.assign(bench, { keys: [], sends: [], receipts: [], typed: "", prompt });
    bench.watch(screen, () => {
      const now = performance.now();
      const waiting = bench.keys.filter((key) => key.drawn === null);
      if (!waiting.length) return;
      const line = bench.lines().findLast((text) => text.startsWith(prompt)) ?? "";
      for (const key of waiting) if (line.startsWith(key.expected)) key.drawn = now;
    });
  };

  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Enter") bench.typed = "";
      if (event.key.length !== 1 || event.ctrlKey) return;
      bench.typed += event.key;
      const expected = bench.prompt + bench.typed;
      bench.keys.push({ at: event.timeStamp, expected, drawn: null });
    },
    { capture: true },
  );

  bench.undrawn = () => bench.keys.filter((key) => key.drawn === null).length;

  /** The prompt stands alone in the last line that has any text. */
  bench.ready = (prompt) =>
    (bench.lines().findLast((line) => line.trim() !== "") ?? "").trim() === prompt.trim();

  /** Set `ended` once what is drawn now is painted. */
  function painted() {
    const drawn = performance.now();
    // The first task after the next frame's callbacks: that frame's layout and paint are done.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        bench.ended = { drawn, painted: performance.now() };
      };
      port2.postMessage(null);
    });
  }

  /** Start the clock, and wait for a line in a cell's output, wherever the selector finds it. */
  bench.awaitFirst = (number, selector, text) => {
    bench.stop();
    bench.ended = null;
    const root = bench.cell(number);
    const has = (element) => element.textContent.replaceAll("\u00a0", " ").includes(text);
    const observer = new MutationObserver(() => {
      const output = root.querySelector(".jp-Cell-outputArea");
      if (![...(output?.querySelectorAll(selector) ?? [])].some(has)) return;
      bench.stop();
      painted();
    });
    observer.observe(root, { childList: true, characterData: true, subtree: true });
    bench.stop = () => observer.disconnect();
    bench.began = performance.now();
  };

  /** Wait for a line to be on the screen; sets `ended` once it is painted. */
  bench.awaitLine = (screen, text) => {
    bench.ended = null;
    let seen = false;
    bench.watch(screen, () => {
      if (seen || !bench.lines().some((line) => line.trim() === text)) return;
      seen = true;
      painted();
    });
  };
})();
