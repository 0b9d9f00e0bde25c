// The terminal's colours and font: from JupyterLab's CSS variables if there are any, else from the
// colour scheme that the browser prefers. DOM, no Jupyter.

import type { ITheme } from "@xterm/xterm";

export interface Look {
  theme: ITheme;
  /** Backgrounds of the palette that are drawn in other colours than text. */
  papers: Readonly<Record<number, string>>;
  fontFamily: string;
  fontSize: number;
}

const LIGHT: ITheme = {
  black: "#24292f",
  red: "#b3211a",
  green: "#1a6e2d",
  yellow: "#7a5200",
  blue: "#0b5bb5",
  magenta: "#86269b",
  cyan: "#0b6a75",
  white: "#6a737d",
  brightBlack: "#57606a",
  brightRed: "#cf222e",
  brightGreen: "#1f7f37",
  brightYellow: "#8a5d00",
  brightBlue: "#0969da",
  brightMagenta: "#9a3ab0",
  brightCyan: "#117a87",
  brightWhite: "#8c959f",
};

/**
 * The light colours as backgrounds: as text they are dark enough for a light page, but "black on yellow"
 * wants a light yellow. hyper_jupyter/recording/screen/style.py has the same for saved output.
 */
const LIGHT_PAPERS: Readonly<Record<number, string>> = {
  2: "#8fd19e",
  3: "#f2cc60",
  6: "#8bdbe3",
  7: "#d8dee4",
  10: "#b4f1b4",
  11: "#ffe680",
  14: "#b8f0f5",
  15: "#f6f8fa",
};

const DARK: ITheme = {
  black: "#484f58",
  red: "#ff7b72",
  green: "#56d364",
  yellow: "#e3b341",
  blue: "#79c0ff",
  magenta: "#d2a8ff",
  cyan: "#56d4dd",
  white: "#d0d7de",
  brightBlack: "#8b949e",
  brightRed: "#ffa198",
  brightGreen: "#7ee787",
  brightYellow: "#f2cc60",
  brightBlue: "#a5d6ff",
  brightMagenta: "#e2c5ff",
  brightCyan: "#8be9f0",
  brightWhite: "#f6f8fa",
};

const MONOSPACE = "Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Read the colours and the font at an element. */
export function readLook(at: HTMLElement): Look {
  const style = getComputedStyle(at);
  const preferDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const variable = (name: string, fallback: string) =>
    style.getPropertyValue(name).trim() || fallback;
  const background = toHex(variable("--jp-layout-color0", preferDark ? "#111111" : "#ffffff"));
  const dark = luminance(background) < 0.4;
  const foreground = dark ? "#e6e6e6" : "#1f2328";
  return {
    theme: {
      ...(dark ? DARK : LIGHT),
      background,
      foreground,
      cursor: foreground,
      cursorAccent: background,
      selectionBackground: dark ? "#37557f" : "#b6d6fd",
    },
    papers: dark ? {} : LIGHT_PAPERS,
    fontFamily: variable("--jp-code-font-family", MONOSPACE),
    fontSize: Number.parseFloat(variable("--jp-code-font-size", "13px")) || 13,
  };
}

/**
 * Call back when the front end's theme or the browser's colour scheme changes. Returns a function
 * that unsubscribes.
 */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  for (const target of [document.body, document.documentElement]) {
    observer.observe(target, {
      attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class", "style"],
    });
  }
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", changed);
  };
}

/** Convert a CSS colour to #rrggbb. A canvas also takes what xterm may not ("white", "rgb(…)"). */
function toHex(color: string): string {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return color;
  context.fillStyle = color;
  const found = String(context.fillStyle);
  return found.startsWith("#") ? found : "#ffffff";
}

function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  const [red, green, blue] = [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
