"""The colours of text as a page draws them, measured in the page."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.jupyter_server import ROOT

__all__ = ["THEMES", "faint", "inject", "pixels", "text_of"]

THEMES = json.loads((ROOT / "tests" / "vectors" / "themes.json").read_text("utf-8"))
"""Themes of others: their names, where they come from, and what their variables are."""

_PATIENCE = 5_000
"""How long to look at texts that can't be read before that counts, in milliseconds."""

_MEASURE = r"""
const numbers = text => {
    const found = text.match(/^(rgba?|color)\((?:srgb )?([^)]*)\)$/)
    if (!found) throw new Error(`not a colour: ${text}`)
    const parts = found[2].split(/[\s,\/]+/).map(Number)
    const whole = found[1] === "color" ? 255 : 1
    return [...parts.slice(0, 3).map(part => part * whole), parts[3] ?? 1]
}
const over = ([r, g, b, share], paper) =>
    [r, g, b].map((part, n) => part * share + paper[n] * (1 - share))
const linear = part => part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4
const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
const contrast = (one, other) => {
    const [a, b] = [luminance(one), luminance(other)]
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}
const paperOf = element => {
    const paints = []
    for (let at = element; at; at = at.parentElement) {
        paints.push(numbers(getComputedStyle(at).backgroundColor))
        if (paints.at(-1)[3] === 1) break
    }
    return paints.reduceRight((paper, paint) => over(paint, paper), [255, 255, 255])
}
"""

_FAINT = (
    _MEASURE
    + r"""
const texts = [...root.querySelectorAll(selector)].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    && element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && element.getClientRects()[0]?.width > 1
    && !element.closest(":disabled, [aria-disabled], .hj-hidden, style, script"))
return [texts.length, ...texts.flatMap(element => {
    const paper = paperOf(element)
    const { color, backgroundColor } = getComputedStyle(element)
    const found = contrast(over(numbers(color), paper), paper)
    // No ink has more than black or white has there.
    const most = Math.max(contrast([0, 0, 0], paper), contrast([255, 255, 255], paper))
    if (found >= Math.min(least, most) - 0.005) return []
    const what = element.className || element.tagName
    const text = element.textContent.slice(0, 30)
    return [`${what} "${text}": ${found.toFixed(2)}, ${color} on ${paper.map(Math.round)}`]
})]
"""
)


def faint(scope: Any, least: float = 4.5, *, inside: str = "*") -> tuple[int, list[str]]:
    """Return how many texts are seen in an element, and which of them have less contrast.

    A terminal is drawn some frames after its theme: all is looked at again in the next frame while
    something has too little.

    Args:
        scope: the element, as a locator.
        least: the contrast that they must have, unless even black and white have less.
        inside: a selector of what is looked at.
    """
    count, *found = scope.evaluate(
        f"""async (root, [selector, least, patience]) => {{
          const look = () => {{{_FAINT}}};
          const end = performance.now() + patience;
          let found = look();
          while (found.length > 1 && performance.now() < end) {{
            await new Promise(requestAnimationFrame);
            found = look();
          }}
          return found;
        }}""",
        [inside, least, _PATIENCE],
    )
    return count, found


def text_of(page: Any, selector: str) -> dict[str, float | str]:
    """Return where the first text of an element begins, and how large it is."""
    measured: dict[str, float | str] = page.evaluate(
        """selector => {
          const element = document.querySelector(selector);
          const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
          let text = walker.nextNode();
          while (text && !text.data.trim()) text = walker.nextNode();
          const range = document.createRange();
          range.selectNodeContents(text);
          const { left } = range.getClientRects()[0];
          const style = getComputedStyle(text.parentElement);
          const { fontSize, fontFamily, lineHeight, color } = style;
          return { left, fontSize, fontFamily, lineHeight, color };
        }""",
        selector,
    )
    return measured


def inject(page: Any, theme: dict[str, Any]) -> None:
    """Give the page the variables of another theme, as one that is loaded does."""
    rules = "".join(f"{name}: {value};" for name, value in theme["variables"].items())
    page.evaluate(
        """([name, css]) => {
          document.getElementById("injected-theme")?.remove();
          const style = document.createElement("style");
          style.id = "injected-theme";
          style.textContent = css;
          document.head.append(style);
          document.body.dataset.jpThemeName = name;
        }""",
        [theme["name"], f":root {{{rules}}}"],
    )


def pixels(page: Any, box: dict[str, float]) -> list[list[int]]:
    """Return the colours of a part of the page as it is on the screen, row by row."""
    picture = page.screenshot(
        clip={name: box[name] for name in ("x", "y", "width", "height")}, scale="css"
    )
    reader = page.context.new_page()  # the page's policy may allow no images
    found: list[list[int]] = reader.evaluate(
        """async data => {
          const image = new Image();
          image.src = `data:image/png;base64,${data}`;
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.width, image.height];
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const { data: all } = context.getImageData(0, 0, image.width, image.height);
          return Array.from({ length: all.length / 4 }, (_, n) => [...all.slice(n * 4, n * 4 + 3)]);
        }""",
        base64.b64encode(picture).decode(),
    )
    reader.close()
    return found
