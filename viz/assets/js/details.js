// The details panel: what is known of the selection, why, and where to go from there.

function showDetails() {
  const selected = ui.selection;
  const panel = byId("details");
  // A path's words open in the sidebar, under its button: the map keeps its size.
  const content = selected === null || selected.type === "path" ? null : detailsOf(selected);
  panel.hidden = content === null;
  if (content === null) {
    panel.replaceChildren();
    return;
  }
  const close = el(
    "button",
    {
      type: "button",
      class: "close",
      "aria-label": "Close details (Esc)",
      on: { click: () => select(null) },
    },
    "×",
  );
  fill(panel, close, ...content);
  panel.scrollTop = 0;
}

function detailsOf(selected) {
  if (selected.type === "node") return nodeDetails(graph.nodes[selected.index]);
  if (selected.type === "box") return boxDetails(graph.boxes[selected.index]);
  if (selected.type === "more") return moreDetails(scene.items.get(moreKey(selected.index)));
  return linkDetails(scene.links.find((link) => link.key === selected.key));
}

function facts(pairs) {
  const rows = pairs
    .filter(([, value]) => value)
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return rows.length === 0 ? null : el("dl", {}, rows);
}

function section(title, ...content) {
  const kept = content.flat().filter(Boolean);
  return kept.length === 0 ? null : el("section", {}, el("h3", {}, title), kept);
}

const sentences = (texts) =>
  texts.length === 0
    ? null
    : el(
        "ol",
        { class: "evidence" },
        texts.map((text) => el("li", {}, text)),
      );

function nodeDetails(node) {
  const kind = kindOf(node);
  const severity = severityOf(node);
  const paths = graph.pathsOf.get(node.index) || [];
  const pairs = [];
  for (let at = 0; at + 1 < node.facts.length; at += 2)
    pairs.push([node.facts[at], node.facts[at + 1]]);
  const place = boxesAbove(node)
    .filter((box) => box.kind !== "kind")
    .map((box) => box.label)
    .join(" › ");
  return [
    el(
      "div",
      { class: "head" },
      iconTile(kind.icon, kind.category),
      el(
        "div",
        {},
        el("h2", {}, node.name),
        el(
          "p",
          { class: "muted" },
          subtitleOf(node) === kind.label ? kind.label : `${kind.label} · ${subtitleOf(node)}`,
        ),
      ),
    ),
    severity ? pill("severity", severity) : null,
    facts([
      ["id", node.id],
      ["account", accountLabel(graph.accounts[node.account])],
      ["region", graph.regions[node.region]],
      ["stands in", place],
      ...pairs,
    ]),
    section("Evidence", sentences(node.evidence)),
    section(
      `Attack paths (${count(paths.length)})`,
      paths.length === 0 ? null : limited(paths, pathButton),
    ),
    section(
      "Tags",
      node.tags.length === 0
        ? null
        : el(
            "ul",
            { class: "tags" },
            node.tags.map((tag) => el("li", {}, tag)),
          ),
    ),
    neighbours("Leads to", graph.outgoing[node.index], (link) => link.target),
    neighbours("Reached from", graph.incoming[node.index], (link) => link.source),
    ui.view === "accounts"
      ? null
      : el(
          "button",
          { type: "button", class: "wide", on: { click: () => revealNode(node.index) } },
          "Show in the account map",
        ),
  ];
}

/** A list that stays short until asked: 12 entries, then all. */
function limited(entries, draw, first = 12) {
  const list = el("ul", { class: "plain-list" }, entries.slice(0, first).map(draw));
  if (entries.length > first) {
    const more = el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: "more",
          on: {
            click: () => {
              more.remove();
              entries.slice(first, 1000).forEach((entry) => list.append(draw(entry)));
              if (entries.length > 1000)
                list.append(
                  el(
                    "li",
                    { class: "muted" },
                    `${count(entries.length - 1000)} more are not listed; search finds them`,
                  ),
                );
            },
          },
        },
        `${count(entries.length - first)} more`,
      ),
    );
    list.append(more);
  }
  return list;
}

