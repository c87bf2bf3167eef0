// A drawing context that writes SVG: it understands the calls that this map's drawing makes, so
// the export is the picture on the screen. Elements are made through the DOM: no text can become
// markup, there is no script, no handler and no reference to anything outside.

class SvgContext {
  constructor(bounds, background) {
    this.drawsSvg = true;
    this.document = document.implementation.createDocument(SVG_NAMESPACE, "svg", null);
    this.root = this.document.documentElement;
    const size = [bounds.x, bounds.y, bounds.w, bounds.h].map(
      (number) => Math.round(number * 10) / 10,
    );
    this.put(this.root, {
      viewBox: size.join(" "),
      width: size[2],
      height: size[3],
      "font-family": FONT,
    });
    this.add("rect", { x: size[0], y: size[1], width: size[2], height: size[3], fill: background });
    this.state = {
      globalAlpha: 1,
      fillStyle: "#000000",
      strokeStyle: "#000000",
      lineWidth: 1,
      font: font(14),
      textAlign: "left",
      lineCap: "butt",
      lineJoin: "miter",
      dash: [],
    };
    this.stack = [];
    this.shape = null;
    this.ruler = document.createElement("canvas").getContext("2d");
    for (const name of Object.keys(this.state)) {
      if (name === "dash") continue;
      Object.defineProperty(this, name, {
        get: () => this.state[name],
        set: (value) => {
          this.state[name] = value;
        },
      });
    }
  }

  put(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) element.setAttribute(name, String(value));
    }
  }

  add(tag, attributes, text = null) {
    const element = this.document.createElementNS(SVG_NAMESPACE, tag);
    this.put(element, attributes);
    if (text !== null) element.textContent = text;
    this.root.append(element);
  }

  save() {
    this.stack.push({ ...this.state });
  }
  restore() {
    this.state = this.stack.pop();
  }
  setLineDash(dash) {
    this.state.dash = dash;
  }
  beginPath() {
    this.shape = { tag: "path", d: [] };
  }
  moveTo(x, y) {
    this.shape.d.push("M", round(x), round(y));
  }
  lineTo(x, y) {
    this.shape.d.push("L", round(x), round(y));
  }
  bezierCurveTo(...points) {
    this.shape.d.push("C", ...points.map(round));
  }
  closePath() {
    this.shape.d.push("Z");
  }
  arc(x, y, radius) {
    this.shape = { tag: "circle", at: { cx: round(x), cy: round(y), r: round(radius) } };
  }
  roundRect(x, y, w, h, radius) {
    this.shape = {
      tag: "rect",
      at: { x: round(x), y: round(y), width: round(w), height: round(h), rx: radius || null },
    };
  }
  measureText(text) {
    this.ruler.font = this.state.font;
    return this.ruler.measureText(text);
  }

  outline() {
    return this.shape.tag === "path" ? { d: this.shape.d.join(" ") } : this.shape.at;
  }
  alpha() {
    return this.state.globalAlpha === 1 ? null : this.state.globalAlpha;
  }
  fill() {
    this.add(this.shape.tag, {
      ...this.outline(),
      fill: this.state.fillStyle,
      opacity: this.alpha(),
    });
  }

  strokes() {
    const state = this.state;
    return {
      stroke: state.strokeStyle,
      "stroke-width": state.lineWidth,
      "stroke-linecap": state.lineCap,
      "stroke-linejoin": state.lineJoin,
      "stroke-dasharray": state.dash.length > 0 ? state.dash.join(" ") : null,
      opacity: this.alpha(),
    };
  }

  stroke() {
    this.add(this.shape.tag, { ...this.outline(), fill: "none", ...this.strokes() });
  }

  textAttributes(x, y) {
    const [, weight, size] = /^(\d+) ([\d.]+)px/.exec(this.state.font);
    const anchors = { left: "start", center: "middle", right: "end" };
    return {
      x: round(x),
      y: round(y),
      "font-size": size,
      "font-weight": weight,
      "text-anchor": anchors[this.state.textAlign],
    };
  }

  fillText(text, x, y) {
    this.add(
      "text",
      { ...this.textAttributes(x, y), fill: this.state.fillStyle, opacity: this.alpha() },
      text,
    );
  }
  strokeText(text, x, y) {
    this.add("text", { ...this.textAttributes(x, y), fill: "none", ...this.strokes() }, text);
  }

  icon(path, x, y, scale, tint, width) {
    this.add("path", {
      d: path,
      transform: `translate(${round(x)} ${round(y)}) scale(${round(scale)})`,
      fill: "none",
      stroke: tint,
      "stroke-width": width,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      opacity: this.alpha(),
    });
  }

  text() {
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(this.document)}\n`;
  }
}

const round = (number) => Math.round(number * 100) / 100;
