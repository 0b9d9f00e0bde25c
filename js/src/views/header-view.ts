// The header of a session, one line: name, state, what matters now, and the view's buttons. Lines below it
// appear only where there is something to say. DOM, no Jupyter.

import { STDERR, STDOUT, type Stalls, type Status } from "../model/messages";
import { completenessText, isLive } from "../model/outcome";
import { formatBytes, formatLength, formatSeconds } from "../model/quantities";
import type { SessionModel } from "../model/session-model";
import { element, setText } from "./elements/dom";
import type { NoteView } from "./note-view";
import { ReconnectView } from "./reconnect-view";

/** Characters of a name that is always shown whole. */
const NAME = 20;
/** Characters of an exec's command. */
const SHOWN_COMMAND = 40;

export class HeaderView {
  readonly root: HTMLElement;
  #model: SessionModel;
  #name = element("strong", "hj-name");
  #facts = element("span", "hj-fact");
  #after = element("span", "hj-fact hj-after");
  #state = element("span", "hj-state");
  #word = element("span", "hj-word", { role: "status" });
  #leave = element("div", "hj-leave");
  #notes = element("div", "hj-notes", { role: "status" });
  #details = element("dl", "hj-details", { hidden: true });
  #reconnect: ReconnectView;
  #unsubscribe: () => void;

  /** `tools`: buttons at the right end. */
  constructor(model: SessionModel, note: NoteView, ...tools: HTMLElement[]) {
    this.#model = model;
    this.#state.append(element("span", "hj-dot", { ariaHidden: "true" }), this.#word);
    const facts = element(
      "div",
      "hj-facts",
      {},
      this.#name,
      this.#state,
      this.#facts,
      this.#after,
      note.root,
    );
    const head = element(
      "div",
      "hj-head",
      {},
      facts,
      element("div", "hj-head-tools", {}, ...tools),
    );
    this.#reconnect = new ReconnectView(model);
    const rows = [this.#reconnect.root, this.#leave, note.line, this.#notes, this.#details];
    this.root = element("header", "hj-header", {}, head, ...rows);
    this.#unsubscribe = model.onChange(() => this.#update());
    this.#update();
  }

  /** Whether image, engine, times and bytes are shown. */
  get detailed(): boolean {
    return !this.#details.hidden;
  }

  set detailed(on: boolean) {
    this.#details.hidden = !on;
    if (on) this.#fill(this.#detailsOf(this.#model.status, this.#model.outcome.word));
  }

  close(): void {
    this.#unsubscribe();
    this.#reconnect.close();
  }

  #update(): void {
    const { status } = this.#model;
    setText(this.#name, status.container);
    const session = status.name === status.container ? "" : `session ${status.name}`;
    const { state, word, detail, failed, over, heed } = this.#model.outcome;
    const kind = word.startsWith("log ") ? "" : kindText(status); // the word has said it
    const received = this.#model.total(STDOUT) + this.#model.total(STDERR);
    const restarts = restartText(status);
    const facts = [restarts, session, kind, silenceText(status, received)];
    setText(this.#facts, facts.filter(Boolean).join(" · "));
    const details = this.#detailsOf(status, word);
    const title = details.map(([name, value]) => `${name}: ${value}`).join("\n");
    if (this.#name.title !== title) {
      this.#name.title = this.#facts.title = this.#state.title = title;
      if (this.detailed) this.#fill(details);
      // Where the line is too narrow, the style sheet leaves out the end of the facts first, then that of the
      // state, then that of a long name: all of it is in the title.
      this.#facts.style.minWidth = `${restarts.length}ch`;
      this.#name.style.flexShrink = status.container.length > NAME ? "" : "0";
    }
    this.#state.dataset.state = status.paused && state === "attached" ? "paused" : state;
    this.#state.dataset.code = shownCode(status);
    this.#state.dataset.complete = String(status.complete);
    setText(this.#word, word);
    this.#reconnect.update();
    // Else it is what everybody expects, and the description of Detach has it.
    setText(this.#leave, heed ? detail : "");
    this.#leave.classList.toggle("hj-error", failed);
    setText(this.#after, over && !heed ? detail : "");
    this.#after.title = over ? detail : "";
    setText(this.#notes, [...status.warnings, stallText(status.stalls)].filter(Boolean).join(" "));
    this.#notes.title = stallList(status.stalls);
  }

  #fill(details: [name: string, value: string][]): void {
    this.#details.replaceChildren(
      ...details.flatMap(([name, value]) => [
        element("dt", "", {}, name),
        element("dd", "", {}, value),
      ]),
    );
  }

  #detailsOf(status: Status, state: string): [name: string, value: string][] {
    const { container_id, image, engine, host, command, kind, started_at, ended_at } = status;
    const details: [string, string][] = [
      ["state", state],
      ["session", status.name === status.container ? "" : status.name],
      ["restarts", String(status.restarts || "")],
      ["container", container_id],
      ["image", image],
      ["engine", host ? `${engine} at ${host}` : engine],
      [kind === "exec" ? "command" : "", command],
      [kind === "logs" ? "read" : "attached", timeText(started_at, ended_at)],
      ["received", this.#counts()],
      ["complete", completenessText(status)],
      ["leaving", status.controls.leave],
    ];
    return details.filter(([name, value]) => name && value);
  }

  #counts(): string {
    const { tty, wants } = this.#model.status;
    const stdout = formatBytes(this.#model.total(STDOUT));
    if (tty) return stdout;
    const counts: string[] = [];
    if (wants.includes("stdout")) counts.push(`${stdout} of stdout`);
    if (wants.includes("stderr"))
      counts.push(`${formatBytes(this.#model.total(STDERR))} of stderr`);
    return counts.join(", ");
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

/** Return the exit code that colours the state; "0" for none. That of an earlier life colours nothing. */
export function shownCode(status: Status): string {
  return isLive(status) ? "0" : String(status.exit_code ?? 0);
}

/** Say that nothing was printed yet, because an empty view seems to have hung; else empty. */
export function silenceText({ state, history }: Status, received: number): string {
  return state === "attached" && received === 0 && !history ? "no output yet" : "";
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

/** Made once in a time zone: that takes longer than all else that an output changes in a header. */
let minute: Intl.DateTimeFormat | undefined;
let offset = 0;

function formatMinute(at: number): string {
  const now = new Date().getTimezoneOffset();
  if (!minute || now !== offset) minute = new Intl.DateTimeFormat([], { timeStyle: "short" });
  offset = now;
  return minute.format(at * 1000);
}

function formatTime(at: number): string {
  return new Date(at * 1000).toLocaleTimeString([], { timeStyle: "medium" });
}