function neighbours(title, links, other) {
  if (links.length === 0) return null;
  return section(
    `${title} (${count(links.length)})`,
    limited(links, (link) => {
      const node = graph.nodes[other(link)];
      return el(
        "li",
        {},
        nodeButton(node, graph.relationships[link.relationship].label, link),
        link.why ? el("p", { class: "muted why" }, link.why) : null,
      );
    }),
  );
}

function nodeButton(node, words, link = null) {
  return el(
    "button",
    { type: "button", class: "neighbour", on: { click: () => goTo(node.index) } },
    iconTile(kindOf(node).icon, kindOf(node).category),
    el(
      "span",
      { class: "grow" },
      el("span", { class: "name" }, node.name),
      el("span", { class: "muted" }, words, link && link.label ? ` · ${link.label}` : ""),
    ),
    link && link.verdict !== "yes" ? pill("verdict", link.verdict) : null,
  );
}

function pathButton(path) {
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "neighbour", on: { click: () => choosePath(path.index) } },
      el("span", { class: `stripe sev-${path.severity}` }),
      el(
        "span",
        { class: "grow" },
        el("span", { class: "name" }, path.title),
        el("span", { class: "muted" }, counted(path.steps.length - 1, "step")),
      ),
    ),
  );
}

function boxDetails(box) {
  const matches = boxMatches[box.index];
  const open = ui.opened.has(box.index);
  const found = graph.words.severities
    .map((severity, at) => [severity, matches.severities[at]])
    .filter(([, number]) => number > 0);
  return [
    el(
      "div",
      { class: "head" },
      iconTile(box.icon, boxCategory(box)),
      el(
        "div",
        {},
        el("h2", {}, box.label),
        el(
          "p",
          { class: "muted" },
          `${box.kind === "kind" ? "group" : box.kind} · ${boxCount(box)}`,
        ),
      ),
    ),
    el(
      "button",
      { type: "button", class: "wide", on: { click: () => toggleBox(box.index) } },
      open ? "Collapse" : "Expand",
    ),
    section(
      "Findings",
      found.length === 0
        ? el("p", { class: "muted" }, "none on what stands in here")
        : el(
            "ul",
            { class: "plain-list" },
            found.map(([severity, number]) =>
              el("li", { class: "row" }, pill("severity", severity), ` ${count(number)}`),
            ),
          ),
    ),
  ];
}

function moreDetails(item) {
  if (!item) return null;
  return [
    el("h2", {}, `${count(item.nodes.length)} more`),
    el(
      "p",
      { class: "muted" },
      "They stand on paths that did not fit in this view. Each path can be opened from the list at the left.",
    ),
    limited(
      item.nodes,
      (node) => el("li", {}, nodeButton(graph.nodes[node], subtitleOf(graph.nodes[node]))),
      40,
    ),
  ];
}

function linkDetails(drawn) {
  if (!drawn) return null;
  const ends = (link) => [
    section("From", nodeButton(graph.nodes[link.source], subtitleOf(graph.nodes[link.source]))),
    section("To", nodeButton(graph.nodes[link.target], subtitleOf(graph.nodes[link.target]))),
  ];
  if (drawn.links.length === 1) {
    const [link] = drawn.links;
    const relation = graph.relationships[link.relationship];
    return [
      el("h2", {}, relation.label),
      el("p", { class: "muted" }, relation.name),
      pill("verdict", link.verdict),
      link.why ? el("p", {}, link.why) : null,
      facts([["what", link.label]]),
      ...ends(link),
      section("Evidence", sentences(link.evidence)),
    ];
  }
  return [
    el("h2", {}, counted(drawn.links.length, "link")),
    el("p", { class: "muted" }, "drawn as one between these cards"),
    limited(
      drawn.links,
      (link) =>
        el(
          "li",
          {},
          el(
            "p",
            { class: "why" },
            `${graph.nodes[link.source].name} → ${graph.nodes[link.target].name}`,
          ),
          nodeButton(graph.nodes[link.target], graph.relationships[link.relationship].label, link),
        ),
      40,
    ),
  ];
}
