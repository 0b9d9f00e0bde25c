// The second module of %hyper_doctor: measures this page's way to the kernel.

import { placeOf } from "../model/direct-link";
import type { Facts, KernelMessage } from "../model/messages";
import { PageCheck } from "../model/page-check/page-check";
import { Registry } from "../model/registry";
import { addStyle } from "../views/elements/style";
import { PageCheckView } from "../views/page-check-view";
import { serverUrl } from "./page";
import type { Core } from "./second-part";
import { owner, type WidgetModel } from "./widget-model";

declare const BUILD: string;
declare const STYLE_SHEET: string;

const checks = new Registry<PageCheck>();

export function initialize(model: WidgetModel, front: Core): () => void {
  const uid = model.get("uid") as string;
  const check = new PageCheck({
    comm: { send: (message: unknown) => model.send(message) },
    facts: model.get("facts") as Facts,
    front,
    place: placeOf(location, isSecureContext),
    server: serverUrl(),
  });
  const receive = (content: KernelMessage) => check.receive(content);
  model.on("msg:custom", receive);
  checks.add(owner(model), uid, check);
  return () => {
    model.off("msg:custom", receive);
    checks.remove(owner(model), uid, check);
    check.close();
  };
}

export function render(model: WidgetModel, el: HTMLElement): () => void {
  addStyle(el, `doctor-${BUILD}`, STYLE_SHEET);
  let ended = false;
  let view: PageCheckView | undefined;
  void checks.find(owner(model), model.get("uid") as string).then((check) => {
    if (ended) return;
    view = new PageCheckView(check);
    el.append(view.root);
    check.start(); // only now, because some checks are in no output any more
  });
  return () => {
    ended = true;
    view?.close();
    view?.root.remove();
  };
}
