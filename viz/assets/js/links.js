// Which links are drawn, gathered between the same two cards, and the curves they follow.

const isSource = (node) => kindOf(graph.nodes[node]).category === "source";

/** Drawn unasked: exposure, escalation, what a path walks, and what touches the selection. */
function wanted(link) {
  if (!linkMatches(link)) return false;
  if (ui.path !== null && graph.paths[ui.path].links.includes(link.index)) return true;
  if (ui.view === "paths") return ui.allLinks || link.kind !== "config";
  if (ui.allLinks || link.onPath) return true;
  if (link.kind === "escalation" || link.kind === "admin") return true;
  if (link.kind !== "config" && isSource(link.source)) return true;
  const selected = ui.selection;
  return (
    selected !== null &&
    selected.type === "node" &&
    (link.source === selected.index || link.target === selected.index)
  );
}

function buildLinks() {
  if (ui.view === "focus") {
    buildSteps();
    return;
  }
  const gathered = new Map();
  const stands = new Map();
  const standsFor = (node) => {
    if (!stands.has(node)) stands.set(node, representative(node));
    return stands.get(node);
  };
  let left = graph.limits.drawn;
  for (const link of graph.links) {
    if (!wanted(link)) continue;
    const from = standsFor(link.source);
    const to = standsFor(link.target);
    if (!from || !to || from === to) continue;
    const key = `${from.key}>${to.key}>${link.kind}`;
    if (!gathered.has(key)) {
      if (left === 0) continue;
      left -= 1;
      gathered.set(key, { key, from, to, kind: link.kind, links: [], onPath: false });
    }
    const drawn = gathered.get(key);
    drawn.links.push(link);
    drawn.onPath = drawn.onPath || link.onPath;
  }
  scene.links = [...gathered.values()];
  for (const drawn of scene.links) drawn.verdict = strongest(drawn.links);
  routeLinks();
}

/** Several links behind one line: the strongest verdict speaks for them. */
function strongest(links) {
  const order = graph.words.verdicts;
  return links.reduce(
    (best, link) => (order.indexOf(link.verdict) < order.indexOf(best) ? link.verdict : best),
    "no",
  );
}

/** The links of the focused path: one per step, also where the graph holds none. */
function buildSteps() {
  const path = graph.paths[ui.path];
  scene.links = path.links.map((index, place) => {
    const link = index >= 0 ? graph.links[index] : null;
    return {
      key: `step${place}`,
      from: scene.items.get(`s${place}`),
      to: scene.items.get(`s${place + 1}`),
      kind: link ? link.kind : "config",
      verdict: link ? link.verdict : path.verdict,
      links: link ? [link] : [],
      onPath: true,
      step: place + 1,
      words: path.steps[place + 1].text,
    };
  });
  for (const drawn of scene.links) {
    const { from, to } = drawn;
    if (to.x === from.x) {
      const down = to.y > from.y ? 1 : -1;
      drawn.curve = [
        straight(from.x, from.y + (down * from.h) / 2, to.x, to.y - (down * to.h) / 2),
      ];
    } else {
      drawn.curve = [straight(from.x + from.w / 2, from.y, to.x - to.w / 2, to.y)];
    }
  }
}

function straight(x0, y0, x3, y3) {
  return {
    x0,
    y0,
    x1: x0 + (x3 - x0) / 3,
    y1: y0 + (y3 - y0) / 3,
    x2: x3 - (x3 - x0) / 3,
    y2: y3 - (y3 - y0) / 3,
    x3,
    y3,
  };
}

/** Choose each end's side, spread the ends along it, then bend the curves. */
function routeLinks() {
  const routes = new Map(ui.view === "paths" ? graph.bands.routes : []);
  const sides = new Map();
  for (const drawn of scene.links) {
    drawn.via = ui.view === "paths" ? routes.get(drawn.links[0].index) || [] : [];
    [drawn.outSide, drawn.inSide] = chooseSides(drawn.from, drawn.to);
    atSide(sides, drawn.from, drawn.outSide).push({
      drawn,
      end: "out",
      other: drawn.via[0] || [drawn.to.x, drawn.to.y],
    });
    const lastVia = drawn.via[drawn.via.length - 1];
    atSide(sides, drawn.to, drawn.inSide).push({
      drawn,
      end: "in",
      other: lastVia || [drawn.from.x, drawn.from.y],
    });
  }
  for (const { item, side, ends } of sides.values()) spread(item, side, ends);
  if (ui.view === "accounts" && routeAround(scene.links)) return;
  for (const drawn of scene.links) drawn.curve = bend(drawn);
}

