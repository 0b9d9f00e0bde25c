// What can be done with a place in a file that a pane's output names: open it in the page's editor, if
// the server has such a file, or copy it. The output is a stranger's, so a click asks first. DOM.

import { candidates, type Place, placeText } from "../../model/logs/places";
import type { Choice, Confirmer } from "../../terminal/confirmation";
import { copy } from "../elements/clipboard";
import { fileOpener } from "../elements/file-opener";

/** Milliseconds that a question waits to know whether the server has the file. */
const KNOWN_WITHIN = 1000;

export class PanePlaces {
  #confirmer: Confirmer;
  #subject: string;
  #say: (text: string) => void;
  #turn = 0;

  /** `subject`: what names the places, in one word. `say` shows a short text. */
  constructor(confirmer: Confirmer, subject: string, say: (text: string) => void) {
    this.#confirmer = confirmer;
    this.#subject = subject;
    this.#say = say;
  }

  /** Ask what to do with a place. */
  async ask(place: Place): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const file = await this.#fileOf(place);
    if (turn !== this.#turn) return;
    const { line, column } = place;
    const choices: Choice[] = [];
    if (file) {
      const chosen = () => void fileOpener()?.open(file, line, column);
      choices.push({ label: "Open in the editor", chosen });
    }
    choices.push({ label: "Copy", chosen: () => void this.#copy(placeText(place)) });
    const of = `The ${this.#subject} names a place in a file.`;
    this.#confirmer.ask({
      title: file ? `${of} Open this server's ${file}?` : `${of} Copy it?`,
      detail: placeText(place),
      choices,
    });
  }

  close(): void {
    this.#turn += 1;
  }

  /** Return the file of the server that a place may be in; undefined if none is found in time. */
  async #fileOf({ path }: Place): Promise<string | undefined> {
    const opener = fileOpener();
    const paths = opener ? candidates(path, opener.folder()) : [];
    if (!opener || !paths.length) return undefined;
    let late: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<undefined>((settle) => {
      late = setTimeout(() => settle(undefined), KNOWN_WITHIN);
    });
    const found = await Promise.race([opener.find(paths).catch(() => undefined), waited]);
    clearTimeout(late);
    return found;
  }

  async #copy(text: string): Promise<void> {
    this.#say((await copy(text)) ? "copied" : "the browser did not allow it");
  }
}
