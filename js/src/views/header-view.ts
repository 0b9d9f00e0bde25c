// The header of a session: name, state, image, time, bytes, what detaching does, and warnings. DOM,
// no Jupyter.

import { STDERR, STDOUT, type Stalls, type Status } from "../model/messages";
import { completenessText, describeOutcome } from "../model/outcome";
import { formatBytes, formatLength, formatSeconds } from "../model/quantities";
import type { SessionModel } from "../model/session-model";
import { element, setText } from "./elements/dom";
import { ReconnectView } from "./reconnect-view";

/** Characters of an exec's command. */
const SHOWN_COMMAND = 40;

export class HeaderView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #name = element("strong", "hj-name");
  #kind = element("span", "hj-fact");
  #image = element("span", "hj-fact");
  #session = element("span", "hj-fact");
  #bytes = element("span", "hj-fact");
  #time = element("time", "hj-fact");
  #state = element("span", "hj-state");
  #word = element("span", "hj-word", { role: "status" });
  #leave = element("div", "hj-leave");
  #notes = element("div", "hj-notes", { role: "status" });
  #reconnect: ReconnectView;
  #unsubscribe: () => void;

  constructor(model: SessionModel) {
    this.#model = model;
    this.#state.append(element("span", "hj-dot", { ariaHidden: "true" }), this.#word);
    const facts = element(
      "div",
      "hj-facts",
      {},
      this.#name,
      this.#state,
      this.#session,
      this.#kind,
      this.#image,
      this.#time,
      this.#bytes,
    );
    this.#reconnect = new ReconnectView(model);
    const rows = [facts, this.#reconnect.root, this.#leave, this.#notes];
    this.root = element("header", "hj-header", {}, ...rows);
    this.#unsubscribe = model.onChange(() => this.#update());
    this.#update();
  }

  close(): void {
    this.#unsubscribe();
    this.#reconnect.close();
  }

  #update(): void {
    const { status } = this.#model;
    setText(this.#name, status.container);
    this.#name.title = status.container_id;
    setText(this.#session, status.name === status.container ? "" : `session ${status.name}`);
    setText(this.#kind, kindText(status) || restartText(status));
    this.#kind.title = status.command;
    setText(this.#image, `${status.image} on ${status.engine}`);
    this.#image.title = `image ${status.image}, engine ${status.engine} at ${status.host}`;
    this.#showTime(status.started_at, status.ended_at);
    setText(this.#bytes, this.#counts());
    this.#bytes.title = completenessText(status);
    const { state, word, detail, failed } = describeOutcome(status, this.#model);
    this.#state.dataset.state = status.paused && state === "attached" ? "paused" : state;
    if (status.exit_code !== null) this.#state.dataset.code = String(status.exit_code);
    this.#state.dataset.complete = String(status.complete);
    setText(this.#word, word);
    this.#reconnect.update();
    setText(this.#leave, detail);
    this.#leave.classList.toggle("hj-error", failed);
    setText(this.#notes, [...status.warnings, stallText(status.stalls)].filter(Boolean).join(" "));
    this.#notes.title = stallList(status.stalls);
  }

  #showTime(start: number, end: number | null): void {
    const started = new Date(start * 1000);
    this.#time.dateTime = started.toISOString();
    const ended = end === null ? "" : `, ended ${new Date(end * 1000).toLocaleString()}`;
    this.#time.title = `attached ${started.toLocaleString()}${ended}`;
    setText(this.#time, timeText(start, end));
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
}

/** Say what the session is beside its name; empty for an attachment. */
export function kindText({ kind, command }: Status): string {
  if (kind === "logs") return "log";
  return command && `exec ${shorten(command)}`;
}

/** Say how many times the container was started again; empty for never. */
export function restartText({ restarts }: Status): string {
  if (!restarts) return "";
  return restarts === 1 ? "1 restart" : `${restarts.toLocaleString("en")} restarts`;
}

/** Cut a text to a length that leaves room for the rest of the header. */
export function shorten(text: string): string {
  return text.length > SHOWN_COMMAND ? `${text.slice(0, SHOWN_COMMAND - 1)}…` : text;
}

/** Say since when, or from when to when and for how long. Times are in seconds since the epoch. */
export function timeText(start: number, end: number | null): string {
  const from = formatMinute(start);
  if (end === null) return `since ${from}`;
  const until = formatMinute(end);
  return `${from === until ? from : `${from} to ${until}`}, ${formatLength(end - start)}`;
}

/** Say when and for how long the kernel could not read the container's output; "" for never. */
export function stallText({ count, seconds, recent }: Stalls): string {
  const last = recent.at(-1);
  if (!last) return "";
  const before = count > 1 ? `; ${count} times, ${formatSeconds(seconds)} in total` : "";
  return (
    `Python code in the kernel stopped output from being read for ${formatSeconds(last[1])} ` +
    `at ${formatTime(last[0])}${before}.`
  );
}

function stallList({ recent }: Stalls): string {
  return recent.map(([at, length]) => `${formatTime(at)}: ${formatSeconds(length)}`).join("\n");
}

function formatMinute(at: number): string {
  return new Date(at * 1000).toLocaleTimeString([], { timeStyle: "short" });
}

function formatTime(at: number): string {
  return new Date(at * 1000).toLocaleTimeString([], { timeStyle: "medium" });
}
