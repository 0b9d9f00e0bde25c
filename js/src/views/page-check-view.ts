// The doctor's findings on this page, as a list. DOM, no Jupyter.

import { type PageCheck, TOPICS, type Topic } from "../model/page-check/page-check";
import type { Mark } from "../model/page-check/page-findings";
import { element, setText } from "./elements/dom";

const WORDS: Record<Mark, string> = { ok: "ok", note: "note", fail: "FAIL", wait: "…" };

interface Row {
  root: HTMLElement;
  word: HTMLElement;
  text: HTMLElement;
  step: HTMLElement;
}

export class PageCheckView {
  readonly root: HTMLElement;
  #check: PageCheck;
  #rows = new Map<Topic, Row>();
  #summary = element("span", "hj-fact", { role: "status" });
  #unsubscribe: () => void;

  constructor(check: PageCheck) {
    this.#check = check;
    const list = element("ul", "hj-findings", { role: "list" });
    for (const topic of TOPICS) {
      const row = makeRow(topic);
      this.#rows.set(topic, row);
      list.append(row.root);
    }
    const name = element("strong", "hj-name", {}, "Seen from this page");
    const facts = element("div", "hj-facts", {}, name, this.#summary);
    const header = element("header", "hj-header", {}, facts);
    this.root = element("section", "hj-doctor", { ariaLabel: "page self-test" }, header, list);
    this.#unsubscribe = check.onChange(() => this.#update());
    this.#update();
  }

  close(): void {
    this.#unsubscribe();
  }

  #update(): void {
    for (const topic of TOPICS) {
      const { mark, text, step } = this.#check.findings[topic];
      const row = this.#rows.get(topic) as Row;
      row.root.dataset.mark = mark;
      setText(row.word, WORDS[mark]);
      setText(row.text, text);
      setText(row.step, step);
      row.step.hidden = step === "";
    }
    // A screen reader reads this once, and not each finding as it comes.
    setText(this.#summary, this.#check.done ? this.#counts() : "measuring…");
  }

  #counts(): string {
    const marks = TOPICS.map((topic) => this.#check.findings[topic].mark);
    const count = (mark: Mark) => marks.filter((one) => one === mark).length;
    const kinds: Mark[] = ["ok", "note", "fail"];
    const words = kinds.filter(count).map((mark) => `${count(mark)} ${WORDS[mark]}`);
    return words.join(", ");
  }
}

function makeRow(topic: Topic): Row {
  const word = element("span", "hj-mark");
  const text = element("span", "hj-finding-text");
  const step = element("span", "hj-step");
  const state = element(
    "span",
    "hj-finding-state",
    {},
    element("span", "hj-dot", { ariaHidden: "true" }),
    word,
  );
  const words = element("div", "hj-finding-words", {}, text, step);
  const root = element("li", "hj-finding", {}, state, words);
  root.dataset.topic = topic;
  return { root, word, text, step };
}
