// The second module of reading: errors, places in files, copies for Markdown, downloads. No pane needs it
// for its first lines.

export { copied } from "../../model/output/copied";
export { LogAids } from "./log-aids";
export { download } from "./transcript-download";
