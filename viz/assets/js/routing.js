// Links of the account view run in the gutters between the cards, around corners: the cheapest
// way over a grid of the gutters' middle lines, few bends first (A*). Without it lines disappear
// behind cards and come out somewhere else.

const GUTTER = GAP / 2;
const BEND_COST = 26;
/** Beyond this the picture is too dense for corners to help, and the search too slow. */
const MOST_ROUTED = { items: 170, links: 110, points: 60000 };

/** Lines of different kinds run side by side in a gutter, not on top of each other. */
const LANE_SHIFT = new Map([
  ["network", -4],
  ["assume", -1.5],
  ["data", 1.5],
  ["escalation", 4],
  ["admin", 5.5],
  ["config", 0],
]);

/** Give every drawn link its corners; returns false where the scene is too large for it. */
function routeAround(links) {
  const items = [...scene.items.values()];
  if (items.length > MOST_ROUTED.items || links.length > MOST_ROUTED.links) return false;
  const grid = makeGrid(items);
  if (grid.xs.length * grid.ys.length > MOST_ROUTED.points) return false;
  for (const drawn of links) {
    const points = findWay(grid, drawn.from, drawn.to);
    drawn.curve = points === null ? bend(drawn) : rounded(shifted(points, drawn));
  }
  return true;
}

function makeGrid(items) {
  const lines = (middle, size) => {
    const all = items.flatMap((item) => [
      item[middle] - item[size] / 2 - GUTTER,
      item[middle],
      item[middle] + item[size] / 2 + GUTTER,
    ]);
    return all
      .sort((one, other) => one - other)
      .filter((line, at, sorted) => at === 0 || line - sorted[at - 1] > 0.01);
  };
  const xs = lines("x", "w");
  const ys = lines("y", "h");
  const points = xs.length * ys.length;
  const grid = {
    xs,
    ys,
    across: new Uint8Array(points),
    down: new Uint8Array(points),
    used: new Uint8Array(points * 2),
  };
  for (const item of items) block(grid, item);
  return grid;
}

/** First index whose line is at or beyond a value. */
function lineAt(lines, value) {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if (lines[half] < value) low = half + 1;
    else high = half;
  }
  return low;
}

/** No way leads through a card, nor so close that its lane would touch it. */
const KEEP_OFF = GUTTER - 1;

function block(grid, item) {
  const { xs, ys } = grid;
  const left = lineAt(xs, item.x - item.w / 2 - KEEP_OFF);
  const right = lineAt(xs, item.x + item.w / 2 + KEEP_OFF);
  const top = lineAt(ys, item.y - item.h / 2 - KEEP_OFF);
  const bottom = lineAt(ys, item.y + item.h / 2 + KEEP_OFF);
  for (let row = top; row < bottom; row += 1) {
    for (let at = Math.max(0, left - 1); at < right; at += 1) grid.across[row * xs.length + at] = 1;
  }
  for (let at = left; at < right; at += 1) {
    for (let row = Math.max(0, top - 1); row < bottom; row += 1)
      grid.down[row * xs.length + at] = 1;
  }
}

/** Points of the gutter in front of each side; `turn` is 0 for a way that runs sideways there. */
function ports(grid, item) {
  const width = grid.xs.length;
  const at = (x, y) => lineAt(grid.ys, y - 0.005) * width + lineAt(grid.xs, x - 0.005);
  return [
    { point: at(item.x + item.w / 2 + GUTTER, item.y), turn: 0, side: "right" },
    { point: at(item.x - item.w / 2 - GUTTER, item.y), turn: 0, side: "left" },
    { point: at(item.x, item.y + item.h / 2 + GUTTER), turn: 1, side: "bottom" },
    { point: at(item.x, item.y - item.h / 2 - GUTTER), turn: 1, side: "top" },
  ];
}

function findWay(grid, from, to) {
  const { xs, ys } = grid;
  const width = xs.length;
  const cost = new Map();
  const before = new Map();
  const heap = [];
  const guess = (point) =>
    Math.max(0, Math.abs(xs[point % width] - to.x) - to.w / 2) +
    Math.max(0, Math.abs(ys[Math.floor(point / width)] - to.y) - to.h / 2);
  const offer = (state, price, previous) => {
    if (cost.has(state) && cost.get(state) <= price) return;
    cost.set(state, price);
    before.set(state, previous);
    heapPush(heap, [price + guess(state >> 1), state, price]);
  };
  const starts = ports(grid, from);
  const goals = new Map(ports(grid, to).map((port) => [port.point * 2 + port.turn, port]));
  for (const port of starts) offer(port.point * 2 + port.turn, 0, -1);
  while (heap.length > 0) {
    const [, state, price] = heapPop(heap);
    if (price > cost.get(state)) continue;
    if (goals.has(state)) return trace(grid, before, state, starts, goals.get(state), from, to);
    for (const [next, length] of neighboursOf(grid, state)) {
      const turn = (next & 1) === (state & 1) ? 0 : BEND_COST;
      offer(next, price + length * (1 + 0.25 * grid.used[next]) + turn, state);
    }
  }
  return null;
}

