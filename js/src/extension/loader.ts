// Loads the bundle from the server that this script came from, once it is needed: when the first widget
// of ours is made, or a little earlier (preload.ts). No Jupyter here.

/** What the bundle (src/index.ts) has for the widgets. */
export interface Bundle<Model> {
  initialize(model: Model, early: never[]): (() => void) | undefined;
  /** `places`: what the front end lends for views that leave their cells, if it lends anything. */
  render(model: Model, el: HTMLElement, places?: object): (() => void) | undefined;
}

/** Milliseconds after which a part that waits for the bundle says so. */
export const LATE_AFTER = 5000;

export const NOT_YET =
  "hyper_jupyter's code has not arrived from the Jupyter server yet. If it does not come, check the " +
  "network and reload this page.";

/** A bundle that cannot be loaded; its message is the line for the user. */
export class LoadFailure extends Error {}

/** Fetch the module at `url`, and let it prepare. If that fails, the first view says why. */
export async function loadEarly(url: string): Promise<void> {
  try {
    ((await import(url)) as { prepare(): void }).prepare();
  } catch {}
}

/**
 * Import the module at `url` and open the bundle in it. `opener` is what it opens files of the server
 * with, where the front end can do that.
 */
export async function load<Model>(
  url: string,
  hash: string,
  opener?: unknown,
): Promise<Bundle<Model>> {
  let blocked = "";
  const note = (event: SecurityPolicyViolationEvent) => {
    if (event.blockedURI.startsWith(url)) blocked = event.effectiveDirective;
  };
  document.addEventListener("securitypolicyviolation", note);
  try {
    const module = (await import(url)) as {
      open(hash: string, opener?: unknown): Bundle<Model>;
    };
    return module.open(hash, opener);
  } catch (error) {
    // The event comes in a task of its own, maybe after the import has failed.
    await new Promise((settle) => setTimeout(settle));
    const reason = blocked
      ? `this page's content security policy (${blocked}) blocks it. Allow scripts from 'self'`
      : `${(error as Error).message || error}. Check that the server has ${new URL(url).pathname}`;
    throw new LoadFailure(
      `hyper_jupyter's code cannot be loaded: ${reason}, and reload this page.`,
    );
  } finally {
    document.removeEventListener("securitypolicyviolation", note);
  }
}
