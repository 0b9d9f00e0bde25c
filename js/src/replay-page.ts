// The entry of a page that plays one recording and has everything that it needs in itself
// (hyper_jupyter/recording/page.py makes it). Nothing imports this module.

import { readCast } from "./model/replay/recording";
import { ReplayModel } from "./model/replay/replay-model";
import { fromBase64, unpack } from "./model/replay/unpack";
import { second } from "./model/second-modules";
import * as search from "./terminal/terminal-search";
import { element } from "./views/elements/dom";
import { keepColours } from "./views/elements/page-colours";
import { ReplayView } from "./views/replay/replay-view";

declare const STYLE_SHEET: string;

// There is nothing here to load it from.
second.add("search", search);

async function play(place: HTMLElement, data: string): Promise<void> {
  const { recording, rows } = JSON.parse(data) as { recording: string; rows: number };
  const model = new ReplayModel(await readCast(await unpack(fromBase64(recording))));
  const view = new ReplayView(model, { rows, layout: "split" });
  document.head.append(element("style", "", { textContent: STYLE_SHEET }));
  place.classList.add("hyper-jupyter", "hj-part-replay");
  keepColours(place);
  place.replaceChildren(view.root);
}

const place = document.getElementById("hj-player");
const data = document.getElementById("hj-recording")?.textContent;
// Without any of these the text stays that stands in the place of the player.
if (place && data) void play(place, data);
