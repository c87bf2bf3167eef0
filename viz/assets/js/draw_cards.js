// Cards: resources, closed containers and "N more". The same code draws on the screen, into a
// PNG and into an SVG.

/** Whether a card steps back because a path is chosen that does not pass it. */
function dimmed(item) {
  if (ui.path === null || ui.view === "focus") return false;
  const path = graph.paths[ui.path];
  return !path.steps.some((step) => {
    const stands = representative(step.node);
    return stands !== null && stands.key === item.key;
  });
}

function selectionKey(selected) {
  if (selected === null) return null;
  if (selected.type === "node") return selected.key || nodeKey(selected.index);
  if (selected.type === "box") return boxKey(selected.index);
  if (selected.type === "more") return moreKey(selected.index);
  return null;
}

let dimmedKeys = new Set();

/** Decide once per change, not once per frame, which cards step back. */
function refreshDimmed() {
  dimmedKeys = new Set([...scene.items.values()].filter(dimmed).map((item) => item.key));
}

function drawItem(context, item, hovered) {
  context.save();
  if (dimmedKeys.has(item.key)) context.globalAlpha = 0.22;
  if (item.type === "node") drawNodeCard(context, item, hovered);
  else if (item.type === "box") drawClosedBox(context, item, hovered);
  else drawMoreCard(context, item, hovered);
  context.restore();
}

function outline(context, x, y, w, h, radius) {
  roundedBox(context, x - 3, y - 3, w + 6, h + 6, radius + 3, null, colour("accent"), 3);
}

function drawNodeCard(context, item, hovered) {
  const node = graph.nodes[item.index];
  const kind = kindOf(node);
  const severity = severityOf(node);
  const x = item.x - item.w / 2;
  const y = item.y - item.h / 2;
  const loud = severity === "critical" || severity === "high";
  const edge =
    severity && severity !== "info" ? colour(`sev-${severity}-line`) : colour("card-line");
  roundedBox(context, x, y, item.w, item.h, 8, colour("card"), edge, loud ? 2 : 1.2);
  if (selectionKey(ui.selection) === item.key) outline(context, x, y, item.w, item.h, 8);
  else if (hovered)
    roundedBox(context, x - 2, y - 2, item.w + 4, item.h + 4, 10, null, colour("accent"), 1.5);
  const tile = item.big ? 42 : 36;
  const inset = (item.h - tile) / 2;
  drawTile(context, kind.icon, kind.category, x + inset, y + inset, tile);
  const left = x + inset + tile + 9;
  const width = x + item.w - left - 9;
  drawLabels(context, node.name, subtitleOf(node), left, item.y, width, item.big);
  // On the corner, half outside: it takes no room from the name.
  if (severity) drawBadge(context, severity, x + item.w - 5, y + 5);
}

/** A name in one or two lines and a smaller line under it, around the middle `y`. */
function drawLabels(context, name, words, x, y, width, big = false) {
  const nameFont = font(big ? 16 : 14, 600);
  const subFont = font(big ? 12.5 : 11.5);
  const lines = nameInLines(context, name, width, nameFont);
  const pitch = big ? 19 : 16;
  let base = y - (lines.length === 1 ? 3 : big ? 10 : 11);
  for (const line of lines) {
    drawText(context, line, x, base, nameFont, colour("text"));
    base += pitch;
  }
  drawText(
    context,
    fitted(context, words, width, subFont, ending),
    x,
    base + (lines.length === 1 ? 2 : 0),
    subFont,
    colour("muted"),
  );
}

function drawTile(context, icon, category, x, y, size) {
  roundedBox(
    context,
    x,
    y,
    size,
    size,
    7,
    colour(`cat-${category}`),
    category === "admin" ? colour("card-line") : null,
  );
  drawIcon(context, icon, x + size * 0.15, y + size * 0.15, size * 0.7, colour("on-colour"), 1.9);
}

function drawBadge(context, severity, x, y) {
  disc(context, x, y, 9.5, colour(`sev-${severity}`), colour("card"));
  drawText(
    context,
    severity[0].toUpperCase(),
    x,
    y + 3.9,
    font(11, 700),
    colour("on-colour"),
    "center",
  );
}

function drawClosedBox(context, item, hovered) {
  const box = graph.boxes[item.index];
  const x = item.x - item.w / 2;
  const y = item.y - item.h / 2;
  const edge = hovered ? colour("accent") : colour("card-line");
  roundedBox(context, x + 7, y, item.w - 14, 20, 8, colour("card"), edge, 1.2);
  roundedBox(context, x, y + 5, item.w, item.h - 5, 9, colour("card"), edge, 1.3);
  if (selectionKey(ui.selection) === item.key) outline(context, x, y + 5, item.w, item.h - 5, 9);
  drawTile(context, box.icon, boxCategory(box), x + 10, y + 14, 36);
  drawLabels(context, box.label, boxCount(box), x + 54, y + 33, item.w - 54 - 26);
  const px = x + item.w - 15;
  roundedBox(context, px - 5, y + 31.1, 10, 1.8, 0, colour("muted"), null);
  roundedBox(context, px - 0.9, y + 27, 1.8, 10, 0, colour("muted"), null);
  drawSeverityBar(context, box, x + 10, y + item.h - 11, item.w - 20);
}

/** Accounts and regions are no category of resource: they wear the neutral tile. */
const boxCategory = (box) =>
  box.kind === "kind"
    ? box.category
    : box.kind === "vpc" || box.kind === "subnet"
      ? "network"
      : "source";

function boxCount(box) {
  const matches = boxMatches[box.index].total;
  if (matches === box.size) return counted(box.size, "resource");
  return `${count(matches)} of ${count(box.size)} match`;
}

function drawSeverityBar(context, box, x, y, width) {
  roundedBox(context, x, y, width, 6, 3, colour("bar"), null);
  const matches = boxMatches[box.index];
  let left = x;
  graph.words.severities.forEach((severity, at) => {
    if (matches.severities[at] === 0) return;
    // One finding among thousands still shows.
    const share = Math.min(
      x + width - left,
      Math.max(3, (width * matches.severities[at]) / matches.total),
    );
    roundedBox(context, left, y, share, 6, 1, colour(`sev-${severity}-line`), null);
    left += share;
  });
}

function drawMoreCard(context, item, hovered) {
  const x = item.x - item.w / 2;
  const y = item.y - item.h / 2;
  roundedBox(
    context,
    x,
    y,
    item.w,
    item.h,
    8,
    colour("card"),
    hovered ? colour("accent") : colour("muted"),
    1.3,
    [5, 4],
  );
  if (selectionKey(ui.selection) === item.key) outline(context, x, y, item.w, item.h, 8);
  drawTile(context, "stack", "other", x + 9, item.y - 18, 36);
  drawText(
    context,
    `${count(item.nodes.length)} more`,
    x + 54,
    item.y - 2,
    font(14, 600),
    colour("text"),
  );
  drawText(
    context,
    ui.view === "paths" ? "on further paths" : "not drawn yet",
    x + 54,
    item.y + 15,
    font(11.5),
    colour("muted"),
  );
}
