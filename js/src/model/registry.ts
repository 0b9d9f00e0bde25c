// The sessions of this page, found by the uid that all parts of one session share, within one
// widget manager: a page may have two for one kernel (a notebook and its console, or a notebook
// that was closed and opened again), and only the own one's comms are alive. Parts may be there
// before their session: they wait for it. No DOM, no Jupyter.

interface Slot<Model> {
  found: Promise<Model>;
  resolve: (model: Model) => void;
  model: Model | undefined;
}

export class Registry<Model> {
  #owners = new WeakMap<object, Map<string, Slot<Model>>>();

  /** The session, now or as soon as it is there. */
  find(owner: object, uid: string): Promise<Model> {
    const slots = this.#slots(owner);
    let slot = slots.get(uid);
    if (!slot) {
      slot = makeSlot();
      slots.set(uid, slot);
    }
    return slot.found;
  }

  /** Put a session there; the newest under a uid is the one that is found. */
  add(owner: object, uid: string, model: Model): void {
    const slots = this.#slots(owner);
    let slot = slots.get(uid);
    if (!slot || slot.model !== undefined) {
      slot = makeSlot();
      slots.set(uid, slot);
    }
    slot.model = model;
    slot.resolve(model);
  }

  /** Take a session away, unless another one has its place. */
  remove(owner: object, uid: string, model: Model): void {
    const slots = this.#slots(owner);
    if (slots.get(uid)?.model === model) slots.delete(uid);
  }

  #slots(owner: object): Map<string, Slot<Model>> {
    let slots = this.#owners.get(owner);
    if (!slots) {
      slots = new Map();
      this.#owners.set(owner, slots);
    }
    return slots;
  }
}

function makeSlot<Model>(): Slot<Model> {
  let resolve: (model: Model) => void = () => {};
  const found = new Promise<Model>((settle) => {
    resolve = settle;
  });
  return { found, resolve, model: undefined };
}
