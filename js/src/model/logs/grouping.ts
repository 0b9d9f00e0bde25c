// Finds the lines that belong to the line before them: stack traces, and what is indented. No DOM.

/** What a group has shown itself to be, which decides what may follow in it. */
type Kind = "" | "python" | "raised" | "go" | "panicked" | "rust";

const INDENTED = /^[ \t]+\S/;
/** Lines that are not indented and yet go on with what was before. */
const FOLLOWS =
  /^(?:at \S|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|[}\])]|(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)\b)/;
const TRACEBACK = /^Traceback \(most recent call last\):/;
const CHAINED =
  /^(?:During handling of the above exception|The above exception was the direct cause)/;
const GOROUTINE = /^(?:goroutine \d+ .*:$|\[signal )/;
const GO_LINE = /^(?:created by |exit status \d|[\w./$*()[\]{},-]+\(.*\)$)/;
const PANICKED = /^thread '.*' (?:\(\d+\) )?panicked at /;
const RUST_LINE = /^(?:stack backtrace:|note: )/;

export class Grouping {
  #kind: Kind = "";
  #begun = false;
  #blank = false;

  /** Whether a line belongs to those before it. Call it for each line of a stream, in order. */
  continues(line: string): boolean {
    const follows = this.#begun && this.#follows(line);
    if (!follows) this.#kind = "";
    this.#blank = line.trim() === "";
    if (TRACEBACK.test(line)) this.#kind = "python";
    else if (GOROUTINE.test(line)) this.#kind = "go";
    else if (PANICKED.test(line)) this.#kind = "panicked";
    this.#begun = true;
    return follows;
  }

  /** A line has come that surely belongs to nothing before it. */
  begin(): void {
    this.#begun = true;
    this.#blank = false;
    this.#kind = "";
  }

  /** The next line belongs to nothing: what was before it is not known. */
  restart(): void {
    this.#begun = false;
    this.#kind = "";
  }

  #follows(line: string): boolean {
    if (INDENTED.test(line)) return !this.#blank || this.#kind !== "";
    if (line.trim() === "") return this.#kind !== "";
    if (GOROUTINE.test(line)) return true;
    if (this.#kind === "go") return GO_LINE.test(line);
    if (this.#kind === "panicked") {
      this.#kind = "rust";
      return true; // the message is in a line of its own
    }
    if (this.#kind === "rust") return RUST_LINE.test(line);
    if (this.#kind === "python" || this.#kind === "raised") {
      if (CHAINED.test(line) || (TRACEBACK.test(line) && this.#blank)) return true;
      if (this.#blank || this.#kind === "raised") return false;
      // The exception itself is the last line, and stands at the margin.
      const raised = /^[\w.]+(?:: |:?$)/.test(line);
      if (raised) this.#kind = "raised";
      return raised;
    }
    if (this.#blank) return false;
    return FOLLOWS.test(line) || TRACEBACK.test(line);
  }
}
