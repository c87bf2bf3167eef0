// Text that fits: measured once per text, font and width.

const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", Roboto, Arial, sans-serif';
const font = (size, weight = 400) => `${weight} ${size}px ${FONT}`;

const fittedTexts = new Map();

/** Shorten in the middle, where names of one kind are mostly alike in front ("prod-…-role"). */
function fitted(context, text, width, fontName, shorten = middle) {
  const key = `${shorten === middle ? "m" : "e"}${fontName}|${Math.round(width)}|${text}`;
  const known = fittedTexts.get(key);
  if (known !== undefined) return known;
  context.font = fontName;
  let result = text;
  if (context.measureText(text).width > width) {
    // Code points, not UTF-16 halves: half a character is no text.
    const letters = [...text.slice(0, 400)];
    let low = 0;
    let high = letters.length;
    while (low < high) {
      const keep = Math.ceil((low + high) / 2);
      if (context.measureText(shorten(letters, keep)).width <= width) low = keep;
      else high = keep - 1;
    }
    result = shorten(letters, low);
  }
  if (fittedTexts.size > 20000) fittedTexts.clear();
  fittedTexts.set(key, result);
  return result;
}

function middle(letters, keep) {
  const head = Math.ceil(keep * 0.62);
  const tail = keep - head;
  return `${letters.slice(0, head).join("")}…${tail > 0 ? letters.slice(-tail).join("") : ""}`;
}

const nameLines = new Map();

/** Sentences are shortened at their end. */
const ending = (letters, keep) => `${letters.slice(0, keep).join("").trimEnd()}…`;

/** A name in one line, or in two where it breaks well: after - _ / . : and before capitals. */
function nameInLines(context, text, width, fontName) {
  const key = `${fontName}|${Math.round(width)}|${text}`;
  if (nameLines.has(key)) return nameLines.get(key);
  context.font = fontName;
  let lines = [text];
  if (context.measureText(text).width > width) {
    // At a space where both halves fit, else at the last good place.
    const space = [...text.slice(0, 120).matchAll(/ /g)]
      .map((match) => match.index)
      .reverse()
      .find(
        (at) =>
          context.measureText(text.slice(0, at)).width <= width &&
          context.measureText(text.slice(at + 1)).width <= width,
      );
    let first = space === undefined ? "" : text.slice(0, space);
    if (space === undefined) {
      const parts = text
        .slice(0, 200)
        .split(/(?<=[-_/:@ ])|(?<=\.)(?=\D)|(?<=[a-z0-9])(?=[A-Z])/);
      while (parts.length > 0 && context.measureText(first + parts[0]).width <= width)
        first += parts.shift();
    }
    const rest = text.slice(first.length).trimStart();
    lines =
      first === ""
        ? [fitted(context, text, width, fontName)]
        : [first.trimEnd(), fitted(context, rest, width, fontName)];
  }
  if (nameLines.size > 20000) nameLines.clear();
  nameLines.set(key, lines);
  return lines;
}

/** Break into at most `most` lines; the last is shortened. */
function wrapped(context, text, width, fontName, most) {
  context.font = fontName;
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && context.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  if (lines.length > most) lines.splice(most - 1, lines.length, lines.slice(most - 1).join(" "));
  return lines.map((one) => fitted(context, one, width, fontName, ending));
}

function drawText(context, text, x, y, fontName, colourValue, align = "left") {
  context.font = fontName;
  context.fillStyle = colourValue;
  context.textAlign = align;
  context.fillText(text, x, y);
}

/** Text that stays readable over lines: on a rim of the background's colour. */
function drawHaloText(context, text, x, y, fontName, colourValue, align = "left") {
  context.font = fontName;
  context.textAlign = align;
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.setLineDash([]);
  context.strokeStyle = colour("halo");
  context.strokeText(text, x, y);
  context.fillStyle = colourValue;
  context.fillText(text, x, y);
}

const iconPaths = new Map();

/** Draw an icon of the 24x24 grid, `size` wide, its corner at x, y. */
function drawIcon(context, name, x, y, size, colourValue, width = 1.8) {
  const path = graph.icons.get(name) || graph.icons.get("dot");
  const scale = size / 24;
  if (context.drawsSvg) {
    context.icon(path, x, y, scale, colourValue, width);
    return;
  }
  if (!iconPaths.has(path)) iconPaths.set(path, new Path2D(path));
  context.save();
  context.translate(x, y);
  context.scale(scale, scale);
  context.strokeStyle = colourValue;
  context.lineWidth = width;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.setLineDash([]);
  context.stroke(iconPaths.get(path));
  context.restore();
}

function roundedBox(context, x, y, w, h, radius, fillColour, lineColour, lineWidth = 1, dash = []) {
  context.beginPath();
  context.roundRect(x, y, w, h, radius);
  if (fillColour) {
    context.fillStyle = fillColour;
    context.fill();
  }
  if (lineColour) {
    context.strokeStyle = lineColour;
    context.lineWidth = lineWidth;
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  }
}

function disc(context, x, y, radius, fillColour, rim = null) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fillColour;
  context.fill();
  if (rim) {
    context.strokeStyle = rim;
    context.lineWidth = 1.6;
    context.setLineDash([]);
    context.stroke();
  }
}
