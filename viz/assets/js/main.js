// State changes and the start. Everything that happens ends in update(): scene, canvas, panels.

/** Draw the state. `look` is "fit" to show everything, else the window stays where it is. */
function update(look = "") {
  document.documentElement.dataset.view = ui.view;
  buildScene();
  showScene();
  if (ui.table) showTable();
  else showDetails();
  refreshSidebar();
  refreshStatus();
  refreshButtons();
  if (look === "fit") fitAll();
}

function refreshButtons() {
  byId("view-paths").setAttribute("aria-pressed", String(!ui.table && ui.view !== "accounts"));
  byId("view-accounts").setAttribute("aria-pressed", String(!ui.table && ui.view === "accounts"));
  byId("view-table").setAttribute("aria-pressed", String(ui.table));
  for (const id of ["tool-collapse", "tool-expand"]) byId(id).hidden = ui.view !== "accounts";
  byId("view-paths").hidden = graph.bands === null;
}

function select(selected) {
  const before = ui.path;
  ui.selection = selected;
  if (ui.view !== "focus") {
    // A neighbour opened from a path's panel keeps the path highlighted; anything else ends it.
    const station =
      selected !== null &&
      selected.type === "node" &&
      before !== null &&
      graph.paths[before].steps.some((step) => step.node === selected.index);
    if (selected === null || (selected.type !== "path" && !station)) ui.path = null;
  } else if (selected === null) {
    // The stepper without its words is half a picture: fall back to the path.
    ui.selection = { type: "path", index: ui.path };
  }
  refreshSelection(before !== ui.path);
  announceSelection();
}

/** In the account view the selection decides which links are drawn, so they are built anew. */
function refreshSelection(pathChanged) {
  if (ui.view === "accounts" || pathChanged) {
    buildLinks();
    refreshStatus();
  }
  showDetails();
  refreshSidebar();
  redraw();
}

function announceSelection() {
  const selected = ui.selection;
  if (selected === null) return;
  if (selected.type === "node") {
    const node = graph.nodes[selected.index];
    const severity = severityOf(node);
    announce(
      [
        node.name,
        kindOf(node).label,
        severity ? `severity ${severity}` : "no finding",
        counted(graph.outgoing[node.index].length, "link out", "links out"),
        counted(graph.incoming[node.index].length, "link in", "links in"),
      ].join(", "),
    );
  } else if (selected.type === "box") {
    const box = graph.boxes[selected.index];
    announce(`${box.label}, ${boxCount(box)}, ${ui.opened.has(box.index) ? "open" : "closed"}`);
  } else if (selected.type === "path") {
    const path = graph.paths[selected.index];
    announce(
      `Attack path ${path.title}, ${path.severity}, ${counted(path.steps.length - 1, "step")}`,
    );
  }
}

// ---- Views

function setView(view) {
  if (view === "paths" && graph.bands === null) return;
  ui.view = view;
  if (view === "accounts" && ui.selection && ui.selection.type === "more") ui.selection = null;
  if (ui.selection && ui.selection.type === "node") ui.selection.key = nodeKey(ui.selection.index);
  if (
    ui.selection &&
    (ui.selection.type === "link" || (view === "paths" && ui.selection.type === "box"))
  )
    ui.selection = null;
  if (ui.table) setTable(false);
  byId("details").hidden = ui.selection === null;
  update("fit");
}

function switchView() {
  setView(ui.view === "accounts" ? "paths" : "accounts");
}

/** Highlight a path; where the attack-path view has no room for it, show it alone. */
function choosePath(index) {
  if (ui.table) setTable(false);
  ui.path = index;
  ui.selection = { type: "path", index };
  byId("details").hidden = true;
  if (ui.view === "focus") {
    update("fit");
  } else {
    update();
    const whole = graph.paths[index].steps.every((step) => representative(step.node) !== null);
    if (!whole) focusPath(index);
  }
  announceSelection();
}

