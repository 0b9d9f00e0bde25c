// The second module that moves views out of their cells.

import { addStyle } from "../views/elements/style";
import { PlaceControl, type PlaceOptions } from "../views/place/place-control";
import type { PlaceHost } from "../views/place/place-host";

declare const BUILD: string;
declare const STYLE_SHEET: string;

/** Make what moves a view. The style sheet is where the view is once that is moved. */
export function makePlaceControl(
  root: HTMLElement,
  host: PlaceHost | undefined,
  options: PlaceOptions,
): PlaceControl {
  const begin = () => addStyle(root, `place-${BUILD}`, STYLE_SHEET);
  return new PlaceControl(root, host, options, begin);
}
