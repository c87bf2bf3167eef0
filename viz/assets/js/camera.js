// Where the window looks.

const DETAILS_WIDTH = 344;

/** The part of the stage that no panel covers, in CSS pixels. */
function usableStage() {
  const stage = byId("map").getBoundingClientRect();
  const right = byId("details").hidden || stage.width < 700 ? 0 : DETAILS_WIDTH;
  return { w: Math.max(200, stage.width - right), h: Math.max(200, stage.height), right };
}

const MARGIN = { x: 22, top: 18, bottom: 52 };

function lookAt(bounds, largest, animate) {
  const stage = usableStage();
  const scale = Math.min(
    largest,
    (stage.w - 2 * MARGIN.x) / bounds.w,
    (stage.h - MARGIN.top - MARGIN.bottom) / bounds.h,
  );
  // The view's centre is the stage's; the free part lies left of it when a panel is open.
  network.moveTo({
    position: {
      x: bounds.x + bounds.w / 2 + stage.right / 2 / scale,
      y: bounds.y + bounds.h / 2 + (MARGIN.bottom - MARGIN.top) / 2 / scale,
    },
    scale,
    animation:
      animate && !reducedMotion() ? { duration: 260, easingFunction: "easeInOutQuad" } : false,
  });
}

const fitAll = (animate = false) => lookAt(scene.bounds, ui.view === "focus" ? 1.15 : 1.3, animate);

/** Bring an item into sight without changing more than needed. */
function bringIntoSight(item) {
  const stage = usableStage();
  const corner = network.canvasToDOM({ x: item.x - item.w / 2, y: item.y - item.h / 2 });
  const other = network.canvasToDOM({ x: item.x + item.w / 2, y: item.y + item.h / 2 });
  const readable = network.getScale() >= 0.6;
  if (
    readable &&
    corner.x >= 8 &&
    corner.y >= 8 &&
    other.x <= stage.w - 8 &&
    other.y <= stage.h - 48
  )
    return;
  const scale = Math.max(network.getScale(), 0.85);
  network.moveTo({
    position: { x: item.x + stage.right / 2 / scale, y: item.y },
    scale,
    animation: reducedMotion() ? false : { duration: 220, easingFunction: "easeInOutQuad" },
  });
}

/** Move the map just so far that the details panel does not cover the card it speaks of. */
function uncover(item) {
  const edge = network.canvasToDOM({ x: item.x + item.w / 2, y: item.y }).x;
  const covered = edge - (usableStage().w - 16);
  if (covered <= 0) return;
  const { x, y } = network.getViewPosition();
  network.moveTo({ position: { x: x + covered / network.getScale(), y }, animation: false });
}

function zoomBy(factor) {
  const scale = Math.min(4, Math.max(0.03, network.getScale() * factor));
  network.moveTo({ scale, animation: false });
}

function limitZoom() {
  const scale = network.getScale();
  if (scale > 4) network.moveTo({ scale: 4, animation: false });
  if (scale < 0.03) network.moveTo({ scale: 0.03, animation: false });
}
