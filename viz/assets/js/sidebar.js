// The left side: attack paths, legend and filters in one, and what was not seen.

const FIRST_PATHS = 12;
const FIRST_VALUES = 14;
const pathButtons = new Map();
const filterRows = [];
let listPath = () => {};
let openBody = null;

function buildSidebar() {
  fill(
    byId("sidebar"),
    ...[
      pathSection(),
      severitySection(),
      relationshipSection(),
      kindSection(),
      facetSection("Account", "accounts", graph.accounts.map(accountLabel)),
      facetSection("Region", "regions", graph.regions.map(regionLabel)),
      noteSection(),
      el(
        "p",
        { class: "credit" },
        [
          graph.snapshot ? `Snapshot ${graph.snapshot}. ` : "",
          graph.generated ? `Drawn ${graph.generated}. ` : "",
          "Drawn with vis-network (Apache-2.0 or MIT).",
        ].join(""),
      ),
    ].filter(Boolean),
  );
  refreshSidebar();
}

function pathSection() {
  if (graph.paths.length === 0) return null;
  const list = el("ul", { class: "paths" });
  const draw = (path) => {
    const button = el(
      "button",
      {
        type: "button",
        class: `path sev-${path.severity}`,
        "aria-expanded": "false",
        on: {
          click: () =>
            ui.path === path.index && ui.view !== "focus" ? select(null) : choosePath(path.index),
        },
      },
      el("span", { class: "name" }, path.title),
      el(
        "span",
        { class: "muted" },
        [
          path.severity,
          counted(path.steps.length - 1, "step"),
          path.verdict === "yes" ? null : path.verdict,
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    );
    const body = el("div", { class: "path-body", hidden: true });
    pathButtons.set(path.index, { button, body });
    return el("li", {}, button, body);
  };
  const rest = el("div", {});
  const add = (path) => list.append(draw(path));
  graph.paths.slice(0, FIRST_PATHS).forEach(add);
  growList(rest, graph.paths, FIRST_PATHS, add, "path");
  // A path that the list does not show yet can be chosen from a node's panel: add it then.
  listPath = (index) => {
    if (!pathButtons.has(index)) add(graph.paths[index]);
  };
  return el(
    "section",
    { "aria-label": "Attack paths" },
    el("h2", {}, `Attack paths (${count(graph.paths.length)})`),
    list,
    rest,
  );
}

/** "N more": 100 further entries per click, the remainder always counted. */
function growList(holder, entries, shown, add, word) {
  holder.replaceChildren();
  if (shown >= entries.length) return;
  const left = entries.length - shown;
  holder.append(
    el(
      "button",
      {
        type: "button",
        class: "more",
        on: {
          click: () => {
            entries
              .slice(shown, shown + 100)
              .filter((entry) => !(word === "path" && pathButtons.has(entry.index)))
              .forEach(add);
            growList(holder, entries, shown + 100, add, word);
            refreshSidebar();
          },
        },
      },
      `${counted(left, `more ${word}`)}`,
    ),
  );
}

function severitySection() {
  const words = [...graph.words.severities, "none"];
  const chips = words.map((word, value) => {
    const number = graph.counts.severities[value];
    if (number === 0) return null;
    const chip = el(
      "button",
      {
        type: "button",
        class: `chip severity-${word}`,
        "aria-pressed": "true",
        on: { click: () => changeFilter("severities", value) },
      },
      word === "none" ? null : el("span", { class: "letter" }, word[0].toUpperCase()),
      `${word} ${count(number)}`,
    );
    filterRows.push({
      facet: "severities",
      value,
      set: (on) => chip.setAttribute("aria-pressed", String(on)),
    });
    return chip;
  });
  return el(
    "section",
    { "aria-label": "Severity" },
    el("h2", {}, "Severity"),
    el("div", { class: "chips" }, chips),
  );
}

function facetSection(title, facet, labels, mark = () => null, order = null, note = null) {
  if (labels.length === 0) return null;
  const list = el("ul", { class: "facet" });
  const values = order || labels.map((_, value) => value);
  const add = (value) => list.append(facetRow(facet, value, labels[value], mark(value), values));
  values.slice(0, FIRST_VALUES).forEach(add);
  const rest = el("div", {});
  growList(rest, values, FIRST_VALUES, add, "value");
  return el("section", { "aria-label": title }, el("h2", {}, title), list, rest, note);
}

function facetRow(facet, value, label, mark, values) {
  const box = el("input", { type: "checkbox", on: { change: () => changeFilter(facet, value) } });
  filterRows.push({
    facet,
    value,
    set: (on) => {
      box.checked = on;
    },
  });
  const only = el(
    "button",
    {
      type: "button",
      class: "only",
      "aria-label": `Show only ${label}`,
      on: {
        click: () => {
          showOnly(facet, value, values);
          filtersChanged();
        },
      },
    },
    "only",
  );
  return el(
    "li",
    {},
    el("label", {}, box, mark, el("span", { class: "grow", title: label }, label)),
    only,
    el("span", { class: "number" }, count(graph.counts[facet][value])),
  );
}

function kindSection() {
  const order = graph.kinds
    .map((_, value) => value)
    .sort((one, other) => {
      const place = (value) => graph.words.categories.indexOf(graph.kinds[value].category);
      return (
        place(one) - place(other) ||
        graph.counts.kinds[other] - graph.counts.kinds[one] ||
        one - other
      );
    });
  return facetSection(
    "Types",
    "kinds",
    graph.kinds.map((kind) => kind.label),
    (value) => iconTile(graph.kinds[value].icon, graph.kinds[value].category),
    order,
  );
}

function relationshipSection() {
  const note = el(
    "div",
    { class: "marks" },
    el(
      "label",
      { class: "all-links" },
      el("input", {
        type: "checkbox",
        id: "all-links",
        checked: ui.allLinks,
        on: {
          change: (event) => {
            ui.allLinks = event.target.checked;
            update();
          },
        },
      }),
      "Draw every link",
    ),
    el(
      "p",
      { class: "muted" },
      "On a link: ",
      mark("c"),
      " conditional ",
      mark("d"),
      " dormant ",
      mark("?"),
      " unknown",
    ),
  );
  return facetSection(
    "Relationships",
    "relationships",
    graph.relationships.map((relation) => relation.label),
    (value) => swatch(graph.relationships[value].kind),
    null,
    note,
  );
}

const mark = (letter) => el("span", { class: "mark" }, letter);

/** A piece of the line as the map draws it. */
function swatch(kind) {
  const svg = document.createElementNS(SVG_NAMESPACE, "svg");
  svg.setAttribute("viewBox", "0 0 34 10");
  svg.setAttribute("class", `swatch line-${kind}`);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG_NAMESPACE, "path");
  line.setAttribute("d", "M1 5H33");
  line.setAttribute("stroke-width", String(linkWidth(kind) + 0.4));
  line.setAttribute("stroke-dasharray", DASHES.get(kind).join(" "));
  svg.append(line);
  return svg;
}

function noteSection() {
  if (graph.notes.length === 0) return null;
  return el(
    "section",
    { class: "not-seen", "aria-label": "Not seen" },
    el("h2", {}, `Not seen (${count(graph.notes.length)})`),
    limited(graph.notes, (note) => el("li", {}, note), 5),
  );
}

function changeFilter(facet, value) {
  setExcluded(facet, value, !excluded[facet].has(value));
  filtersChanged();
}

function filtersChanged() {
  applyFilters();
  update();
  announce(byId("status").textContent);
}

/** Show the state in every control. */
function refreshSidebar() {
  for (const row of filterRows) row.set(!excluded[row.facet].has(row.value));
  if (ui.path !== null) listPath(ui.path);
  for (const [index, { button, body }] of pathButtons) {
    button.setAttribute("aria-expanded", String(ui.path === index));
    if (ui.path === index) fill(body, ...pathDetails(graph.paths[index]));
    body.hidden = ui.path !== index;
    if (body.hidden) body.replaceChildren();
  }
  const open = ui.path === null ? null : pathButtons.get(ui.path).button;
  if (open !== null && open !== openBody) open.scrollIntoView({ block: "nearest" });
  openBody = open;
}

function refreshStatus() {
  const drawn = scene.links.reduce((sum, link) => sum + link.links.length, 0);
  const parts = [
    `${count(scene.items.size)} shown`,
    `${count(matchingCount)} of ${counted(graph.nodes.length, "resource")} match`,
    `${count(drawn)} of ${counted(graph.links.length, "link")} drawn`,
  ];
  if (scene.cut > 0)
    parts.push(
      `${counted(scene.cut, "container")} kept closed: more than ${count(graph.limits.drawn)} cards`,
    );
  const status = byId("status");
  fill(status, document.createTextNode(parts.join(" · ")));
  if (filtered())
    status.append(
      " ",
      el(
        "button",
        {
          type: "button",
          on: {
            click: () => {
              clearFilters();
              filtersChanged();
            },
          },
        },
        "Clear filters",
      ),
    );
}
