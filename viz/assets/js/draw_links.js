// Links: curves under the cards. What a chosen path walks stands out, everything else steps back.

/** How strongly a link is drawn: 1 plain, 2 chosen, 0 stepped back. */
function linkEmphasis(drawn) {
  if (ui.view === "focus") return 2;
  if (ui.path !== null) {
    const walked = graph.paths[ui.path].links;
    return drawn.links.some((link) => walked.includes(link.index)) ? 2 : 0;
  }
  const selected = ui.selection;
  if (selected === null || selected.type === "path") return 1;
  if (selected.type === "link") return drawn.key === selected.key ? 2 : 0;
  const key = selectionKey(selected);
  if (key === null || !scene.items.has(key)) return 1;
  return drawn.from.key === key || drawn.to.key === key ? 2 : 0;
}

/** Lines keep about their width on the screen when the map is small. */
let lineScale = 1;

function drawLinks(context) {
  const strong = [];
  for (const drawn of scene.links) {
    const emphasis = linkEmphasis(drawn);
    if (emphasis === 2) strong.push(drawn);
    else drawLink(context, drawn, emphasis);
  }
  for (const drawn of strong) drawLink(context, drawn, 2);
}

function drawLink(context, drawn, emphasis) {
  const tint = colour(`link-${drawn.kind}`);
  context.save();
  // In the account view the attack paths stand out among everything else that is drawn.
  const onPath = ui.view === "accounts" && drawn.onPath && emphasis === 1;
  const plain = ui.view === "accounts" && graph.paths.length > 0 && !drawn.onPath ? 0.5 : 0.85;
  context.globalAlpha = emphasis === 0 ? 0.13 : emphasis === 2 || onPath ? 1 : plain;
  context.strokeStyle = tint;
  context.lineWidth = (linkWidth(drawn.kind) + (emphasis === 2 ? 1 : onPath ? 0.7 : 0)) * lineScale;
  context.lineCap = drawn.kind === "data" || drawn.kind === "config" ? "round" : "butt";
  context.lineJoin = "round";
  context.setLineDash(DASHES.get(drawn.kind));
  context.beginPath();
  context.moveTo(drawn.curve[0].x0, drawn.curve[0].y0);
  for (const part of drawn.curve)
    context.bezierCurveTo(part.x1, part.y1, part.x2, part.y2, part.x3, part.y3);
  context.stroke();
  context.setLineDash([]);
  drawHead(context, drawn.curve[drawn.curve.length - 1], tint, emphasis === 2 ? 10 : 8);
  context.restore();
}

function drawHead(context, curve, tint, size) {
  const [bx, by] = pointAt(curve, 0.94);
  const angle = Math.atan2(curve.y3 - by, curve.x3 - bx);
  context.beginPath();
  context.moveTo(curve.x3, curve.y3);
  context.lineTo(
    curve.x3 - size * Math.cos(angle - 0.42),
    curve.y3 - size * Math.sin(angle - 0.42),
  );
  context.lineTo(
    curve.x3 - size * Math.cos(angle + 0.42),
    curve.y3 - size * Math.sin(angle + 0.42),
  );
  context.closePath();
  context.fillStyle = tint;
  context.fill();
}

/** Numbers of the steps, letters of the verdicts and counts, above the cards: they must be read. */
function drawLinkMarks(context) {
  for (const drawn of scene.links) {
    const emphasis = linkEmphasis(drawn);
    if (ui.view === "focus") drawStepMark(context, drawn);
    else if (emphasis === 2 && ui.path !== null) drawNumber(context, drawn);
    else if (emphasis > 0) drawMark(context, drawn);
  }
}

/** The middle of a link's longest stretch. */
function middleOf(drawn) {
  const length = (curve) => Math.hypot(curve.x3 - curve.x0, curve.y3 - curve.y0);
  return pointAt(
    drawn.curve.reduce((best, curve) => (length(curve) > length(best) + 1 ? curve : best)),
    0.5,
  );
}

function drawMark(context, drawn) {
  const letter = VERDICT_MARKS.get(drawn.verdict);
  const several = drawn.links.length > 1 ? `×${count(drawn.links.length)}` : "";
  if (!letter && !several) return;
  let [x, y] = middleOf(drawn);
  if (letter) {
    disc(context, x, y, 7.5, colour("card"), colour(`link-${drawn.kind}`));
    drawText(context, letter, x, y + 3.6, font(10.5, 700), colour("text"), "center");
    x += 11;
  }
  if (several)
    drawHaloText(
      context,
      several,
      x,
      y + 4,
      font(11, 600),
      colour("text"),
      letter ? "left" : "center",
    );
}

function drawNumber(context, drawn) {
  const walked = graph.paths[ui.path].links;
  const numbers = drawn.links
    .map((link) => walked.indexOf(link.index) + 1)
    .filter((number) => number > 0);
  const [x, y] = middleOf(drawn);
  disc(context, x, y, 11, colour(`link-${drawn.kind}`), colour("card"));
  drawText(
    context,
    numbers.sort((a, b) => a - b).join(","),
    x,
    y + 4.4,
    font(12.5, 700),
    colour("on-link"),
    "center",
  );
  const letter = VERDICT_MARKS.get(drawn.verdict);
  if (letter) {
    disc(context, x + 12, y - 10, 7, colour("card"), colour(`link-${drawn.kind}`));
    drawText(context, letter, x + 12, y - 6.4, font(10, 700), colour("text"), "center");
  }
}

/** In the stepper there is room for words: what the attacker does, and by which relationship. */
function drawStepMark(context, drawn) {
  const sideways = drawn.from.x !== drawn.to.x;
  const [x, y] = pointAt(drawn.curve[0], sideways ? 0.12 : 0.46);
  disc(context, x, y, 14, colour(`link-${drawn.kind}`), colour("card"));
  drawText(context, String(drawn.step), x, y + 5, font(14, 700), colour("on-link"), "center");
  const link = drawn.links[0];
  const relation = link ? graph.relationships[link.relationship].label : "step";
  const verdict = drawn.verdict === "yes" ? "" : ` · ${drawn.verdict}`;
  const words = drawn.words || (link ? link.label : "");
  const lines = wrapped(context, words, sideways ? 270 : 360, font(14, 600), 2);
  const left = sideways ? x - 8 : x + 24;
  // Beside a column the words stand where it has none: over its head or under its foot.
  const over = drawn.from.y < STEP_PITCH / 2;
  const first = sideways
    ? over
      ? y - 22 - lines.length * 17
      : y + 32
    : y - 1 - (lines.length - 1) * 9;
  lines.forEach((line, at) =>
    drawHaloText(context, line, left, first + at * 17, font(14, 600), colour("text")),
  );
  drawHaloText(
    context,
    relation + verdict,
    left,
    first + lines.length * 17,
    font(12),
    colour("muted"),
  );
}
