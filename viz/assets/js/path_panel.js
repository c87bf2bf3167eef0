// One attack path in words: numbered steps, the cheapest fix. It opens under the path's button.

function pathDetails(path) {
  const focused = ui.view === "focus";
  const toggle = el(
    "button",
    {
      type: "button",
      class: "wide",
      on: { click: () => (focused ? leaveFocus() : focusPath(path.index)) },
    },
    focused ? "Show the whole map" : "Focus on this path",
  );
  return [
    el(
      "ol",
      { class: "steps", "aria-label": "Steps" },
      path.steps.map((step, place) => stepRow(path, step, place)),
    ),
    path.fix ? el("p", { class: "fix" }, el("b", {}, "Cheapest fix. "), path.fix) : null,
    toggle,
  ].filter(Boolean);
}

/** The first station is where the attacker stands (0); each further one is a step. */
function stepRow(path, step, place) {
  const node = graph.nodes[step.node];
  const link = place > 0 && path.links[place - 1] >= 0 ? graph.links[path.links[place - 1]] : null;
  const relation = link ? graph.relationships[link.relationship].label : null;
  return el(
    "li",
    {},
    el("span", { class: `number link-${link ? link.kind : "config"}` }, String(place)),
    el(
      "div",
      {},
      el(
        "button",
        { type: "button", class: "name", on: { click: () => goTo(node.index) } },
        node.name,
      ),
      el("span", { class: "muted" }, ` ${subtitleOf(node)}`),
      step.text ? el("p", { class: "why" }, step.text) : null,
      relation
        ? el(
            "p",
            { class: "muted why" },
            relation,
            link.label ? ` · ${link.label}` : "",
            link.verdict === "yes" ? "" : ` · ${link.verdict}`,
          )
        : null,
    ),
  );
}
