// The widget classes that the front ends know by name. They carry no code of the views: they fetch
// the bundle when the first model is made, keep the messages that arrive meanwhile, and hand both
// over. What a notebook or a kernel sends is data for them.

import type { Base, WidgetModel, WidgetView } from "./jupyter";
import { type Bundle, LATE_AFTER, NOT_YET } from "./loader";
import { fits, misfit } from "./version";

declare const VERSION: string;

/** The version under which the classes are registered: of these few lines, not of the package. */
export const INTERFACE = "1.0.0";
/** What `_model_module` names. It cannot be a name on npm: nothing fetches it from there. */
export const MODULE = "_hyper_jupyter";

function kernelVersion(model: WidgetModel): string {
  return String(model.get("version"));
}

type Loaded = Promise<Bundle<WidgetModel>>;

/**
 * Make the classes. `load` fetches the bundle; it is called again after it failed. `places`: for the
 * bundle, see its `render`.
 */
export function widgetClasses(base: Base, load: () => Loaded, places?: object) {
  let resolve: (bundle: Bundle<WidgetModel>) => void;
  /** The bundle. If a fetch fails, everything that waits here goes on after a later one. */
  const arrived: Loaded = new Promise((settle) => {
    resolve = settle;
  });
  let fetching = false;
  const failed = new Set<(failure: Error) => void>();

  /** Fetch the bundle, unless it is here or on its way. */
  function fetchBundle(): void {
    if (fetching) return;
    fetching = true;
    load().then(resolve, (failure: Error) => {
      fetching = false;
      for (const tell of failed) tell(failure);
    });
  }

  /** Answer the kernel: this page has the extension. It travels when the first view is shown. */
  function answer(model: WidgetModel, error = ""): void {
    model.set("front", { version: VERSION, error });
  }

  function speaks(model: WidgetModel): boolean {
    return fits(kernelVersion(model), VERSION);
  }

  class PartModel extends base.DOMWidgetModel {
    // Backbone calls it from within the constructor, so there are no fields of this class.
    override initialize(attributes: unknown, options: unknown): void {
      super.initialize(attributes, options);
      answer(this);
      if (!speaks(this)) {
        this.save_changes();
        return;
      }
      const early: unknown[] = [];
      const keep = (...message: unknown[]) => {
        early.push(message);
      };
      const tell = (failure: Error) => {
        answer(this, failure.message);
        this.save_changes();
      };
      let end: (() => void) | undefined;
      let ended = false;
      this.on("msg:custom", keep);
      failed.add(tell);
      const settle = () => {
        this.off("msg:custom", keep);
        failed.delete(tell);
      };
      this.once("destroy", () => {
        ended = true;
        settle();
        end?.();
      });
      fetchBundle();
      void arrived.then((bundle) => {
        settle();
        if (ended) return;
        answer(this); // an earlier failure is no more
        end = bundle.initialize(this, early as never[]);
      });
    }
  }

  const removals = new WeakMap<WidgetView, () => void>();

  class PartView extends base.DOMWidgetView {
    override render(): void {
      super.render();
      removals.set(this, draw(this.model, this.el));
    }

    override remove(): unknown {
      removals.get(this)?.();
      removals.delete(this);
      return super.remove();
    }
  }

  /** Draw a part; returns what removes it. */
  function draw(model: WidgetModel, el: HTMLElement): () => void {
    let ended = false;
    let end: (() => void) | undefined;
    const line = document.createElement("div");
    const say = (text: string) => {
      if (ended) return;
      line.textContent = text;
      el.append(line);
    };
    if (!speaks(model)) {
      // The kernel knows the command better, and says it when it has heard this page's version.
      const show = () => say(String(model.get("notice") || misfit(kernelVersion(model), VERSION)));
      show();
      model.on("change:notice", show);
      return () => model.off("change:notice", show);
    }
    const late = setTimeout(() => say(NOT_YET), LATE_AFTER);
    const tell = (failure: Error) => {
      clearTimeout(late);
      say(failure.message);
    };
    failed.add(tell);
    const settle = () => {
      clearTimeout(late);
      failed.delete(tell);
    };
    fetchBundle();
    void arrived.then((bundle) => {
      settle();
      line.remove();
      if (!ended) end = bundle.render(model, el, places);
    });
    return () => {
      ended = true;
      settle();
      end?.();
    };
  }

  return { PartModel, PartView };
}
