// The scene: which cards and containers are drawn, and where. Built anew from the state, so the
// same state always looks the same.

const ui = {
  // paths | accounts | focus
  view: "accounts",
  // {type: node | box | more | link | path, ...}
  selection: null,
  // The highlighted path's number.
  path: null,
  table: false,
  allLinks: false,
  // Open containers, by number.
  opened: new Set(),
  // Container -> cards drawn before "N more".
  caps: new Map(),
  // Nodes drawn although their group is capped.
  revealed: new Set(),
};

// One size: rows of mixed cards stay rows.
const LEAF = { w: 208, h: 70 };
const CLOSED = { w: 208, h: 70 };
const BOX_HEADER = 38;
const BOX_PADDING = 14;

let scene = emptyScene();

function emptyScene() {
  return {
    items: new Map(),
    frames: [],
    columns: [],
    links: [],
    bounds: { x: 0, y: 0, w: 1, h: 1 },
    shownNodes: 0,
    cut: 0,
  };
}

const nodeKey = (index) => `n${index}`;
const boxKey = (index) => `b${index}`;
const moreKey = (index) => `m${index}`;

function buildScene() {
  scene = emptyScene();
  if (ui.view === "paths") buildBands();
  else if (ui.view === "focus") buildFocus();
  else buildAccounts();
  scene.shownNodes = [...scene.items.values()].filter((item) => item.type === "node").length;
  buildLinks();
}

function addItem(item) {
  scene.items.set(item.key, item);
  return item;
}

// ---- Attack-path view: positions come from Python

function buildBands() {
  const bands = graph.bands;
  const height = bands.cardHeight;
  for (const [title, left, width] of bands.columns) {
    scene.columns.push({ title, x: left, y: bands.top, w: width, h: bands.height });
  }
  for (const [node, x, y, w] of bands.cards) {
    if (matching[node])
      addItem({ key: nodeKey(node), type: "node", index: node, x, y, w, h: height });
  }
  bands.more.forEach(([nodes, x, y, w], index) => {
    const left = nodes.filter((node) => matching[node]);
    if (left.length === 0) return;
    addItem({ key: moreKey(index), type: "more", index, nodes: left, x, y, w, h: height });
  });
  const last = bands.columns[bands.columns.length - 1];
  scene.bounds = { x: 0, y: bands.top, w: last[1] + last[2], h: bands.height };
}

// ---- One path, as a numbered stepper

const STEP_CARD = { w: 320, h: 64 };
const STEP_PITCH = 132;
const STEP_COLUMN = 660;
const STEPS_PER_COLUMN = 6;

function buildFocus() {
  const path = graph.paths[ui.path];
  const columns = Math.ceil(path.steps.length / STEPS_PER_COLUMN);
  const rows = Math.ceil(path.steps.length / columns);
  path.steps.forEach((step, place) => {
    // Down the first column, up the second, and so on: the way never jumps.
    const column = Math.floor(place / rows);
    const row = column % 2 === 0 ? place % rows : rows - 1 - (place % rows);
    addItem({
      // A path may pass a node twice: the place makes the key unique.
      key: `s${place}`,
      type: "node",
      index: step.node,
      place,
      big: true,
      x: column * STEP_COLUMN + STEP_CARD.w / 2,
      y: row * STEP_PITCH,
      ...STEP_CARD,
    });
  });
  const words = columns > 1 ? 40 : 0;
  scene.bounds = {
    x: 0,
    y: -STEP_CARD.h / 2 - 8 - words,
    w: columns * STEP_COLUMN - (columns > 1 ? 60 : 160),
    h: (rows - 1) * STEP_PITCH + STEP_CARD.h + 16 + 2 * words,
  };
}

// ---- Account view: nested containers, packed here

/** What the containers inside may look like: flatter or taller; the whole decides. */
const INNER_SHAPES = [0.75, 1, 1.35, 1.8];

function buildAccounts() {
  const stage = usableStage();
  const aspect = Math.min(2.6, Math.max(0.6, stage.w / stage.h));
  const outside = graph.roots.filter((child) => child >= 0 && matching[child]);
  const inside = graph.roots.filter((child) => child < 0);
  // Trying several shapes is cheap for a readable view and pointless for a huge one.
  const shapes = ui.opened.size > 80 ? [1] : INNER_SHAPES;
  const best = shapes
    .map((shape) => measureAccounts(outside, inside, aspect, shape))
    .reduce((one, other) =>
      Math.max(other.w / aspect, other.h) < Math.max(one.w / aspect, one.h) - 0.5 ? other : one,
    );
  scene.cut = best.cut;
  placeChildren(best.left, 0, (best.h - best.left.h) / 2);
  placeChildren(best.right, best.left.w + best.gutter, (best.h - best.right.h) / 2);
  scene.bounds = { x: 0, y: 0, w: best.w, h: best.h };
}

