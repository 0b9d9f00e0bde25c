// Lets the browser save a stream's transcript to a file. DOM, no Jupyter.

import type { Stream } from "../../model/messages";
import { nameOf } from "../../model/output/shown";
import type { SessionModel } from "../../model/session-model";
import { readTranscript } from "../../model/transcript/transcript";

/** Milliseconds after which the browser does not need the data any more. */
const SAVED_WITHIN = 60_000;

/** Save everything that the transcript keeps of a stream, byte for byte. `say` gets the progress. */
export async function download(
  model: SessionModel,
  stream: Stream,
  say: (text: string) => void,
): Promise<void> {
  const name = nameOf(stream);
  const progress = (percent: number) => say(`reading ${name}: ${percent} %`);
  const parts = await readTranscript(model, stream, progress);
  if (!parts) {
    say("the kernel does not answer; try again");
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts as BlobPart[], { type: "text/plain" }));
  link.download = `${model.status.name}-${name}.log`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_WITHIN);
  say("");
}