/** The grid's points one stretch away; a state is a point and the direction of arrival. */
function neighboursOf(grid, state) {
  const { xs, ys } = grid;
  const width = xs.length;
  const point = state >> 1;
  const column = point % width;
  const row = Math.floor(point / width);
  const open = [];
  if (column + 1 < width && !grid.across[point])
    open.push([(point + 1) * 2, xs[column + 1] - xs[column]]);
  if (column > 0 && !grid.across[point - 1])
    open.push([(point - 1) * 2, xs[column] - xs[column - 1]]);
  if (row + 1 < ys.length && !grid.down[point])
    open.push([(point + width) * 2 + 1, ys[row + 1] - ys[row]]);
  if (row > 0 && !grid.down[point - width])
    open.push([(point - width) * 2 + 1, ys[row] - ys[row - 1]]);
  return open;
}

function trace(grid, before, last, starts, goal, from, to) {
  const width = grid.xs.length;
  const points = [];
  let state = last;
  let first = last;
  while (state !== -1) {
    points.unshift([grid.xs[(state >> 1) % width], grid.ys[Math.floor((state >> 1) / width)]]);
    grid.used[state] = Math.min(8, grid.used[state] + 1);
    first = state;
    state = before.get(state);
  }
  const start = starts.find((port) => port.point * 2 + port.turn === first);
  points.unshift(sidePoint(from, start.side));
  points.push(sidePoint(to, goal.side));
  return points.filter(
    (point, at) =>
      at === 0 || at === points.length - 1 || !inLine(points[at - 1], point, points[at + 1]),
  );
}

function sidePoint(item, side) {
  const [dx, dy] = DIRECTIONS.get(side);
  return [item.x + (dx * item.w) / 2, item.y + (dy * item.h) / 2];
}

const inLine = (one, two, three) =>
  (one[0] === two[0] && two[0] === three[0]) || (one[1] === two[1] && two[1] === three[1]);

/** Move a way into its kind's lane; the ends stay on their cards. */
function shifted(points, drawn) {
  const shift = LANE_SHIFT.get(drawn.kind);
  const moved = points.map(([x, y]) => [x + shift, y + shift]);
  const sideways = (one, other) => one[1] === other[1];
  const fix = (at, next) => {
    const along = sideways(points[at], points[next]) ? 0 : 1;
    moved[at][along] = points[at][along];
  };
  fix(0, 1);
  fix(points.length - 1, points.length - 2);
  return moved;
}

/** Straight stretches joined by small arcs, as cubic curves. */
function rounded(points) {
  const curves = [];
  let start = points[0];
  for (let at = 1; at < points.length - 1; at += 1) {
    const [corner, next] = [points[at], points[at + 1]];
    const radius = Math.min(
      9,
      Math.hypot(corner[0] - start[0], corner[1] - start[1]) / 2,
      Math.hypot(next[0] - corner[0], next[1] - corner[1]) / 2,
    );
    const enter = towards(corner, start, radius);
    const leave = towards(corner, next, radius);
    curves.push(straight(...start, ...enter));
    curves.push({
      x0: enter[0],
      y0: enter[1],
      x1: (enter[0] + corner[0]) / 2,
      y1: (enter[1] + corner[1]) / 2,
      x2: (leave[0] + corner[0]) / 2,
      y2: (leave[1] + corner[1]) / 2,
      x3: leave[0],
      y3: leave[1],
    });
    start = leave;
  }
  curves.push(straight(...start, ...points[points.length - 1]));
  return curves;
}

function towards(from, to, distance) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  return [
    from[0] + ((to[0] - from[0]) * distance) / length,
    from[1] + ((to[1] - from[1]) * distance) / length,
  ];
}

/** A binary heap ordered by the first entry. */
function heapPush(heap, entry) {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent][0] <= entry[0]) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = entry;
}

function heapPop(heap) {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1][0] < heap[child][0]) child += 1;
    if (heap[child][0] >= last[0]) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return top;
}
