// What is used here of @jupyter-widgets/base, which every front end has and hands over. It is never
// bundled: a second copy would be another class hierarchy, and another registry.

/** A model of ipywidgets; Backbone's, with the comm. */
export interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(name: string, callback: (...args: never[]) => void): void;
  once(name: string, callback: () => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
  initialize(attributes: unknown, options: unknown): void;
}

export interface WidgetView {
  readonly model: WidgetModel;
  readonly el: HTMLElement;
  render(): unknown;
  remove(): unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: a class to derive from has any arguments
export type Constructor<Instance> = new (...args: any[]) => Instance;

/** The module @jupyter-widgets/base. */
export interface Base {
  readonly DOMWidgetModel: Constructor<WidgetModel>;
  readonly DOMWidgetView: Constructor<WidgetView>;
  /** The token of the registry, in JupyterLab only. */
  readonly IJupyterWidgetRegistry?: unknown;
}
