// The doctor's findings on a page, in words, each with its next step. No DOM, no Jupyter.

import type { LinkFailure } from "../direct-link";
import type { Facts, Place } from "../messages";

/** Milliseconds without an answer after which the page says so, and asks again. */
export const SILENCE = 5000;
/** Milliseconds above which an echo is felt to be late. */
const SLOW = 150;

const NEWER_KERNEL = "Install ipykernel 7.1 or newer and restart the kernel.";
const NEWER_PAGE = "Use JupyterLab 4.4 or Notebook 7.4, or newer.";
const RELAY =
  "jupyter server extension enable hyper_jupyter.server, where the server runs; then restart it.";

/** Whether nothing has to be done, or something might, or should; or it is not known yet. */
export type Mark = "ok" | "note" | "fail" | "wait";

export interface Finding {
  mark: Mark;
  text: string;
  /** What to do; empty where there is nothing to do. */
  step: string;
}

/** This bundle. */
export interface Front {
  version: string;
  hash: string;
}

export function frontFinding({ version, hash }: Front, facts: Facts): Finding {
  if (version === facts.version) {
    const text = `The front end runs: version ${version}, bundle ${hash}.`;
    return { mark: "ok", text, step: "" };
  }
  return {
    mark: "fail",
    text: `The front end is of version ${version}, the package of ${facts.version}.`,
    step: "Install the package again (in a checkout: npm run build in js/) and restart the kernel.",
  };
}

export function tripFinding(milliseconds: number): Finding {
  const text = `The way to the kernel and back takes ${formatTime(milliseconds)}.`;
  if (milliseconds <= SLOW) return { mark: "ok", text, step: "" };
  return {
    mark: "note",
    text,
    step: "Echoes come so late: look at the network, or at what else the server and kernel do.",
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
    return { mark: "fail", text, step: "Is it there? Restart it, and ask again." };
  }
  return { mark: "note", text, step: "If a cell runs: the answer comes behind it. Wait for it." };
}

export const SUBSHELL_FINDING: Finding = {
  mark: "ok",
  text: "What is typed arrives while a cell runs: this page uses the kernel's subshells.",
  step: "",
};

/** Why what is typed waits, and whether the link helps. */
export function mainShellFinding(facts: Facts, linked: boolean): Finding {
  const why = facts.subshells
    ? "this front end does not use the kernel's subshells"
    : `ipykernel ${facts.ipykernel} has no subshells`;
  const step = facts.subshells ? NEWER_PAGE : NEWER_KERNEL;
  if (!linked) return { mark: "fail", text: `Typing waits while a cell runs: ${why}.`, step };
  return {
    mark: "note",
    text: `What is typed arrives while a cell runs by the direct link only: ${why}.`,
    step: `To have it without the link, too: ${step}`,
  };
}

export function linkFinding(milliseconds: number, relayed: boolean): Finding {
  const way = relayed ? "through the server" : "straight to the kernel's process";
  const text = `The direct link is there, ${way}: ${formatTime(milliseconds)} there and back.`;
  return { mark: "ok", text, step: "" };
}

export const NO_PORT: Finding = {
  mark: "fail",
  text: "No direct link: the kernel's process has no port for it.",
  step: "Find out what keeps it from listening on 127.0.0.1.",
};

export const BROKEN_LINK: Finding = {
  mark: "fail",
  text: "The direct link was there and broke.",
  step: "Ask again; if it breaks again, see the kernel's log.",
};

/** Why there can be no link; undefined where one may be made. */
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
      step: "Open it by https, or by an address of this machine.",
    };
  }
  if (place === "far" && !facts.relay) {
    return {
      mark: "note",
      text: "No direct link: the page is on another machine, and the server passes none on.",
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
      step: "What is between page and server must let WebSockets pass; see the server's log, too.",
    };
  }
  const whose =
    why === "stranger"
      ? "somebody else answers at the kernel's port"
      : "nobody answers at the kernel's port";
  return {
    mark: "note",
    text: `No direct link: on the browser's machine ${whose}, so the kernel runs elsewhere.`,
    step: RELAY,
  };
}

/** Milliseconds for people: "0.8 ms", "12 ms". */
export function formatTime(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