function atSide(sides, item, side) {
  const key = `${item.key}/${side}`;
  if (!sides.has(key)) sides.set(key, { item, side, ends: [] });
  return sides.get(key).ends;
}

function chooseSides(from, to) {
  const apart = Math.abs(to.x - from.x) - (from.w + to.w) / 2;
  if (apart > 20) return to.x > from.x ? ["right", "left"] : ["left", "right"];
  const between = Math.abs(to.y - from.y) - (from.h + to.h) / 2;
  if (ui.view === "paths" && between > 60) return ["right", "right"];
  return to.y > from.y ? ["bottom", "top"] : ["top", "bottom"];
}

/** Ends at one side keep the order of where they lead, so that they do not cross at the card. */
function spread(item, side, ends) {
  const upright = side === "left" || side === "right";
  const along = upright ? 1 : 0;
  ends.sort(
    (one, other) =>
      one.other[along] - other.other[along] ||
      one.drawn.links[0].index - other.drawn.links[0].index,
  );
  const room = (upright ? item.h : item.w) * 0.62;
  const step = Math.min(9, room / ends.length);
  ends.forEach(({ drawn, end }, place) => {
    const shift = (place - (ends.length - 1) / 2) * step;
    const x = upright ? item.x + (side === "right" ? item.w / 2 : -item.w / 2) : item.x + shift;
    const y = upright ? item.y + shift : item.y + (side === "bottom" ? item.h / 2 : -item.h / 2);
    drawn[end] = [x, y];
  });
}

const DIRECTIONS = new Map([
  ["right", [1, 0]],
  ["left", [-1, 0]],
  ["bottom", [0, 1]],
  ["top", [0, -1]],
]);

/** Cubic curves from end to end through the lanes that the bands leave free. */
function bend(drawn) {
  const points = [drawn.out, ...drawn.via, drawn.in];
  return points.slice(1).map((end, at) => {
    const start = points[at];
    const first = at === 0 ? DIRECTIONS.get(drawn.outSide) : [1, 0];
    const last = at === points.length - 2 ? DIRECTIONS.get(drawn.inSide) : [-1, 0];
    const span = Math.hypot(end[0] - start[0], end[1] - start[1]);
    const loop = drawn.outSide === drawn.inSide;
    const pull = loop ? Math.min(60, 24 + span * 0.08) : Math.max(14, Math.min(span * 0.45, 160));
    return {
      x0: start[0],
      y0: start[1],
      x1: start[0] + first[0] * pull,
      y1: start[1] + first[1] * pull,
      x2: end[0] + last[0] * pull,
      y2: end[1] + last[1] * pull,
      x3: end[0],
      y3: end[1],
    };
  });
}

/** A point of a cubic curve; `t` from 0 to 1. */
function pointAt(curve, t) {
  const u = 1 - t;
  const mix = (a, b, c, d) => u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
  return [mix(curve.x0, curve.x1, curve.x2, curve.x3), mix(curve.y0, curve.y1, curve.y2, curve.y3)];
}

function distanceToSegment(x, y, [ax, ay], [bx, by]) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along =
    length === 0
      ? 0
      : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

/** The link under a point, if one is within `reach`. */
function linkAt(x, y, reach) {
  let best = null;
  let nearest = reach;
  for (const drawn of scene.links) {
    for (const curve of drawn.curve) {
      let before = pointAt(curve, 0);
      for (let step = 1; step <= 16; step += 1) {
        const here = pointAt(curve, step / 16);
        const distance = distanceToSegment(x, y, before, here);
        if (distance < nearest) {
          nearest = distance;
          best = drawn;
        }
        before = here;
      }
    }
  }
  return best;
}
