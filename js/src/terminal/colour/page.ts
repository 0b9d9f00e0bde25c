// The colours of the page around an element, as they are drawn: from JupyterLab's CSS variables if there
// are any, else from what is behind the element. DOM, no xterm.js.

import {
  BLACK,
  ENHANCED,
  isDark,
  over,
  type Paint,
  parse,
  READABLE,
  type Rgb,
  WHITE,
} from "./colour";

export interface Page {
  /** What outputs are written on, and in which colour. */
  paper: Rgb;
  ink: Rgb;
  /** The contrast that its user needs. */
  ratio: number;
  /** Whether the system's colours replace all others. */
  forced: boolean;
  /** The page's colours for some purposes, where it names them. */
  named: Readonly<Record<Name, Paint | undefined>>;
}

type Name = keyof typeof NAMES;

const NAMES = {
  paper: "--jp-layout-color0",
  ink: "--jp-content-font-color1",
  back: "--jp-layout-color1",
  text: "--jp-ui-font-color1",
  quiet: "--jp-ui-font-color2",
  edge: "--jp-border-color2",
  accent: "--jp-brand-color1",
  good: "--jp-success-color1",
  warn: "--jp-warn-color1",
  bad: "--jp-error-color1",
  input: "--jp-input-background",
};

const SYSTEM = { canvas: "Canvas", canvasText: "CanvasText", highlight: "Highlight" };

/** What users ask for by their system's settings. */
const ASKED = {
  dark: "(prefers-color-scheme: dark)",
  contrast: "(prefers-contrast: more)",
  forced: "(forced-colors: active)",
};

const asked = (what: keyof typeof ASKED): boolean => matchMedia(ASKED[what]).matches;

/** Read the colours at an element; those of the document's body while it is not in the document. */
export function readPage(element: HTMLElement): Page {
  const at = element.isConnected ? element : document.body;
  const variables = Object.entries(NAMES).map(([key, name]) => [key, `var(${name}, transparent)`]);
  const found = computed(at, { ...Object.fromEntries(variables), ...SYSTEM });
  const seen = (key: string) => {
    const paint = found[key];
    return paint && paint.alpha > 0 ? paint : undefined;
  };
  const named = Object.fromEntries(
    Object.keys(NAMES).map((key) => [key, seen(key)]),
  ) as Page["named"];
  const forced = asked("forced");
  const canvas = seen("canvas")?.rgb ?? (asked("dark") ? BLACK : WHITE);
  const theme = document.body.dataset.jpThemeName ?? "";
  const more = forced || asked("contrast") || /high.?contrast/i.test(theme);
  const ratio = more ? ENHANCED : READABLE;
  if (forced) {
    const ink = seen("canvasText")?.rgb ?? (isDark(canvas) ? WHITE : BLACK);
    return { paper: canvas, ink, ratio, forced, named: { ...named, accent: seen("highlight") } };
  }
  const behind = named.paper?.alpha === 1 ? named.paper.rgb : backdrop(at, canvas);
  const paper = named.paper ? over(named.paper, behind) : behind;
  const plain: Paint = { rgb: isDark(paper) ? [230, 230, 230] : [31, 35, 40], alpha: 1 };
  return { paper, ink: over(named.ink ?? plain, paper), ratio, forced, named };
}

/**
 * Call back when the page's theme changes, or what the user's system asks for. Returns a function that
 * unsubscribes.
 */
export function watchPage(changed: () => void): () => void {
  watchers.add(changed);
  if (watchers.size === 1)
    unwatch = watch(() => {
      for (const each of watchers) each();
    });
  return () => {
    if (watchers.delete(changed) && watchers.size === 0) unwatch();
  };
}

const watchers = new Set<() => void>();
let unwatch = () => {};

function watch(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  for (const target of [document.body, document.documentElement]) {
    observer.observe(target, {
      attributeFilter: [
        "data-jp-theme-name",
        "data-jp-theme-light",
        "data-theme",
        "theme",
        "class",
        "style",
      ],
    });
  }
  const queries = Object.values(ASKED).map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener("change", changed);
  };
}

/** Return what some CSS colours are at an element. All are computed at once. */
function computed(
  at: HTMLElement,
  colours: Readonly<Record<string, string>>,
): Record<string, Paint | undefined> {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.setProperty("forced-color-adjust", "none");
  const samples = Object.entries(colours).map(([key, colour]) => {
    const sample = document.createElement("i");
    // A mix is computed to numbers, whatever it is a mix of.
    sample.style.color = `color-mix(in srgb, ${colour}, ${colour})`;
    probe.append(sample);
    return [key, sample] as const;
  });
  at.append(probe);
  const found = samples.map(([key, sample]) => [key, parse(getComputedStyle(sample).color)]);
  probe.remove();
  return Object.fromEntries(found);
}

/** Return the background that is behind one of our views. */
function backdrop(at: HTMLElement, canvas: Rgb): Rgb {
  const paints: Paint[] = [];
  let place: Element | undefined = parent(at.closest(".hyper-jupyter") ?? at);
  while (place) {
    const paint = parse(getComputedStyle(place).backgroundColor);
    if (paint) paints.push(paint);
    if (paint?.alpha === 1) break;
    place = parent(place);
  }
  return paints.reduceRight((paper, paint) => over(paint, paper), canvas);
}

/** Return the element around one; around a shadow tree that is its host. */
function parent(element: Element): Element | undefined {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : undefined);
}
