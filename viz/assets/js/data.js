// The data block, decoded into objects that refer to each other by number. Ids of AWS are text to
// show and to search, never keys: `constructor` and `__proto__` are ordinary names here.

const graph = {
  nodes: [],
  links: [],
  boxes: [],
  paths: [],
  roots: [],
  opened: [],
  bands: null,
  kinds: [],
  accounts: [],
  regions: [],
  relationships: [],
  counts: null,
  icons: new Map(),
  words: null,
  limits: null,
  outgoing: [],
  incoming: [],
  pathsOf: new Map(),
};

async function readPayload() {
  const block = byId("data");
  const text = block.textContent;
  if (block.dataset.encoding === "json") return JSON.parse(text);
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** Columns as `payload.py` writes them. */
async function loadGraph() {
  const data = await readPayload();
  const text = (number) => data.texts[number];
  const texts = (numbers) => numbers.map(text);
  graph.words = data.words;
  graph.limits = data.limits;
  ui.allLinks = data.allLinks;
  graph.counts = data.counts;
  graph.icons = new Map(Object.entries(data.icons));
  graph.title = text(data.title);
  graph.subtitle = text(data.subtitle);
  graph.generated = text(data.generated);
  graph.snapshot = text(data.snapshot);
  graph.totals = data.totals.map(([name, value]) => [text(name), value]);
  graph.notes = texts(data.notes);
  graph.kinds = data.kinds.map(([label, plural, category, icon]) => ({
    label: text(label),
    plural: text(plural),
    category: data.words.categories[category],
    icon,
  }));
  graph.accounts = data.accounts.map(([id, name]) => ({ id: text(id), name: text(name) }));
  graph.regions = texts(data.regions);
  graph.relationships = data.relationships.map(([name, label, kind]) => ({
    name: text(name),
    label: text(label),
    kind: data.words.linkKinds[kind],
  }));
  graph.nodes = data.nodes.map((row, index) => ({
    index,
    name: text(row[0]),
    id: text(row[1]),
    kind: row[2],
    account: row[3],
    region: row[4],
    severity: row[5],
    subtitle: text(row[6]),
    tags: texts(row[7]),
    facts: texts(row[8]),
    evidence: texts(row[9]),
    box: row[10],
  }));
  graph.links = data.links.map((row, index) => ({
    index,
    source: row[0],
    target: row[1],
    relationship: row[2],
    verdict: data.words.verdicts[row[3]],
    label: text(row[4]),
    why: text(row[5]),
    evidence: texts(row[6]),
    kind: graph.relationships[row[2]].kind,
    onPath: false,
  }));
  graph.boxes = data.boxes.map((row, index) => ({
    index,
    label: text(row[0]),
    kind: text(row[1]),
    icon: row[2],
    category: data.words.categories[row[3]],
    parent: row[4],
    children: row[5],
    size: row[6],
  }));
  graph.roots = data.roots;
  graph.opened = data.opened;
  graph.bands = data.bands;
  graph.paths = data.paths.map((row, index) => ({
    index,
    title: text(row[0]),
    severity: data.words.severities[row[1]],
    verdict: data.words.verdicts[row[2]],
    steps: row[3].map(([node, words]) => ({ node, text: text(words) })),
    links: row[4],
    fix: text(row[5]),
  }));
  connect();
}

/** Neighbours per node, and which paths pass it. */
function connect() {
  graph.outgoing = graph.nodes.map(() => []);
  graph.incoming = graph.nodes.map(() => []);
  for (const link of graph.links) {
    graph.outgoing[link.source].push(link);
    graph.incoming[link.target].push(link);
  }
  for (const path of graph.paths) {
    for (const link of path.links) if (link >= 0) graph.links[link].onPath = true;
    for (const node of new Set(path.steps.map((step) => step.node))) {
      if (!graph.pathsOf.has(node)) graph.pathsOf.set(node, []);
      graph.pathsOf.get(node).push(path);
    }
  }
}

const kindOf = (node) => graph.kinds[node.kind];
const severityOf = (node) => graph.words.severities[node.severity] || null;
const regionLabel = (region) => region || "no region";

function accountLabel(account) {
  if (!account.id && !account.name) return "outside of all accounts";
  return account.name ? `${account.name} ${account.id}`.trim() : account.id;
}

/** What stands under a name: the model's words, or kind and account. */
function subtitleOf(node) {
  if (node.subtitle) return node.subtitle;
  const account = graph.accounts[node.account];
  return [kindOf(node).label, account.name || account.id].filter(Boolean).join(" · ");
}

/** Containers of a node, the outermost first. */
function boxesAbove(node) {
  const above = [];
  for (let box = node.box; box >= 0; box = graph.boxes[box].parent) above.unshift(graph.boxes[box]);
  return above;
}
