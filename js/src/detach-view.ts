// The Detach button: leave the container, which runs on. Knows the DOM, no Jupyter.

import { element, setText } from "./dom";
import type { SessionModel } from "./session-model";

export class DetachView {
  readonly root: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly status: HTMLElement;
  #model: SessionModel;
  #stop: () => void;

  constructor(model: SessionModel) {
    this.#model = model;
    this.button = element("button", "hj-button hj-detach", { type: "button" }, "Detach");
    this.status = element("span", "hj-status", { role: "status" });
    this.root = element("div", "hj-detach-part", {}, this.button, this.status);
    this.button.addEventListener("click", () => void this.#detach());
    this.#stop = model.onChange(() => this.#update());
    this.#update();
  }

  dispose(): void {
    this.#stop();
  }

  async #detach(): Promise<void> {
    const error = await this.#model.detach();
    setText(this.status, error ?? "");
    this.status.classList.toggle("hj-error", error !== null);
  }

  #update(): void {
    const { detach, leave } = this.#model.status.controls;
    this.button.disabled = detach !== "";
    this.button.title = detach || leave || "leave the container, it runs on";
  }
}
