// The sessions of this page, found by the uid that all parts of a session share, within one widget
// manager. A page may have two widget managers for one kernel (a notebook and its console, or a
// notebook that was closed and opened again), and only a part's own one has live comms. A part may
// come before its session: then it waits. No DOM, no Jupyter.

interface Slot<Model> {
  found: Promise<Model>;
  resolve: (model: Model) => void;
  model: Model | undefined;
}

export class Registry<Model> {
  #owners = new WeakMap<object, Map<string, Slot<Model>>>();

  /** Find a session; resolves as soon as it is there. */
  find(owner: object, uid: string): Promise<Model> {
    const slots = this.#slots(owner);
    let slot = slots.get(uid);
    if (!slot) {
      slot = makeSlot();
      slots.set(uid, slot);
    }
    return slot.found;
  }

  /** Add a session. Of several with one uid the newest is found. */
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

  /** Remove a session, unless another one has taken its place. */
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