let viewBeforeFocus = "paths";

function focusPath(index) {
  if (ui.view !== "focus") viewBeforeFocus = ui.view;
  ui.path = index;
  ui.selection = { type: "path", index };
  ui.view = "focus";
  byId("details").hidden = true;
  update("fit");
}

function leaveFocus() {
  ui.view = viewBeforeFocus;
  ui.selection = { type: "path", index: ui.path };
  update("fit");
}

// ---- Containers

function toggleBox(index, byKey = false) {
  if (ui.opened.has(index)) ui.opened.delete(index);
  else ui.opened.add(index);
  ui.selection = byKey ? { type: "box", index } : null;
  ui.path = null;
  update("fit");
  const box = graph.boxes[index];
  announce(
    `${box.label} ${ui.opened.has(index) ? "opened" : "closed"}. ${byId("status").textContent}`,
  );
}

function collapseAll() {
  if (ui.view !== "accounts") setView("accounts");
  ui.opened.clear();
  ui.caps.clear();
  ui.revealed.clear();
  ui.selection = null;
  update("fit");
  announce(`All containers closed. ${byId("status").textContent}`);
}

/** Open every container that stands closed in the view, as far as the limit allows. */
function expandLevel() {
  if (ui.view !== "accounts") setView("accounts");
  const closed = [...scene.items.values()].filter((item) => item.type === "box");
  let room = graph.limits.drawn - scene.items.size;
  let left = 0;
  for (const item of closed) {
    const cost = Math.min(graph.boxes[item.index].children.length, graph.limits.group + 1);
    if (cost > room) {
      left += 1;
      continue;
    }
    room -= cost;
    ui.opened.add(item.index);
  }
  update("fit");
  if (left > 0)
    say(
      `${counted(left, "container")} stay closed: at most ${count(graph.limits.drawn)} cards are drawn at once.`,
    );
  announce(byId("status").textContent);
}

function raiseCap(index) {
  ui.caps.set(index, (ui.caps.get(index) || graph.limits.group) + graph.limits.group);
  update("fit");
  announce(byId("status").textContent);
}

// ---- Going to a node

/** Select a node where it is drawn; else open the account map down to it. */
function goTo(index) {
  if (!matching[index]) {
    clearFilters();
    applyFilters();
    update();
    say("The filters were cleared: they hid this resource.");
  }
  const drawn = scene.items.get(nodeKey(index));
  if (drawn) {
    select({ type: "node", index, key: drawn.key });
    bringIntoSight(drawn);
  } else if (
    ui.view === "focus" &&
    [...scene.items.values()].some((item) => item.index === index)
  ) {
    const item = [...scene.items.values()].find((one) => one.index === index);
    select({ type: "node", index, key: item.key });
  } else {
    revealNode(index);
  }
}

function revealNode(index) {
  for (const box of boxesAbove(graph.nodes[index])) ui.opened.add(box.index);
  ui.revealed.add(index);
  ui.view = "accounts";
  ui.path = null;
  ui.selection = { type: "node", index, key: nodeKey(index) };
  byId("details").hidden = false;
  update("fit");
  const item = scene.items.get(nodeKey(index));
  if (item) bringIntoSight(item);
  else say("Too much is open to draw this card; collapse all (C) and search again.");
  announceSelection();
}

function toggleTheme() {
  setTheme(currentTheme() === "dark" ? "light" : "dark");
  redraw();
}

// ---- Start

const BUTTONS = [
  [
    "view-paths",
    () =>
      ui.table && ui.view === "paths"
        ? setTable(false)
        : ui.view === "focus"
          ? leaveFocus()
          : setView("paths"),
  ],
  [
    "view-accounts",
    () => (ui.table && ui.view === "accounts" ? setTable(false) : setView("accounts")),
  ],
  ["view-table", () => setTable(!ui.table)],
  ["tool-fit", () => fitAll(true)],
  ["tool-collapse", collapseAll],
  ["tool-expand", expandLevel],
  ["tool-png", savePng],
  ["tool-svg", saveSvg],
  ["tool-print", printMap],
  ["tool-theme", toggleTheme],
  ["tool-help", showHelp],
  ["zoom-in", () => zoomBy(1.25)],
  ["zoom-out", () => zoomBy(0.8)],
];

