// The second module of lines: structured ones, the filter, folded stack traces, and the view of one
// line. A pane of plain text needs none of it.

export { readFilter } from "../../model/logs/filter/filter";
export { filterHistory } from "../../model/logs/filter/filter-history";
export { lookUp } from "../../model/logs/line-lookup";
export { LineShaper } from "../../model/logs/line-shaper";
export { readLine } from "../../model/logs/log-line";
export { LineView } from "./line-view";
