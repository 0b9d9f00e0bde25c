// Second modules: code that a page loads when it first needs it. What is always there is the core, one
// file. Where a second module comes from, `Source` knows (parts/sources.ts). No DOM, no Jupyter.
//
// Strategy: a second module does not import the core, it is given the core's modules (`make`), so that
// a page has one xterm.js and one of everything else. An import would need the core's address, and a
// core that the kernel sent has none: it came as text, through a Blob. Which modules of the core are
// given is worked out when both are built (js/second.mjs). The same build puts one mark into all of
// them: a second module of another build is refused, because it may use what this core has not.

declare const BUILD: string;

/** A second module, as its file exports it. */
export interface SecondModule {
  /** Which build it is of. */
  readonly build: string;
  /** Run it; `core` returns a module of the core. Returns what it exports. */
  make(core: (name: string) => object): object;
}

/** Where second modules come from. */
export interface Source {
  /** Said of a module that has not come for a long time. */
  readonly late: string;
  /** Fetch one. It rejects with the line for the user. */
  fetch(name: string): Promise<SecondModule>;
}

export const OTHER_BUILD =
  "hyper_jupyter was installed anew since this page was loaded. Reload this page.";

interface Slot {
  arrived: Promise<object>;
  exports: object | undefined;
  resolve(exports: object): void;
  fetching: boolean;
  /** Whom to tell that it cannot be loaded. */
  waiting: Set<(why: string) => void>;
}

export class SecondModules {
  #source: Source | undefined;
  #core: (name: string) => object = () => ({});
  #build: string;
  #slots = new Map<string, Slot>();

  constructor(build: string) {
    this.#build = build;
  }

  /** Said of a module that has not come for a long time. */
  get late(): string {
    return this.#source?.late ?? "";
  }

  /** Say once where they come from, and what they are given. */
  open(source: Source, core: Record<string, object>): void {
    this.#source = source;
    this.#core = (name) => core[name] as object;
  }

  /** Have one from the start: where all of the code is in one file. */
  add(name: string, exports: object): void {
    this.#slot(name).resolve(exports);
  }

  /** One that is there already; undefined if it is not. */
  now<Exports>(name: string): Exports | undefined {
    return this.#slots.get(name)?.exports as Exports | undefined;
  }

  /**
   * Load one, unless it is there. After a failure `failed` is called with the reason, and a later call
   * tries again; if that works, all that wait go on.
   */
  load<Exports>(name: string, failed: (why: string) => void = () => {}): Promise<Exports> {
    const slot = this.#slot(name);
    slot.waiting.add(failed);
    void slot.arrived.then(() => slot.waiting.clear());
    if (!slot.fetching) {
      slot.fetching = true;
      this.#fetch(name).then(slot.resolve, (why: Error) => {
        slot.fetching = false;
        for (const tell of slot.waiting) tell(why.message);
      });
    }
    return slot.arrived as Promise<Exports>;
  }

  async #fetch(name: string): Promise<object> {
    const module = await this.#source?.fetch(name);
    if (module?.build !== this.#build) throw new Error(OTHER_BUILD);
    return module.make(this.#core);
  }

  #slot(name: string): Slot {
    let slot = this.#slots.get(name);
    if (!slot) {
      let resolve: Slot["resolve"] = () => {};
      const arrived = new Promise<object>((settle) => {
        resolve = settle;
      });
      const made: Slot = {
        arrived,
        exports: undefined,
        fetching: false,
        waiting: new Set(),
        resolve: (exports) => {
          made.fetching = true; // there is nothing to fetch any more
          made.exports = exports;
          resolve(exports);
        },
      };
      slot = made;
      this.#slots.set(name, slot);
    }
    return slot;
  }
}

/** Those of this page, or, where kernels send the code, of one kernel. */
export const second = new SecondModules(typeof BUILD === "string" ? BUILD : "");
