// An element of the page's body, in front of the notebook, for a view that leaves its cell. Cells
// clip what they contain, JupyterLab takes them out of the document while they are scrolled away, and
// some of its ways of doing that make "fixed" mean something else inside them. DOM only.

import { element } from "../elements/dom";
import { keepColours } from "../elements/page-colours";

export interface PageLayer {
  readonly root: HTMLElement;
  close(): void;
}

/** Make it, with the style sheet that the view has at its place now. */
export function makePageLayer(near: Node, className: string): PageLayer {
  const root = element("div", `hyper-jupyter ${className}`);
  // The classic notebook takes letters as commands, unless they come from a cell's output.
  for (const kind of ["keydown", "keypress", "keyup"] as const) {
    root.addEventListener(kind, (event) => event.stopPropagation());
  }
  const tree = near.getRootNode();
  if (!(tree instanceof ShadowRoot)) {
    document.body.append(root);
    return shown(root, root);
  }
  const outer = element("div", "");
  const shadow = outer.attachShadow({ mode: "open" });
  const sheets = [...tree.querySelectorAll("style")].map((style) => style.cloneNode(true));
  shadow.append(...sheets, root);
  document.body.append(outer);
  return shown(root, outer);
}

function shown(root: HTMLElement, outer: HTMLElement): PageLayer {
  const forget = keepColours(root);
  const close = () => {
    forget();
    outer.remove();
  };
  return { root, close };
}
