// What the parts need of the page: its server's address. DOM.

/** The URL of this page's Jupyter server, for WebSockets. */
export function serverUrl(): string {
  // JupyterLab and Notebook 7 have it in a script element, nbclassic and Voilà on the body.
  let base = document.body.dataset.baseUrl ?? "/";
  try {
    const text = document.getElementById("jupyter-config-data")?.textContent;
    if (text) base = (JSON.parse(text) as { baseUrl?: string }).baseUrl ?? base;
  } catch {
    // The element is not Jupyter's.
  }
  return new URL(base, location.origin.replace(/^http/, "ws")).href;
}
