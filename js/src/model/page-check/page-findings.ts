// The doctor's findings on a page in words, each with its next step. Pure functions: no DOM, no
// Jupyter.

import type { LinkFailure } from "../direct-link";
import type { Facts, Place } from "../messages";

/** Milliseconds without an answer after which the page says so, and pings again. */
export const SILENCE = 5000;
/** Milliseconds above which a user feels that an echo is late. */
const SLOW = 150;

const NEWER_KERNEL = "Install ipykernel 7.1 or newer and restart the kernel.";
const NEWER_PAGE = "Use JupyterLab 4.4 or Notebook 7.4, or newer.";
const RELAY =
  "Run jupyter server extension enable hyper_jupyter.server where the server runs, and restart it.";

/** Nothing has to be done, something may be done, something should be done, or not known yet. */
export type Mark = "ok" | "note" | "fail" | "wait";

export interface Finding {
  mark: Mark;
  text: string;
  /** What to do; empty if there is nothing to do. */
  step: string;
}

/** This bundle. */
export interface Front {
  version: string;
  hash: string;
  /** Whether it comes from the server's extension; else the kernel sent it, through anywidget. */
  extension: boolean;
}

export function frontFinding({ version, hash, extension }: Front, facts: Facts): Finding {
  const source = extension ? "the Jupyter server's extension" : "the kernel, through anywidget";
  if (version === facts.version) {
    const text = `The front end runs: version ${version}, bundle ${hash}, from ${source}.`;
    return { mark: "ok", text, step: "" };
  }
  const text = `The front end (${source}) has version ${version}, the package has version ${facts.version}.`;
  if (extension) {
    // They understand each other, or nothing would be shown.
    const step = `Install hyper_jupyter ${facts.version} where the Jupyter server runs, and reload the page.`;
    return { mark: "note", text, step };
  }
  return {
    mark: "fail",
    text,
    step: "Install the package again (in a checkout: npm run build in js/) and restart the kernel.",
  };
}

export function tripFinding(milliseconds: number): Finding {
  const text = `A message to the kernel and back takes ${formatTime(milliseconds)}.`;
  if (milliseconds <= SLOW) return { mark: "ok", text, step: "" };
  return {
    mark: "note",
    text,
    step: "Typing will feel slow: check the network and the load of the server and the kernel.",
  };
}

export function silentFinding(facts: Facts): Finding {
  const text = `The kernel has not answered for ${SILENCE / 1000} s.`;
  if (facts.ipykernel.startsWith("7.0.")) {
    return {
      mark: "fail",
      text: `${text} ipykernel ${facts.ipykernel} cannot publish from threads.`,
      step: NEWER_KERNEL,
    };
  }
  if (facts.subshells) {
    return { mark: "fail", text, step: "Restart the kernel and run %hyper_doctor again." };
  }
  const step = "If a cell is running, the answer comes when it ends: wait for it.";
  return { mark: "note", text, step };
}

export const SUBSHELL_FINDING: Finding = {
  mark: "ok",
  text: "Typed text arrives while a cell runs: this page uses the kernel's subshells.",
  step: "",
};

/** Why typed text waits while a cell runs, and whether the direct link helps. */
export function mainShellFinding(facts: Facts, linked: boolean): Finding {
  const why = facts.subshells
    ? "this front end does not use the kernel's subshells"
    : `ipykernel ${facts.ipykernel} has no subshells`;
  const step = facts.subshells ? NEWER_PAGE : NEWER_KERNEL;
  if (!linked) return { mark: "fail", text: `Typing waits while a cell runs: ${why}.`, step };
  return {
    mark: "note",
    text: `Typed text arrives while a cell runs, but by the direct link only: ${why}.`,
    step: `To have that without the link too: ${step}`,
  };
}

export function linkFinding(milliseconds: number, relayed: boolean): Finding {
  const way = relayed ? "through the server" : "straight to the kernel's process";
  const text = `The direct link works, ${way}: ${formatTime(milliseconds)} there and back.`;
  return { mark: "ok", text, step: "" };
}

export const NO_PORT: Finding = {
  mark: "fail",
  text: "No direct link: the kernel's process has no port for it.",
  step: "Find out why it cannot listen on 127.0.0.1.",
};

export const BROKEN_LINK: Finding = {
  mark: "fail",
  text: "The direct link broke.",
  step: "Run %hyper_doctor again; if the link breaks again, see the kernel's log.",
};

/** Why there can be no direct link; undefined if one may be made. */
export function noLinkFinding(facts: Facts, place: Place): Finding | undefined {
  if (!facts.link) {
    return {
      mark: "note",
      text: "No direct link: it is turned off.",
      step: "hj.configure(direct_link=True), reload the page and run %hyper_doctor again.",
    };
  }
  if (place === "") {
    return {
      mark: "note",
      text: "No direct link: the page came by plain http from another machine.",
      step: "Open the page by https, or at an address of this machine.",
    };
  }
  if (place === "far" && !facts.relay) {
    return {
      mark: "note",
      text: "No direct link: the page is on another machine, and the server does not pass links on.",
      step: RELAY,
    };
  }
  return undefined;
}

export function failedLinkFinding(why: LinkFailure, facts: Facts, place: Place): Finding {
  if (place === "far" || facts.relay) {
    return {
      mark: "fail",
      text: "No direct link: the server says that it passes links on, but none comes through.",
      step: "Let every proxy between page and server pass WebSockets on, and see the server's log.",
    };
  }
  const whose =
    why === "stranger"
      ? "another program answers at the kernel's port"
      : "nothing answers at the kernel's port";
  return {
    mark: "note",
    text: `No direct link: on the browser's machine ${whose}, so the kernel runs elsewhere.`,
    step: RELAY,
  };
}

/** Format milliseconds: "0.8 ms", "12 ms". */
export function formatTime(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