function measureAccounts(outside, inside, aspect, shape) {
  const budget = { left: graph.limits.drawn, cut: 0, shape };
  const left = measureChildren(null, outside, 0.2, budget, 0);
  const right = measureChildren(
    null,
    inside,
    outside.length > 0 ? aspect * 0.86 : aspect,
    budget,
    0,
  );
  const gutter = left.w > 0 && right.w > 0 ? 90 : 0;
  return {
    left,
    right,
    gutter,
    cut: budget.cut,
    w: left.w + gutter + right.w,
    h: Math.max(left.h, right.h),
  };
}

/** Measure the visible children of a container (null: the root). */
function measureChildren(box, children, aspect, budget, depth) {
  const measured = [];
  const leaves = [];
  for (const child of children) {
    if (child >= 0) {
      if (matching[child]) leaves.push(child);
      continue;
    }
    const inner = graph.boxes[-1 - child];
    if (boxMatches[inner.index].total > 0) measured.push(measureBox(inner, aspect, budget, depth));
  }
  const { drawn, over } = capLeaves(box, leaves);
  for (const leaf of drawn) {
    budget.left -= 1;
    measured.push({ node: leaf, ...LEAF });
  }
  if (over.length > 0) measured.push({ more: box.index, nodes: over, ...LEAF });
  // Large containers first: what is packed after them fills the gaps.
  measured.sort((one, other) => other.h - one.h);
  const packed = pack(measured, aspect, box === null ? 0 : BOX_HEADER);
  return { measured, places: packed.places, w: packed.w, h: packed.h };
}

function measureBox(box, aspect, budget, depth) {
  if (!ui.opened.has(box.index) || budget.left <= 0) {
    if (ui.opened.has(box.index)) budget.cut += 1;
    budget.left -= 1;
    return { closed: box.index, ...CLOSED };
  }
  budget.left -= 1;
  const inside = measureChildren(box, box.children, budget.shape, budget, depth + 1);
  // A container is never narrower than its own title.
  const w = Math.max(inside.w, Math.min(360, 120 + box.label.length * 9));
  return {
    open: box.index,
    inside,
    depth,
    w: w + 2 * BOX_PADDING,
    h: inside.h + BOX_HEADER + BOX_PADDING,
  };
}

/** Draw at most the cap of a group; what search has revealed is always among it. */
function capLeaves(box, leaves) {
  const cap = box === null ? graph.limits.group : ui.caps.get(box.index) || graph.limits.group;
  if (box === null || leaves.length <= cap) return { drawn: leaves, over: [] };
  const drawn = leaves.filter((leaf, place) => place < cap || ui.revealed.has(leaf));
  const shown = new Set(drawn);
  return { drawn, over: leaves.filter((leaf) => !shown.has(leaf)) };
}

function placeChildren(group, x, y) {
  group.measured.forEach((part, at) => {
    const left = x + group.places[at].x;
    const top = y + group.places[at].y;
    const centre = { x: left + part.w / 2, y: top + part.h / 2, w: part.w, h: part.h };
    if (part.node !== undefined) {
      addItem({ key: nodeKey(part.node), type: "node", index: part.node, ...centre });
    } else if (part.closed !== undefined) {
      addItem({ key: boxKey(part.closed), type: "box", index: part.closed, ...centre });
    } else if (part.more !== undefined) {
      addItem({
        key: moreKey(part.more),
        type: "more",
        index: part.more,
        nodes: part.nodes,
        ...centre,
      });
    } else {
      scene.frames.push({
        index: part.open,
        depth: part.depth,
        x: left,
        y: top,
        w: part.w,
        h: part.h,
      });
      placeChildren(part.inside, left + BOX_PADDING, top + BOX_HEADER);
    }
  });
}

/** The item that stands for a node: its card, "N more", or the outermost closed container. */
function representative(node) {
  if (!matching[node] && ui.view !== "focus") return null;
  const own = scene.items.get(nodeKey(node));
  if (own || ui.view !== "accounts") return own || null;
  const above = boxesAbove(graph.nodes[node]);
  for (const box of above) {
    const closed = scene.items.get(boxKey(box.index));
    if (closed) return closed;
  }
  const last = above[above.length - 1];
  return (last && scene.items.get(moreKey(last.index))) || null;
}
