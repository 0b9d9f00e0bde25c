// Whether the user can see an element: it is in the window, and the window is not hidden. DOM only.

/** Call back whenever that changes, and once at the start. Returns a function that ends this. */
export function watchSeen(element: HTMLElement, changed: (seen: boolean) => void): () => void {
  let inside = false;
  let last: boolean | undefined;
  const update = () => {
    const seen = inside && document.visibilityState === "visible";
    if (seen !== last) {
      last = seen;
      changed(seen);
    }
  };
  const observer = new IntersectionObserver((entries) => {
    inside = entries.at(-1)?.isIntersecting ?? false;
    update();
  });
  observer.observe(element);
  document.addEventListener("visibilitychange", update);
  return () => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", update);
  };
}
