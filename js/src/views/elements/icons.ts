// The icons on the buttons of a view: 16 units wide, in the colour of the text. DOM only.

import { keepKeys } from "./shortcuts";

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  find: "M10.7 10.7 14.5 14.5M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0Z",
  filter: "M2 3h12L9.5 8.5v4.5l-3-1.5v-3Z",
  error: "M8 2.5 14.5 13.5h-13ZM8 6.5v3.5M8 12h.01",
  copy: "M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3",
  pause: "M5.5 3v10M10.5 3v10",
  resume: "M4.5 2.8v10.4L13 8Z",
  back: "M12.5 3 6.5 8l6 5ZM4 3v10",
  forward: "M3.5 3 9.5 8l-6 5ZM12 3v10",
  split: "M2 3h12v10H2ZM8.5 3v10",
  merged: "M2 3h12v10H2ZM5 6.5h6M5 9.5h6",
  tabs: "M2 6h12v7H2ZM2 6V3h5v3M7 4h4v2",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  previous: "M3.5 10 8 5.5l4.5 4.5",
  next: "M3.5 6 8 10.5 12.5 6",
  close: "M4 4l8 8M12 4l-8 8",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  putBack: "M13.5 2.5 7.5 8.5M7.5 4v4.5H12M6 3.5H2.5v10h10V11",
  move: "M8 2v12M2 8h12M6.2 3.8 8 2l1.8 1.8M6.2 12.2 8 14l1.8-1.8M3.8 6.2 2 8l1.8 1.8M12.2 6.2 14 8l-1.8 1.8",
} as const;

export type Icon = keyof typeof PATHS;

/** Make an icon. The button around it has to say what it stands for. */
export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `hj-icon hj-icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Make a button with only an icon on it. */
export function iconButton(name: Icon, label: string, click: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "hj-icon-button";
  relabel(button, name, label);
  keepKeys(button);
  button.addEventListener("click", click);
  return button;
}

/** Give a button another icon and label. */
export function relabel(button: HTMLButtonElement, name: Icon, label: string): void {
  if (button.title === label) return;
  button.title = label;
  button.ariaLabel = label;
  button.replaceChildren(icon(name));
}
