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

/** Make the classes. `load` fetches the bundle; it is called again after it failed. */
export function widgetClasses(base: Base, load: () => Loaded) {
  let loading: Loaded | undefined;

  function bundle(): Loaded {
    if (!loading) {
      loading = load();
      loading.catch(() => {
        loading = undefined;
      });
    }
    return loading;
  }

  /** Answer the kernel: this page has the extension. It travels when the first view is shown. */
  function answer(model: WidgetModel, error = ""): void {
    model.set("front", { version: VERSION, error });
    if (error) model.save_changes();
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
      let end: (() => void) | undefined;
      let ended = false;
      this.on("msg:custom", keep);
      this.once("destroy", () => {
        ended = true;
        this.off("msg:custom", keep);
        end?.();
      });
      bundle().then(
        (loaded) => {
          this.off("msg:custom", keep);
          if (!ended) end = loaded.initialize(this, early as never[]);
        },
        (failure: Error) => answer(this, failure.message),
      );
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
    void bundle()
      .then(
        (loaded) => {
          line.remove();
          if (!ended) end = loaded.render(model, el);
        },
        (failure: Error) => say(failure.message),
      )
      .finally(() => clearTimeout(late));
    return () => {
      ended = true;
      end?.();
    };
  }

  return { PartModel, PartView };
}
