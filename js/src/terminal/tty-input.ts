// Sends keys, pastes and mouse reports of a terminal to the container. DOM, no Jupyter.
//
// JupyterLab and Notebook 7 leave keys alone if the element has data-lm-suppress-shortcuts; nbclassic
// does so inside every widget, because ipywidgets makes it.

import type { IDisposable, Terminal } from "@xterm/xterm";
import type { SessionModel } from "../model/session-model";
import type { Confirmer } from "./confirmation";
import { scrollByKey } from "./scrolling/scroll-keys";

/** Milliseconds within which a second Esc leaves the terminal. */
const ESCAPE_WITHIN = 400;
const ESCAPE_SETTING = "hyper_jupyter:escape-leaves";
const SHOWN_LINES = 6;
const SHOWN_COLUMNS = 200;

/** Whether Esc, pressed twice, takes the focus out of a terminal, in this browser. */
export function escapeLeaves(): boolean {
  try {
    return localStorage.getItem(ESCAPE_SETTING) !== "no";
  } catch {
    return true; // the browser keeps nothing for this page
  }
}

/** Set that for all terminals in this browser. Ctrl+Shift+. always works. */
export function setEscapeLeaves(on: boolean): void {
  try {
    if (on) localStorage.removeItem(ESCAPE_SETTING);
    else localStorage.setItem(ESCAPE_SETTING, "no");
  } catch {
    // The browser keeps nothing for this page, so the default stays.
  }
}

/** How the focus leaves a terminal, as a screen reader says it. */
export function leaveHint(): string {
  return escapeLeaves()
    ? "Escape twice leaves the terminal"
    : "Control+Shift+. leaves the terminal";
}

export interface TtyInputCallbacks {
  confirmer: Confirmer;
  /** Whether data that the terminal wants to send is an answer that it must not give. */
  isUnwantedAnswer(data: string): boolean;
  /** Put the focus next to the terminal. */
  leave(): void;
}

export class TtyInput {
  #terminal: Terminal;
  #model: SessionModel;
  #callbacks: TtyInputCallbacks;
  #escapedAt = Number.NEGATIVE_INFINITY;
  #listening = new AbortController();
  #disposables: IDisposable[];
  #unsubscribe: () => void;

  constructor(
    terminal: Terminal,
    model: SessionModel,
    frame: HTMLElement,
    callbacks: TtyInputCallbacks,
  ) {
    this.#terminal = terminal;
    this.#model = model;
    this.#callbacks = callbacks;
    terminal.attachCustomKeyEventHandler((event) => this.#takes(event));
    this.#disposables = [
      terminal.onData((data) => {
        if (!callbacks.isUnwantedAnswer(data)) void model.input(data);
      }),
      terminal.onBinary((data) => void model.input(data, { binary: true })),
    ];
    const { signal } = this.#listening;
    frame.addEventListener("paste", (event) => this.#paste(event), { signal, capture: true });
    frame.addEventListener("copy", () => this.#copied(), { signal });
    for (const kind of ["keydown", "keypress", "keyup"] as const) {
      frame.addEventListener(kind, (event) => this.#keep(event), { signal });
    }
    this.#unsubscribe = model.onChange(() => this.#update());
    this.#update();
  }

  close(): void {
    this.#unsubscribe();
    this.#listening.abort();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Paste a text into the container, after a question if the program would run its lines. */
  paste(pasted: string): void {
    if (this.#terminal.options.disableStdin) return;
    const text = harmless(pasted);
    if (!text) return;
    const lines = text.replace(/\n$/, "").split("\n");
    if (!text.includes("\n") || this.#terminal.modes.bracketedPasteMode) {
      this.#terminal.paste(text);
      return;
    }
    const one = lines.map((line) => line.trim()).join(" ");
    this.#callbacks.confirmer.ask({
      title:
        lines.length === 1
          ? "The line ends with Enter, which the program takes immediately. Paste it?"
          : `The program takes each of the ${lines.length} lines as if Enter were pressed. Paste them?`,
      detail: preview(lines),
      choices: [
        { label: "Paste", chosen: () => this.#terminal.paste(text) },
        { label: "Paste as one line", chosen: () => this.#terminal.paste(one) },
      ],
    });
  }

  #paste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.paste(event.clipboardData?.getData("text/plain") ?? "");
  }

  /** After a Ctrl-C that copied, the next one interrupts. */
  #copied(): void {
    setTimeout(() => this.#terminal.clearSelection());
  }

  /** Whether the terminal takes the key. Copy and paste belong to the browser. */
  #takes(event: KeyboardEvent): boolean {
    // A terminal that takes no input must not keep Tab either.
    if (this.#terminal.options.disableStdin) return scrollByKey(this.#terminal, event);
    if (event.type !== "keydown") return true;
    if (isCopy(event)) {
      if (event.shiftKey) {
        event.preventDefault(); // the browser would open its developer tools
        if (this.#terminal.hasSelection()) document.execCommand("copy");
        return false;
      }
      if (this.#terminal.hasSelection() || event.metaKey) return false;
    }
    if (isPaste(event)) return false;
    if (event.ctrlKey && event.shiftKey && event.code === "Period") {
      this.#leaveSoon();
      return false;
    }
    if (event.key === "Escape" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (event.repeat) return true;
      const twice = event.timeStamp - this.#escapedAt < ESCAPE_WITHIN;
      this.#escapedAt = twice ? Number.NEGATIVE_INFINITY : event.timeStamp;
      if (twice && escapeLeaves()) this.#leaveSoon();
    } else if (!["Shift", "Control", "Alt", "Meta"].includes(event.key)) {
      this.#escapedAt = Number.NEGATIVE_INFINITY;
    }
    return true;
  }

  /** Move the focus out after the terminal has handled the key, which the container gets too. */
  #leaveSoon(): void {
    setTimeout(() => this.#callbacks.leave());
  }

  /** Keep a terminal's keys from everything else on the page, such as an extension that listens. */
  #keep(event: KeyboardEvent): void {
    if (!this.#terminal.options.disableStdin) event.stopPropagation();
  }

  #update(): void {
    const { stdin } = this.#model.status.controls;
    const off = stdin !== "";
    if (this.#terminal.options.disableStdin === off) return;
    this.#terminal.options.disableStdin = off;
    if (off) {
      this.#callbacks.confirmer.hide();
      // The program may have ended with mouse modes on, in which no text can be selected.
      this.#terminal.write("\x1b[?9;1000;1002;1003;1004l");
    }
  }
}

const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

function isCopy(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "c";
}

/** On a Mac Ctrl-V is the program's. */
function isPaste(event: KeyboardEvent): boolean {
  const command = MAC ? event.metaKey : event.ctrlKey;
  return command && !event.altKey && event.key.toLowerCase() === "v";
}

/**
 * Remove what a keyboard could not have typed. An Esc could end a bracketed paste, or be a command
 * of the program.
 */
export function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are removed
  return text.replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}

/** Return the first lines, cut to a length that a user reads. */
export function preview(lines: readonly string[]): string {
  const shown = lines
    .slice(0, SHOWN_LINES)
    .map((line) => (line.length > SHOWN_COLUMNS ? `${line.slice(0, SHOWN_COLUMNS)}…` : line));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join("\n");
}
