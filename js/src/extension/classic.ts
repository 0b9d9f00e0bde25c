// The module of nbclassic, which loads modules with require.js, under the name in MODULE (see
// classic-extension.js).

import type { Base } from "./jupyter";
import { load } from "./loader";
import { widgetClasses } from "./widget";

declare const HASH: string;
declare function define(needs: string[], factory: (base: Base) => unknown): void;

const here = (document.currentScript as HTMLScriptElement).src;

define(["@jupyter-widgets/base"], (base) => {
  const url = new URL(`bundle.js?v=${HASH}`, here).href;
  return widgetClasses(base, () => load(url, HASH));
});
