// vis-network (out of pyvis) draws: it owns the canvas, panning and zooming, and calls us for
// every card. Positions are fixed; its physics, tooltips, labels and HTML are never used.

let network = null;
let dataset = null;
let hoveredKey = null;

function startNetwork() {
  dataset = new vis.DataSet();
  network = new vis.Network(
    byId("map"),
    { nodes: dataset, edges: new vis.DataSet() },
    {
      autoResize: true,
      physics: { enabled: false },
      layout: { improvedLayout: false, randomSeed: 1 },
      interaction: {
        dragNodes: false,
        hover: false,
        keyboard: false,
        multiselect: false,
        selectable: false,
        tooltipDelay: 3600000,
        zoomSpeed: 0.7,
      },
      nodes: {
        shape: "custom",
        ctxRenderer: renderCard,
        fixed: true,
        physics: false,
        chosen: false,
      },
    },
  );
  // Its frame must not take the focus from the map, whose keys it does not know.
  for (const frame of byId("map").querySelectorAll("[tabindex]")) frame.removeAttribute("tabindex");
  byId("map").addEventListener("pointerdown", () => byId("map").focus({ preventScroll: true }));
  network.on("beforeDrawing", (context) => {
    lineScale = Math.min(2.5, Math.max(1, 0.85 / network.getScale()));
    drawBackground(context);
    lineScale = 1;
  });
  network.on("afterDrawing", drawLinkMarks);
  network.on("click", (event) => clickAt(event.pointer.canvas.x, event.pointer.canvas.y));
  network.on("doubleClick", (event) => openAt(event.pointer.canvas.x, event.pointer.canvas.y));
  network.on("zoom", limitZoom);
  byId("map").addEventListener("mousemove", hover);
  byId("map").addEventListener("mouseleave", () => setHovered(null));
}

function renderCard({ ctx, id }) {
  const item = scene.items.get(id);
  if (!item) return { drawNode() {}, nodeDimensions: { width: 1, height: 1 } };
  return {
    drawNode: () => drawItem(ctx, item, id === hoveredKey),
    nodeDimensions: { width: item.w, height: item.h },
  };
}

/** Hand the scene's cards to vis-network. */
function showScene() {
  refreshDimmed();
  hoveredKey = null;
  dataset.clear();
  dataset.add(
    [...scene.items.values()].map((item) => ({ id: item.key, x: item.x, y: item.y })),
  );
  for (const item of scene.items.values()) tellSize(item);
  network.redraw();
}

/** vis-network leaves out what it believes to be out of sight, and believes that a new card is a
 *  point at 0, 0 until it was drawn once: tell it, or a view away from there stays empty. (Its
 *  inner fields: the bundle is pinned by its hash, and a test looks for the drawn cards.) */
function tellSize(item) {
  const shape = network.body.nodes[item.key].shape;
  shape.customSizeWidth = item.w;
  shape.customSizeHeight = item.h;
  shape.boundingBox = {
    left: item.x - item.w / 2,
    right: item.x + item.w / 2,
    top: item.y - item.h / 2,
    bottom: item.y + item.h / 2,
  };
}

function redraw() {
  refreshDimmed();
  network.redraw();
}

const within = (box, x, y) => x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;

function itemAt(x, y) {
  for (const item of scene.items.values()) {
    if (Math.abs(item.x - x) <= item.w / 2 && Math.abs(item.y - y) <= item.h / 2) return item;
  }
  return null;
}

/** The innermost open container under a point. */
function frameAt(x, y) {
  return (
    scene.frames
      .filter((frame) => within(frame, x, y))
      .sort((one, other) => other.depth - one.depth)[0] || null
  );
}

const onFrameTitle = (frame, y) => y <= frame.y + BOX_HEADER;

function hover(event) {
  const place = byId("map").getBoundingClientRect();
  const { x, y } = network.DOMtoCanvas({
    x: event.clientX - place.left,
    y: event.clientY - place.top,
  });
  const item = itemAt(x, y);
  const frame = item ? null : frameAt(x, y);
  const reach = 6 / network.getScale();
  const pointer = item || (frame && onFrameTitle(frame, y)) || linkAt(x, y, reach);
  byId("map").classList.toggle("over", Boolean(pointer));
  setHovered(item ? item.key : null);
}

function setHovered(key) {
  if (key === hoveredKey) return;
  hoveredKey = key;
  network.redraw();
}

function clickAt(x, y) {
  const item = itemAt(x, y);
  if (item) {
    activate(item, false);
    return;
  }
  const frame = frameAt(x, y);
  const link = linkAt(x, y, 7 / network.getScale());
  if (link && !(frame && onFrameTitle(frame, y))) {
    select({ type: "link", key: link.key });
  } else if (frame && onFrameTitle(frame, y)) {
    // The minus at the right closes, the title tells what is inside.
    if (x > frame.x + frame.w - 36) toggleBox(frame.index);
    else select({ type: "box", index: frame.index });
  } else {
    select(null);
  }
}

function openAt(x, y) {
  const item = itemAt(x, y);
  const frame = item ? null : frameAt(x, y);
  if (item && item.type === "node" && ui.view !== "accounts") revealNode(item.index);
  if (frame && onFrameTitle(frame, y)) toggleBox(frame.index);
}

/** What a click (or Enter) on a card does. */
function activate(item, byKey) {
  if (item.type === "node") {
    select({ type: "node", index: item.index, key: item.key });
    uncover(item);
  } else if (item.type === "box") {
    toggleBox(item.index, byKey);
  } else if (ui.view === "paths") {
    select({ type: "more", index: item.index });
  } else {
    raiseCap(item.index);
  }
}
