// Copies text to the clipboard. DOM only.

/** Copy text to the clipboard. Resolves to false if the browser refuses. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that came by plain http from another machine has no clipboard. The old way works.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    const back = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (back instanceof HTMLElement) back.focus();
    return done;
  }
}
