// Filters hold what is excluded, so that an empty set shows everything.

const excluded = {
  kinds: new Set(),
  accounts: new Set(),
  regions: new Set(),
  severities: new Set(),
  relationships: new Set(),
};

let matching = new Uint8Array(0);
let matchingCount = 0;
let matchingLinks = 0;
/** Per container: how many of its resources match, and by severity (the last is "none"). */
let boxMatches = [];

const linkMatches = (link) => !excluded.relationships.has(link.relationship);

function nodeMatches(node) {
  return (
    !excluded.kinds.has(node.kind) &&
    !excluded.accounts.has(node.account) &&
    !excluded.regions.has(node.region) &&
    !excluded.severities.has(node.severity)
  );
}

const filtered = () => Object.values(excluded).some((set) => set.size > 0);

function applyFilters() {
  matching = new Uint8Array(graph.nodes.length);
  matchingCount = 0;
  boxMatches = graph.boxes.map(() => ({ total: 0, severities: [0, 0, 0, 0, 0, 0] }));
  for (const node of graph.nodes) {
    if (!nodeMatches(node)) continue;
    matching[node.index] = 1;
    matchingCount += 1;
    for (let box = node.box; box >= 0; box = graph.boxes[box].parent) {
      boxMatches[box].total += 1;
      boxMatches[box].severities[node.severity] += 1;
    }
  }
  matchingLinks = 0;
  for (const link of graph.links) {
    if (linkMatches(link) && matching[link.source] && matching[link.target]) matchingLinks += 1;
  }
}

function setExcluded(facet, value, exclude) {
  if (exclude) excluded[facet].add(value);
  else excluded[facet].delete(value);
}

/** Show one value of a facet alone. */
function showOnly(facet, value, values) {
  excluded[facet] = new Set(values.filter((other) => other !== value));
}

function clearFilters() {
  for (const facet of Object.keys(excluded)) excluded[facet] = new Set();
}
