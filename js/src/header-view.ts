// Who and what: name, image, engine, state in a colour and a word, bytes, exit code, and what
// happens when the user leaves. Knows the DOM, no Jupyter.

import { element, formatBytes, setText } from "./dom";
import { STDERR, STDOUT, type Stalls } from "./messages";
import type { SessionModel } from "./session-model";

export class HeaderView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #name = element("strong", "hj-name");
  #image = element("span", "hj-fact");
  #engine = element("span", "hj-fact");
  #bytes = element("span", "hj-fact");
  #time = element("time", "hj-fact");
  #state = element("span", "hj-state");
  #word = element("span", "hj-word", { role: "status" });
  #leave = element("div", "hj-leave");
  #notes = element("div", "hj-notes", { role: "status" });
  #stop: () => void;

  constructor(model: SessionModel) {
    this.#model = model;
    this.#state.append(element("span", "hj-dot", { ariaHidden: "true" }), this.#word);
    const facts = element(
      "div",
      "hj-facts",
      {},
      this.#state,
      this.#name,
      this.#image,
      this.#engine,
      this.#time,
      this.#bytes,
    );
    this.root = element("header", "hj-header", {}, facts, this.#leave, this.#notes);
    this.#stop = model.onChange(() => this.#update());
    this.#update();
  }

  dispose(): void {
    this.#stop();
  }

  #update(): void {
    const { status } = this.#model;
    setText(this.#name, status.name);
    setText(this.#image, status.image);
    setText(this.#engine, status.engine);
    this.#name.title = status.container_id;
    this.#engine.title = status.host;
    const started = new Date(status.started_at * 1000);
    this.#time.dateTime = started.toISOString();
    this.#time.title = `attached ${started.toLocaleString()}`;
    setText(this.#time, `since ${started.toLocaleTimeString([], { timeStyle: "short" })}`);
    setText(this.#bytes, this.#counts());
    this.#state.dataset.state = this.#model.orphaned ? "lost" : status.state;
    if (status.exit_code !== null) this.#state.dataset.code = String(status.exit_code);
    setText(this.#word, this.#words());
    let silent = "";
    if (this.#model.orphaned)
      silent = "The kernel that held this session is gone; run the notebook from the top.";
    else if (this.#model.unanswered) silent = "The kernel has not answered this page yet.";
    setText(this.#leave, status.error || silent || status.controls.leave);
    this.#leave.classList.toggle("hj-error", status.error !== "");
    setText(this.#notes, [...status.warnings, stallText(status.stalls)].filter(Boolean).join(" "));
    this.#notes.title = stallList(status.stalls);
  }

  #counts(): string {
    const { tty, wants } = this.#model.status;
    const stdout = formatBytes(this.#model.total(STDOUT));
    if (tty) return stdout;
    const counts: string[] = [];
    if (wants.includes("stdout")) counts.push(`out ${stdout}`);
    if (wants.includes("stderr")) counts.push(`err ${formatBytes(this.#model.total(STDERR))}`);
    return counts.join(" · ");
  }

  #words(): string {
    if (this.#model.orphaned) return "no kernel";
    const { state, exit_code: code } = this.#model.status;
    if (state !== "exited") return state;
    return code === null ? "exited, code unknown" : `exited with code ${code}`;
  }
}

/** When, and for how long, the kernel could not read the container's output; "" for never. */
export function stallText({ count, seconds, recent }: Stalls): string {
  const last = recent.at(-1);
  if (!last) return "";
  const before = count > 1 ? `; ${count} times in all, ${formatSeconds(seconds)} together` : "";
  return (
    `Python code in the kernel kept output from being read for ${formatSeconds(last[1])} ` +
    `at ${formatTime(last[0])}${before}.`
  );
}

function stallList({ recent }: Stalls): string {
  return recent.map(([at, length]) => `${formatTime(at)}: ${formatSeconds(length)}`).join("\n");
}

function formatSeconds(seconds: number): string {
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

function formatTime(at: number): string {
  return new Date(at * 1000).toLocaleTimeString([], { timeStyle: "medium" });
}
