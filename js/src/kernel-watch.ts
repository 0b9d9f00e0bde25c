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

/** Whether a widget manager says that it has no kernel. One that says nothing has one. */
export function hasNoKernel(manager: object | undefined): boolean {
  const { kernel, notebook } = (manager ?? {}) as Manager;
  if (kernel === null) return true;
  if (kernel !== undefined) return kernel.isDisposed === true || kernel.status === "dead";
  if (notebook === undefined) return false;
  return notebook.kernel === null || notebook.kernel?.is_fully_disconnected?.() === true;
}

/** Call back whenever the kernel is gone, or there again. Returns a function that ends this. */
export function watchKernel(
  manager: object | undefined,
  changed: (gone: boolean) => void,
): () => void {
  let misses = 0;
  const timer = setInterval(() => {
    const before = misses >= LOOKS;
    misses = hasNoKernel(manager) ? misses + 1 : 0;
    const gone = misses >= LOOKS;
    if (gone !== before) changed(gone);
  }, INTERVAL);
  return () => clearInterval(timer);
}