function showTitle() {
  const totals = graph.totals.map(([name, value]) => `${count(value)} ${name}`);
  byId("subtitle").textContent = [graph.subtitle, ...totals].filter(Boolean).join(" · ");
  byId("subtitle").title = byId("subtitle").textContent;
}

async function start() {
  setTheme(preferredTheme());
  await loadGraph();
  ui.opened = new Set(graph.opened);
  ui.view = graph.bands === null ? "accounts" : "paths";
  applyFilters();
  showTitle();
  buildSidebar();
  startNetwork();
  for (const [id, listener] of BUTTONS) byId(id).addEventListener("click", listener);
  startSearch();
  startKeyboard();
  let resized = 0;
  window.addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => update("fit"), 200);
  });
  window.addEventListener("beforeprint", () => {
    if (!byId("print-sheet").firstChild) preparePrint();
  });
  window.addEventListener("afterprint", () => byId("print-sheet").replaceChildren());
  const drawn = new Promise((resolve) => {
    network.once("afterDrawing", resolve);
  });
  update("fit");
  await drawn;
}

/** What is drawn, for tests and for the curious; plain values, nothing that changes the map. */
function inspect() {
  const place = byId("map").getBoundingClientRect();
  const onScreen = (box) => {
    const corner = network.canvasToDOM({ x: box.x, y: box.y });
    const scale = network.getScale();
    return {
      x: place.left + corner.x,
      y: place.top + corner.y,
      w: box.w * scale,
      h: box.h * scale,
    };
  };
  return {
    view: ui.view,
    path: ui.path,
    table: ui.table,
    selection: ui.selection ? { ...ui.selection } : null,
    scale: network.getScale(),
    stage: { x: place.left, y: place.top, w: place.width, h: place.height },
    items: [...scene.items.values()].map((item) => ({
      key: item.key,
      type: item.type,
      dimmed: dimmedKeys.has(item.key),
      id: item.type === "node" ? graph.nodes[item.index].id : null,
      name:
        item.type === "node"
          ? graph.nodes[item.index].name
          : item.type === "box"
            ? graph.boxes[item.index].label
            : null,
      hidden: item.nodes ? item.nodes.length : 0,
      screen: onScreen({ x: item.x - item.w / 2, y: item.y - item.h / 2, w: item.w, h: item.h }),
      x: item.x,
      y: item.y,
      w: item.w,
      h: item.h,
    })),
    frames: scene.frames.map((frame) => ({
      name: graph.boxes[frame.index].label,
      screen: onScreen(frame),
      x: frame.x,
      y: frame.y,
      w: frame.w,
      h: frame.h,
    })),
    links: scene.links.map((drawn) => ({
      from: drawn.from.key,
      to: drawn.to.key,
      kind: drawn.kind,
      verdict: drawn.verdict,
      count: drawn.links.length,
      emphasis: linkEmphasis(drawn),
      points: drawn.curve.flatMap((curve) => [0, 0.25, 0.5, 0.75, 1].map((t) => pointAt(curve, t))),
    })),
    matching: matchingCount,
    matchingLinks,
    total: graph.nodes.length,
    status: byId("status").textContent,
  };
}

const ready = start().catch((error) => {
  byId("message").hidden = false;
  byId("message").textContent =
    `The map could not be drawn: ${error.message}. A browser of 2023 or newer is needed.`;
  throw error;
});

window.mapperMap = Object.freeze({
  ready,
  inspect,
  svg: svgText,
  png: () => pictureCanvas().toDataURL("image/png"),
  search: (query) => searchNodes(query).map((index) => graph.nodes[index].id),
});
