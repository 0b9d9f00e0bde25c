// Choices of the user that this browser remembers, by name. DOM only.

const KEY = "hyper-jupyter:choices";
/** Names whose choices are remembered; the oldest is forgotten. */
const MOST = 100;

/** What is remembered under a name: for good, or until the page's tab is closed. */
export class Remembered<T extends object> {
  #name: string;
  #storage: () => Storage;

  constructor(name: string, forGood: boolean) {
    this.#name = name;
    // Where a browser keeps nothing for a page, already the access fails.
    this.#storage = () => (forGood ? localStorage : sessionStorage);
  }

  get<K extends keyof T>(key: K): T[K] | undefined {
    return (this.#read().find(([name]) => name === this.#name)?.[1] as Partial<T> | undefined)?.[
      key
    ];
  }

  set<K extends keyof T>(key: K, value: T[K] | undefined): void {
    const all = this.#read();
    const mine = all.find(([name]) => name === this.#name)?.[1];
    const others = all.filter(([name]) => name !== this.#name);
    const changed: [string, object] = [this.#name, { ...mine, [key]: value }];
    try {
      this.#storage().setItem(KEY, JSON.stringify([...others, changed].slice(-MOST)));
    } catch {
      // The browser keeps nothing for this page.
    }
  }

  #read(): [name: string, choices: object][] {
    try {
      const value: unknown = JSON.parse(this.#storage().getItem(KEY) ?? "[]");
      if (!Array.isArray(value)) return [];
      return value.filter((entry) => Array.isArray(entry) && typeof entry[1] === "object");
    } catch {
      return [];
    }
  }
}
