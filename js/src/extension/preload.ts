// Fetches the bundle when a cell runs that names us, so that the first view need not wait for it. A page
// without such a cell fetches nothing.

/** What is used of JupyterLab's signals. */
interface Signal<Sender, Args> {
  connect(slot: (sender: Sender, args: Args) => void): unknown;
  disconnect(slot: (sender: Sender, args: Args) => void): unknown;
}

/** A message that a kernel sends to all. */
interface Message {
  readonly header?: { readonly msg_type?: string };
  readonly content?: { readonly code?: unknown };
}

/** What is used of a document's context. */
export interface Context {
  readonly sessionContext?: { readonly iopubMessage?: Signal<unknown, Message> };
}

/** What is used of JupyterLab's registry of documents; Voilà has none. */
export interface Documents {
  addWidgetExtension(
    factory: string,
    extension: { createNew(panel: unknown, context: Context): void },
  ): unknown;
}

const NAMES_US = /hyper_jupyter|%hyper(?:_|\b)/;

/** Call `fetch` once, when the first cell of any notebook runs that names us. */
export function preload(documents: Documents | undefined, fetch: () => void): void {
  let done = false;
  documents?.addWidgetExtension("Notebook", {
    createNew: (_panel, { sessionContext }) => {
      const messages = sessionContext?.iopubMessage;
      const look = (_sender: unknown, { header, content }: Message) => {
        if (done) messages?.disconnect(look);
        else if (header?.msg_type === "execute_input" && NAMES_US.test(String(content?.code))) {
          done = true;
          fetch();
        }
      };
      if (!done) messages?.connect(look);
    },
  });
}
