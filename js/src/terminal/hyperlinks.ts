// Links in a terminal, in plain text and from OSC 8: only to http and https, and never opened without
// a question that shows where they lead. No Jupyter.

import { WebLinksAddon } from "@xterm/addon-web-links";
import type { Terminal } from "@xterm/xterm";
import type { Confirmer } from "./confirmation";
import { safeLink } from "./sequence-filter";

const ADDRESS = /https?:\/\/[^\s"'<>`]+/g;
/** Characters that end a sentence rather than an address. */
const TRAILING = /[.,;:!?)\]}]+$/;

export class Hyperlinks {
  #subject: string;
  #frame: HTMLElement;
  #confirmer: Confirmer;

  /** `subject`: what shows them, in one word. */
  constructor(terminal: Terminal, frame: HTMLElement, confirmer: Confirmer, subject: string) {
    this.#subject = subject;
    this.#frame = frame;
    this.#confirmer = confirmer;
    const hover = (_event: MouseEvent, text: string) => {
      this.#frame.title = safeLink(text)?.href ?? "";
    };
    const leave = () => this.#frame.removeAttribute("title");
    const activate = (_event: MouseEvent, text: string) => this.ask(text);
    // Filled, not replaced: a change of an option would have an open terminal write its style sheets anew.
    const links = { activate, hover, leave, allowNonHttpProtocols: false };
    const { linkHandler } = terminal.options;
    if (linkHandler) Object.assign(linkHandler, links);
    else terminal.options.linkHandler = links;
    terminal.loadAddon(new WebLinksAddon(activate, { hover, leave }));
  }

  /** Ask whether to open a link. The pane's menu calls this for users without a mouse. */
  ask(text: string): void {
    const link = safeLink(text);
    if (!link) return;
    this.#confirmer.ask({
      title: `The ${this.#subject} shows a link to ${link.host}. Open it?`,
      detail: link.href,
      choices: [{ label: "Open in a new tab", href: link.href }],
    });
  }
}

/** Find the addresses in lines of text, each once, the newest last. */
export function addresses(lines: readonly string[]): string[] {
  const found = lines.flatMap((line) => line.match(ADDRESS) ?? []);
  const links = found.flatMap((text) => safeLink(text.replace(TRAILING, ""))?.href ?? []);
  return [...new Set(links.reverse())].reverse();
}
