// Unpacks what a recording comes in: gzip, and in a page of its own base64 of that. No DOM.

/** Return the text of some compressed bytes. */
export async function unpack(packed: Uint8Array): Promise<string> {
  const source = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
  const stream = source.pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

/** Return the bytes that a text in base64 stands for. */
export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let n = 0; n < binary.length; n += 1) bytes[n] = binary.charCodeAt(n);
  return bytes;
}
