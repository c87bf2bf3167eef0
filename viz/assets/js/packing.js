// Packing boxes into a container: bottom-left along a skyline, trying several widths and keeping
// the one that fits the window's shape best. A function of its input: what is closed again lies
// exactly where it lay before.

const GAP = 16;

/** Place `boxes` ({w, h}) within `width`; returns corners and the size used. */
function packInto(boxes, width) {
  let skyline = [{ x: 0, y: 0, w: width }];
  const places = [];
  let usedWidth = 0;
  let usedHeight = 0;
  for (const box of boxes) {
    const w = box.w + GAP;
    const h = box.h + GAP;
    let best = null;
    for (let first = 0; first < skyline.length; first += 1) {
      const x = skyline[first].x;
      if (x + w > width + GAP + 0.01) break;
      let y = 0;
      for (let at = first; at < skyline.length && skyline[at].x < x + w - 0.01; at += 1) {
        y = Math.max(y, skyline[at].y);
      }
      if (best === null || y < best.y - 0.01) best = { x, y };
    }
    places.push(best);
    usedWidth = Math.max(usedWidth, best.x + box.w);
    usedHeight = Math.max(usedHeight, best.y + box.h);
    skyline = raise(skyline, best.x, best.x + w, best.y + h);
  }
  return { places, w: usedWidth, h: usedHeight };
}

/** Lift the skyline between `from` and `to` to `height`. */
function raise(skyline, from, to, height) {
  const next = [];
  for (const part of skyline) {
    const end = part.x + part.w;
    if (end <= from + 0.01 || part.x >= to - 0.01) {
      next.push(part);
      continue;
    }
    if (part.x < from) next.push({ x: part.x, y: part.y, w: from - part.x });
    if (end > to) next.push({ x: to, y: part.y, w: end - to });
  }
  next.push({ x: from, y: height, w: to - from });
  return next.sort((one, other) => one.x - other.x);
}

/** Pack for a target shape (width / height); `header` is room above the boxes. */
function pack(boxes, aspect, header) {
  if (boxes.length === 0) return { places: [], w: 0, h: 0 };
  const widest = Math.max(...boxes.map((box) => box.w));
  const area = boxes.reduce((sum, box) => sum + (box.w + GAP) * (box.h + GAP), 0);
  const row = boxes.reduce((sum, box) => sum + box.w + GAP, 0);
  const ideal = Math.sqrt(area * aspect);
  let best = null;
  const widths = new Set(
    [0.7, 0.85, 1, 1.1, 1.2, 1.35, 1.55, 1.8, 2.1].map((share) => ideal * share),
  );
  // Rows of the largest boxes side by side.
  boxes.slice(0, 10).reduce((sum, box) => {
    widths.add(sum + box.w);
    return sum + box.w + GAP;
  }, 0);
  for (const wish of widths) {
    const width = Math.min(row, Math.max(widest, wish));
    const packed = packInto(boxes, width);
    // The scale at which it would fit a window of this shape, waste counted once more.
    const score = Math.max(packed.w / aspect, packed.h + header) + packed.w * 0.02;
    if (best === null || score < best.score - 0.01) best = { ...packed, score };
  }
  return best;
}
