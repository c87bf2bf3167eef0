// Colours live in tokens.css alone; the canvas reads them from there.

const COLOUR_NAMES = [
  "page",
  "panel",
  "line",
  "text",
  "muted",
  "accent",
  "card",
  "card-line",
  "band",
  "halo",
  "box-account",
  "box-account-line",
  "box-region",
  "box-region-line",
  "box-vpc",
  "box-vpc-line",
  "box-other",
  "box-other-line",
  "bar",
  "on-colour",
  "on-link",
  ...[
    "source",
    "network",
    "compute",
    "identity",
    "policy",
    "data",
    "secrets",
    "admin",
    "other",
  ].map((name) => `cat-${name}`),
  ...["critical", "high", "medium", "low", "info"].flatMap((name) => [
    `sev-${name}`,
    `sev-${name}-line`,
  ]),
  ...["network", "assume", "escalation", "data", "admin", "config"].map((name) => `link-${name}`),
];

let colours = new Map();

function readColours() {
  const style = getComputedStyle(document.documentElement);
  colours = new Map(COLOUR_NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const colour = (name) => colours.get(name) || "#000000";

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  readColours();
}

const currentTheme = () => document.documentElement.dataset.theme;

const preferredTheme = () =>
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

/** Dashes tell relationship kinds apart where colours cannot. */
const DASHES = new Map([
  ["network", []],
  ["assume", [9, 5]],
  ["escalation", []],
  ["data", [2, 4]],
  ["admin", [12, 4, 2, 4]],
  ["config", [1, 5]],
]);

const LINK_WIDTHS = new Map([
  ["escalation", 2.4],
  ["admin", 2.2],
]);

const linkWidth = (kind) => LINK_WIDTHS.get(kind) || 1.7;

/** What is not a plain yes carries a letter on the link. */
const VERDICT_MARKS = new Map([
  ["conditional", "c"],
  ["dormant", "d"],
  ["unknown", "?"],
  ["no", "n"],
]);
