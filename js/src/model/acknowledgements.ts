// Keeps account of which outputs are drawn, and decides when to acknowledge them. No DOM, no Jupyter.
//
// While little happens, little is sent: a page that sends just after it has received makes its
// system delay the TCP acknowledgement, and a server that has not set TCP_NODELAY waits for that
// before its next small message (40 ms). So few bytes are acknowledged late, or with a request.

/** Bytes that are acknowledged soon; fewer wait for ACK_LATE. */
export const ACK_BYTES = 64 * 1024;
/** Milliseconds in which many bytes are acknowledged, and few. */
export const ACK_SOON = 20;
export const ACK_LATE = 1000;

export class Acknowledgements {
  #send: (seq: number) => void;
  #received = 0;
  #drawing = new Set<number>();
  #bytes = 0;
  #acknowledged = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;

  /** `send` takes the number up to which everything is drawn. */
  constructor(send: (seq: number) => void) {
    this.#send = send;
  }

  /** The highest number of an output that was taken. */
  get received(): number {
    return this.#received;
  }

  /** An output was taken, for the first time or again. */
  receive(seq: number): void {
    this.#received = Math.max(this.#received, seq);
  }

  /** An output is going to be drawn. Until `drawn`, no acknowledgement covers it. */
  drawing(seq: number): void {
    this.#drawing.add(seq);
  }

  drawn(seq: number, bytes: number): void {
    this.#drawing.delete(seq);
    this.#bytes += bytes;
    this.schedule(this.#bytes >= ACK_BYTES ? ACK_SOON : ACK_LATE);
  }

  /** Send an acknowledgement within `delay` milliseconds, if there is anything to acknowledge. */
  schedule(delay: number): void {
    const at = Date.now() + delay;
    if (at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => {
      const before = this.#acknowledged;
      const seq = this.take();
      if (seq > before) this.#send(seq);
    }, delay);
  }

  /** Return the number up to which everything is drawn. The caller must send it: none is due now. */
  take(): number {
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
    // Numbers are unique over all pages, so this page does not get every one: what it is not
    // drawing is done.
    const seq = this.#drawing.size ? Math.min(...this.#drawing) - 1 : this.#received;
    if (seq > this.#acknowledged) this.#bytes = 0;
    this.#acknowledged = Math.max(this.#acknowledged, seq);
    return this.#acknowledged;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
