// Opens files of the server in the front end's own editor, by JupyterLab's commands. A front end that
// lacks one of them opens nothing. What a container prints never comes here without a question.

/** What is used of JupyterLab's application. */
export interface Application {
  readonly commands?: {
    hasCommand(id: string): boolean;
    execute(id: string, args: object): Promise<unknown>;
  };
  readonly serviceManager?: {
    readonly contents: { get(path: string, options: object): Promise<{ type: string }> };
  };
  readonly shell?: { readonly currentWidget?: { readonly context?: { path?: string } } | null };
}

/** What is used of the widget of a document. */
type Opened =
  | { readonly context?: { readonly ready?: Promise<void> }; readonly revealed?: Promise<void> }
  | undefined;

const OPEN = "docmanager:open";
const GO_TO_LINE = "fileeditor:go-to-line";

/** Make what the bundle's views open files with (src/views/elements/file-opener.ts). */
export function makeFileOpener({ commands, serviceManager, shell }: Application) {
  return {
    folder(): string {
      const path = shell?.currentWidget?.context?.path ?? "";
      return path.slice(0, Math.max(0, path.lastIndexOf("/")));
    },
    async find(paths: readonly string[]): Promise<string | undefined> {
      if (!commands?.hasCommand(OPEN) || !serviceManager) return undefined;
      for (const path of paths) {
        try {
          const { type } = await serviceManager.contents.get(path, { content: false });
          if (type === "file") return path;
        } catch {
          // There is no such file.
        }
      }
      return undefined;
    },
    async open(path: string, line: number, column: number): Promise<void> {
      const widget = (await commands?.execute(OPEN, { path, factory: "Editor" })) as Opened;
      // With the text comes a new cursor.
      await widget?.context?.ready;
      await widget?.revealed;
      if (!commands?.hasCommand(GO_TO_LINE)) return;
      await commands.execute(GO_TO_LINE, { line, column: column || 1 });
    },
  };
}
