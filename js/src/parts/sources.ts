// Where second modules come from: files beside the core, by the extension; or, by anywidget, the
// kernel, because then the page has no address to fetch anything from.

import type { SecondModule, Source } from "../model/second-modules";
import type { WidgetModel } from "./widget-model";

/** Files beside the core. `core` is the core's own address, `build` what makes theirs another one. */
export class FilesBeside implements Source {
  readonly late =
    "The code for this has not arrived from the Jupyter server yet. If it does not come, check the " +
    "network and reload this page.";
  #core: string;
  #build: string;

  constructor(core: string, build: string) {
    this.#core = core;
    this.#build = build;
  }

  async fetch(name: string): Promise<SecondModule> {
    // Browsers keep what the server gives out, so a file of another build has another address.
    const url = new URL(`second/${name}.js?v=${this.#build}`, this.#core);
    try {
      return ((await import(url.href)) as { default: SecondModule }).default;
    } catch (error) {
      throw new Error(
        `The code for this cannot be loaded: ${(error as Error).message || error}. Check that the ` +
          `server has ${url.pathname}, and reload this page.`,
      );
    }
  }
}

/**
 * The hub's widget: a trait for each module. It has those that some widget of the kernel needs, also
 * where it was saved and there is no kernel; others are asked for by a message.
 */
export class FromHub implements Source {
  readonly late =
    "The kernel has not sent the code for this yet. It comes when the running cell has ended; if the " +
    "kernel is gone, run the cell again.";
  #hub: WidgetModel;
  #wanted = new Map<string, (code: string) => void>();

  constructor(hub: WidgetModel) {
    this.#hub = hub;
    this.#listen();
  }

  /** The kernel made another hub, or the notebook was opened again. */
  set hub(hub: WidgetModel) {
    this.#hub = hub;
    this.#listen();
    this.#ask();
  }

  async fetch(name: string): Promise<SecondModule> {
    const code = await new Promise<string>((settle) => {
      this.#wanted.set(name, settle);
      this.#hub.on(`change:${trait(name)}`, this.#ask);
      this.#ask();
    });
    return evaluate(code);
  }

  #listen(): void {
    this.#hub.on("comm_live_update", this.#ask); // a request may have been lost
    for (const name of this.#wanted.keys()) this.#hub.on(`change:${trait(name)}`, this.#ask);
  }

  /** Take what there is of what is wanted, and ask for the rest. */
  #ask = (): void => {
    for (const [name, settle] of this.#wanted) {
      const code = this.#hub.get(trait(name));
      if (typeof code === "string" && code) {
        this.#wanted.delete(name);
        settle(code);
      } else {
        this.#hub.send({ type: "second", name });
      }
    }
  };
}

function trait(name: string): string {
  return `second_${name}`;
}

/**
 * Run a module that came as text. anywidget has run the core from a Blob; where a front end runs it in
 * another way, its policy may allow only what the second way needs ('unsafe-eval').
 */
export async function evaluate(code: string): Promise<SecondModule> {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return ((await import(url)) as { default: SecondModule }).default;
  } catch (error) {
    try {
      return new Function(`"use strict"; ${code.replace("export default", "return")}`)();
    } catch {
      throw new Error(
        `The code for this cannot be run: ${(error as Error).message || error}. Allow scripts from ` +
          "blob: in the page's content security policy, and reload this page.",
      );
    }
  } finally {
    URL.revokeObjectURL(url);
  }
}
