// Building the page: text only ever goes in through text nodes, never as markup.

const byId = (id) => document.getElementById(id);

/** Make an element. `on` holds listeners, other attributes are set as they are; strings among
 *  the children become text nodes, null and false are left out. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value))
        element.addEventListener(event, listener);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  for (const child of children.flat(2)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Replace everything inside an element. */
function fill(element, ...children) {
  element.replaceChildren(...children.flat(2).filter((child) => child instanceof Node));
}

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** An icon tile: white strokes on the colour of the category (the colour comes from CSS). */
function iconTile(name, category) {
  const svg = document.createElementNS(SVG_NAMESPACE, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG_NAMESPACE, "path");
  path.setAttribute("d", graph.icons.get(name) || graph.icons.get("dot"));
  svg.append(path);
  return el("span", { class: `tile cat-${category}` }, svg);
}

/** A severity or verdict as a pill: a word, never colour alone. */
const pill = (kind, word) => el("span", { class: `pill ${kind}-${word}` }, word);

/** "1,982": grouped alike on every machine, so that pictures and tests agree. */
const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** Tell people who hear the page what happened. */
function announce(text) {
  byId("live").textContent = text;
}

let messageTimer = 0;

/** Show a short message over the map (and read it out). */
function say(text) {
  const message = byId("message");
  message.textContent = text;
  message.hidden = false;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => {
    message.hidden = true;
  }, 6000);
}

/** Offer text or bytes as a file; a blob address never leaves the page. */
function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = el("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
