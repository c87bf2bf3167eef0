// The same content as text: for screen readers, for copying, for whoever prefers tables.

const ROWS_AT_ONCE = 200;

function showTable() {
  const holder = byId("table");
  holder.hidden = !ui.table;
  if (!ui.table) {
    holder.replaceChildren();
    return;
  }
  const nodes = graph.nodes.filter((node) => matching[node.index]);
  const links = graph.links.filter(
    (link) => linkMatches(link) && matching[link.source] && matching[link.target],
  );
  fill(
    holder,
    el(
      "p",
      { class: "muted" },
      `${count(nodes.length)} of ${counted(graph.nodes.length, "resource")} and ${count(links.length)} of ${counted(graph.links.length, "link")} match the filters.`,
    ),
    graph.paths.length === 0
      ? ""
      : el(
          "section",
          {},
          el("h2", {}, `Attack paths (${count(graph.paths.length)})`),
          growingTable(
            ["Severity", "Verdict", "Path", "Steps", "Cheapest fix"],
            graph.paths,
            pathCells,
          ),
        ),
    el(
      "section",
      {},
      el("h2", {}, `Resources (${count(nodes.length)})`),
      growingTable(["Name", "Type", "Account", "Region", "Severity", "Id"], nodes, nodeCells),
    ),
    el(
      "section",
      {},
      el("h2", {}, `Links (${count(links.length)})`),
      growingTable(["From", "Relationship", "To", "Verdict", "Why"], links, linkCells),
    ),
    graph.notes.length === 0
      ? ""
      : el(
          "section",
          {},
          el("h2", {}, `Not seen (${count(graph.notes.length)})`),
          el(
            "ul",
            {},
            graph.notes.map((note) => el("li", {}, note)),
          ),
        ),
  );
}

function growingTable(heads, entries, cells) {
  const body = el("tbody", {});
  const more = el("button", { type: "button", class: "more" });
  let shown = 0;
  const grow = () => {
    entries.slice(shown, shown + ROWS_AT_ONCE).forEach((entry) =>
      body.append(
        el(
          "tr",
          {},
          cells(entry).map((cell) => el("td", {}, cell)),
        ),
      ),
    );
    shown = Math.min(entries.length, shown + ROWS_AT_ONCE);
    more.textContent = `Show ${count(Math.min(ROWS_AT_ONCE, entries.length - shown))} of ${count(entries.length - shown)} more`;
    more.hidden = shown === entries.length;
  };
  more.addEventListener("click", grow);
  grow();
  return el(
    "div",
    {},
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          heads.map((head) => el("th", { scope: "col" }, head)),
        ),
      ),
      body,
    ),
    more,
  );
}

const short = (word) => el("span", { class: "nowrap" }, word);

const opener = (node) =>
  el(
    "button",
    {
      type: "button",
      class: "link",
      on: {
        click: () => {
          setTable(false);
          goTo(node.index);
        },
      },
    },
    node.name,
  );

function nodeCells(node) {
  return [
    opener(node),
    kindOf(node).label,
    accountLabel(graph.accounts[node.account]),
    short(regionLabel(graph.regions[node.region])),
    short(severityOf(node) || "none"),
    el("code", {}, node.id),
  ];
}

function linkCells(link) {
  const relation = graph.relationships[link.relationship];
  return [
    opener(graph.nodes[link.source]),
    link.label ? `${relation.label} · ${link.label}` : relation.label,
    opener(graph.nodes[link.target]),
    short(link.verdict),
    link.why,
  ];
}

function pathCells(path) {
  return [
    short(path.severity),
    short(path.verdict),
    el(
      "button",
      {
        type: "button",
        class: "link",
        on: {
          click: () => {
            setTable(false);
            choosePath(path.index);
          },
        },
      },
      path.title,
    ),
    el(
      "ol",
      { start: "0" },
      path.steps.map((step) =>
        el("li", {}, graph.nodes[step.node].name, step.text ? `: ${step.text}` : ""),
      ),
    ),
    path.fix || "",
  ];
}

function setTable(on) {
  ui.table = on;
  showTable();
  refreshButtons();
  // The panel would cover the last columns.
  if (on) byId("details").hidden = true;
  else showDetails();
  if (on) {
    byId("table").tabIndex = -1;
    byId("table").focus();
    announce("The map as tables");
  } else {
    byId("map").focus();
  }
}
