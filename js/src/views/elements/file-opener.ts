// How files of the Jupyter server are opened, where the front end can: in JupyterLab and Notebook 7 its
// extension hands this over (extension/file-opener.ts). No DOM.

export interface FileOpener {
  /** The folder of the notebook in front, relative to the server's root; "" is the root. */
  folder(): string;
  /** Return the first of some paths, relative to the server's root, that is a file. */
  find(paths: readonly string[]): Promise<string | undefined>;
  /** Open a file in an editor, at a line and a column (0: not known). */
  open(path: string, line: number, column: number): Promise<void>;
}

let opener: FileOpener | undefined;

export function fileOpener(): FileOpener | undefined {
  return opener;
}

export function useFileOpener(given: FileOpener | undefined): void {
  opener = given;
}
