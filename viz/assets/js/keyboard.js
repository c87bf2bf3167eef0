// Keys. Single letters only work while no text is being typed.

const KEYS = [
  ["/", "search", () => byId("search").focus()],
  ["f", "fit the map to the window", () => fitAll(true)],
  ["c", "collapse all containers", () => collapseAll()],
  ["e", "expand one level", () => expandLevel()],
  ["t", "the same content as tables", () => setTable(!ui.table)],
  ["v", "switch between attack paths and accounts", () => switchView()],
  ["d", "light or dark", () => toggleTheme()],
  ["+", "zoom in", () => zoomBy(1.25)],
  ["-", "zoom out", () => zoomBy(0.8)],
  ["?", "these keys", () => showHelp()],
];

const ARROWS = new Map([
  ["ArrowRight", [1, 0]],
  ["ArrowLeft", [-1, 0]],
  ["ArrowDown", [0, 1]],
  ["ArrowUp", [0, -1]],
]);

function startKeyboard() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      stepBack();
      return;
    }
    const target = event.target;
    if (target instanceof HTMLInputElement && target.type !== "checkbox") return;
    if (byId("help").open) return;
    const entry = KEYS.find(([key]) => key === event.key.toLowerCase());
    if (entry) {
      event.preventDefault();
      entry[2]();
    } else if (target === byId("map")) {
      mapKey(event);
    }
  });
}

function mapKey(event) {
  if (ARROWS.has(event.key)) {
    event.preventDefault();
    moveSelection(ARROWS.get(event.key));
  } else if (event.key === "Enter" || event.key === " ") {
    const item = scene.items.get(selectionKey(ui.selection));
    const open = ui.selection && ui.selection.type === "box" && !item;
    if (!item && !open) return;
    event.preventDefault();
    if (open) toggleBox(ui.selection.index, true);
    else activate(item, true);
  }
}

/** Go to the nearest card in a direction; sideways distance counts double. */
function moveSelection([dx, dy]) {
  const current = scene.items.get(selectionKey(ui.selection));
  let best = null;
  let nearest = Infinity;
  for (const item of scene.items.values()) {
    if (item === current) continue;
    const x = item.x - (current ? current.x : scene.bounds.x);
    const y = item.y - (current ? current.y : scene.bounds.y);
    const ahead = x * dx + y * dy;
    if (current && ahead <= 1) continue;
    const distance = current ? ahead + 2 * Math.abs(x * dy + y * dx) : Math.hypot(x, y);
    if (distance < nearest) {
      nearest = distance;
      best = item;
    }
  }
  if (best === null) return;
  select({ type: best.type, index: best.index, key: best.key });
  bringIntoSight(best);
}

/** Esc undoes the last thing that covers or dims the map. */
function stepBack() {
  if (byId("help").open) byId("help").close();
  else if (ui.table) setTable(false);
  else if (ui.view === "focus") leaveFocus();
  else select(null);
}

function showHelp() {
  const help = byId("help");
  const rows = [
    ...KEYS.map(([key, words]) => [key.toUpperCase(), words]),
    ["Arrows", "move between cards"],
    ["Enter", "open the selected card or container"],
    ["Esc", "step back"],
  ];
  fill(
    help,
    el("h2", {}, "Keys"),
    el(
      "dl",
      {},
      rows.flatMap(([key, words]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, words)]),
    ),
    el(
      "p",
      { class: "muted" },
      "Wheel zooms, dragging moves. A click selects; on a closed container it opens, on the minus of an open one it closes.",
    ),
    el("button", { type: "button", on: { click: () => help.close() } }, "Close"),
  );
  help.showModal();
}
