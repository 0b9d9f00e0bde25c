// Takes a stream's transcript out of the page: into a file, and plain text to the clipboard.
// Knows the DOM, no Jupyter.

import { STDERR, type Stream } from "../../model/messages";
import type { SessionModel } from "../../model/session-model";

/** Bytes that are asked for at once; the kernel gives no more. */
const PART = 256 * 1024;

/** Have the browser save all that the transcript keeps of a stream, byte by byte. */
export async function download(
  model: SessionModel,
  stream: Stream,
  progress: (text: string) => void,
): Promise<void> {
  const name = stream === STDERR ? "stderr" : "stdout";
  const parts: Uint8Array[] = [];
  let offset = 0;
  let end = Number.POSITIVE_INFINITY;
  while (offset < end) {
    const answer = await model.read(stream, offset, PART);
    if (!answer) {
      progress("the kernel does not answer; try again");
      return;
    }
    // What comes meanwhile is not waited for, or a flood would have no end.
    end = Math.min(end, answer.range.end);
    if (!answer.data.length) break;
    const data = answer.data.slice(0, end - answer.range.offset);
    parts.push(data);
    offset = answer.range.offset + data.length;
    if (offset < end) progress(`reading ${name}: ${Math.floor((100 * offset) / end)} %`);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts as BlobPart[], { type: "text/plain" }));
  link.download = `${model.status.name}-${name}.log`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  progress("");
}

/** Put text into the clipboard; false where the browser refuses. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that came over plain http from another machine has no clipboard: the old way.
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
