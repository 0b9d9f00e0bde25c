// Says at once when an element comes into the document. Observers of sizes say so after the next layout,
// and what they then draw comes a frame or two later. DOM only.

const NAME = "hj-connected";

/**
 * Call back whenever an element comes into the document, also when it has been moved there. Returns a
 * function that ends this.
 */
export function onConnected(parent: HTMLElement, callback: () => void): () => void {
  // Another copy of this code may have defined it: all copies do the same.
  if (!customElements.get(NAME)) customElements.define(NAME, makeSensor());
  const sensor = document.createElement(NAME);
  sensor.hidden = true;
  sensor.addEventListener(NAME, callback);
  parent.append(sensor);
  return () => sensor.remove();
}

/** Made here, because there is no HTMLElement where this module is only loaded. */
function makeSensor(): CustomElementConstructor {
  return class extends HTMLElement {
    connectedCallback(): void {
      this.dispatchEvent(new Event(NAME));
    }
  };
}
