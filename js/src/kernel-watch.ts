// Watches whether a widget manager still has its kernel. No front end tells a widget that the kernel
// was shut down, and its comms go on taking messages. Beside index.ts the only module of the bundle
// that knows Jupyter; index.ts alone imports it, and it imports nothing.

/** Milliseconds between two looks. */
const INTERVAL = 1000;
/** Looks in a row that must find no kernel: classic notebooks have none while they reconnect. */
const LOOKS = 2;

/** What widget managers say of their kernel; all of it may be missing. */
interface Manager {
  /** JupyterLab, Notebook 7, Voilà: null after a shutdown. */
  readonly kernel?: { readonly isDisposed?: boolean; readonly status?: string } | null;
  /** nbclassic. */
  readonly notebook?: { readonly kernel?: { is_fully_disconnected?(): boolean } | null };
}

/** What has become of a kernel; "" as long as it is there. */
export type End = "" | "shut down" | "died";

/** What a widget manager says of its kernel. One that says nothing has one. */
export function kernelEnd(manager: object | undefined): End {
  const { kernel, notebook } = (manager ?? {}) as Manager;
  if (kernel === null) return "shut down";
  if (kernel !== undefined) {
    if (kernel.status === "dead") return "died"; // it was started again and again, in vain
    return kernel.isDisposed === true ? "shut down" : "";
  }
  if (notebook === undefined) return "";
  const gone = notebook.kernel === null || notebook.kernel?.is_fully_disconnected?.() === true;
  return gone ? "shut down" : "";
}

/** Call back whenever the kernel is gone, or there again. Returns a function that ends this. */
export function watchKernel(manager: object | undefined, changed: (end: End) => void): () => void {
  let misses = 0;
  let last: End = "";
  const timer = setInterval(() => {
    const end = kernelEnd(manager);
    misses = end ? misses + 1 : 0;
    const now = misses >= LOOKS ? end : "";
    if (now === last) return;
    last = now;
    changed(now);
  }, INTERVAL);
  return () => clearInterval(timer);
}
