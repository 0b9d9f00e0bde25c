// The sessions of this page, found by the uid that all parts of one session share.
// Parts may be there before their session: they wait for it. No DOM, no Jupyter.

interface Slot<Model> {
  model: Promise<Model>;
  resolve: (model: Model) => void;
}

export class Registry<Model> {
  #slots = new Map<string, Slot<Model>>();

  find(uid: string): Promise<Model> {
    return this.#slot(uid).model;
  }

  add(uid: string, model: Model): void {
    this.#slot(uid).resolve(model);
  }

  remove(uid: string): void {
    this.#slots.delete(uid);
  }

  #slot(uid: string): Slot<Model> {
    let slot = this.#slots.get(uid);
    if (!slot) {
      let resolve: Slot<Model>["resolve"] = () => {};
      const model = new Promise<Model>((settle) => {
        resolve = settle;
      });
      slot = { model, resolve };
      this.#slots.set(uid, slot);
    }
    return slot;
  }
}
