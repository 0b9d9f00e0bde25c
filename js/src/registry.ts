// The sessions of this page, found by the uid that all parts of one session share.
// Parts may be there before their session: they wait for it. No DOM, no Jupyter.

import type { SessionModel } from "./session-model";

interface Slot {
  model: Promise<SessionModel>;
  resolve: (model: SessionModel) => void;
}

export class Registry {
  #slots = new Map<string, Slot>();

  find(uid: string): Promise<SessionModel> {
    return this.#slot(uid).model;
  }

  add(uid: string, model: SessionModel): void {
    this.#slot(uid).resolve(model);
  }

  remove(uid: string): void {
    this.#slots.delete(uid);
  }

  #slot(uid: string): Slot {
    let slot = this.#slots.get(uid);
    if (!slot) {
      let resolve: Slot["resolve"] = () => {};
      const model = new Promise<SessionModel>((settle) => {
        resolve = settle;
      });
      slot = { model, resolve };
      this.#slots.set(uid, slot);
    }
    return slot;
  }
}
