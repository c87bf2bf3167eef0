// Search over names, ids (ARNs), tags, accounts and kinds.

const MOST_RESULTS = 12;
let searchTexts = null;
let found = [];
let foundCount = 0;
let chosen = -1;

/** One lower-case line per node, made on first use. */
function searchLines() {
  if (searchTexts === null) {
    searchTexts = graph.nodes.map((node) => {
      const account = graph.accounts[node.account];
      return [node.name, node.id, kindOf(node).label, account.id, account.name, ...node.tags]
        .join("\n")
        .toLowerCase();
    });
  }
  return searchTexts;
}

/** Every word must occur; names that begin with the query come first. */
function searchNodes(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const whole = query.trim().toLowerCase();
  const hits = [];
  searchLines().forEach((line, index) => {
    if (words.every((word) => line.includes(word))) hits.push(index);
  });
  const rank = (index) => {
    const name = graph.nodes[index].name.toLowerCase();
    return name === whole ? 0 : name.startsWith(whole) ? 1 : name.includes(whole) ? 2 : 3;
  };
  return hits
    .map((index) => [rank(index), graph.nodes[index].severity, index])
    .sort((one, other) => one[0] - other[0] || one[1] - other[1] || one[2] - other[2])
    .map((entry) => entry[2]);
}

function startSearch() {
  const input = byId("search");
  input.addEventListener("input", () => showResults(input.value));
  input.addEventListener("focus", () => showResults(input.value));
  input.addEventListener("blur", () => setTimeout(hideResults, 150));
  input.addEventListener("keydown", searchKey);
}

function showResults(query) {
  const hits = searchNodes(query);
  foundCount = hits.length;
  found = hits.slice(0, MOST_RESULTS);
  chosen = found.length > 0 ? 0 : -1;
  const list = byId("results");
  fill(
    list,
    ...found.map((index, place) => {
      const node = graph.nodes[index];
      const severity = severityOf(node);
      return el(
        "li",
        {
          role: "option",
          id: `result-${place}`,
          on: {
            mousedown: (event) => {
              event.preventDefault();
              takeResult(place);
            },
          },
        },
        iconTile(kindOf(node).icon, kindOf(node).category),
        el(
          "span",
          { class: "grow" },
          el("span", { class: "name" }, node.name),
          el(
            "span",
            { class: "muted" },
            subtitleOf(node),
            matching[index] ? "" : " · hidden by a filter",
          ),
        ),
        severity ? pill("severity", severity) : null,
      );
    }),
  );
  if (query.trim() !== "") {
    const words =
      foundCount === 0
        ? "Nothing matches"
        : foundCount > found.length
          ? `${count(found.length)} of ${counted(foundCount, "match", "matches")}`
          : counted(foundCount, "match", "matches");
    list.append(el("li", { class: "summary", role: "presentation" }, words));
    announce(words);
  }
  list.hidden = query.trim() === "";
  byId("search").setAttribute("aria-expanded", String(!list.hidden));
  markChosen();
}

function hideResults() {
  byId("results").hidden = true;
  byId("search").setAttribute("aria-expanded", "false");
}

function markChosen() {
  found.forEach((_, place) =>
    byId(`result-${place}`).setAttribute("aria-selected", String(place === chosen)),
  );
  if (chosen >= 0) byId("search").setAttribute("aria-activedescendant", `result-${chosen}`);
  else byId("search").removeAttribute("aria-activedescendant");
}

function searchKey(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (found.length === 0) return;
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
    markChosen();
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    takeResult(chosen);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    hideResults();
    byId("map").focus();
  }
}

function takeResult(place) {
  const index = found[place];
  hideResults();
  goTo(index);
  byId("map").focus();
}
