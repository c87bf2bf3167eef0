// Pictures of what is drawn now: SVG, PNG and paper.

const PICTURE_SCALE = 2;
/** Browsers refuse canvases beyond about 16,384 pixels a side. */
const LARGEST_SIDE = 12000;

function pictureBounds() {
  const pad = 20;
  const { x, y, w, h } = scene.bounds;
  return { x: x - pad, y: y - pad, w: w + 2 * pad, h: h + 2 * pad };
}

function svgText() {
  const context = new SvgContext(pictureBounds(), colour("page"));
  drawScene(context);
  return context.text();
}

/** Draw the whole scene at two pixels per point or more (less only where a browser must refuse). */
function pictureCanvas() {
  const bounds = pictureBounds();
  const scale = Math.min(PICTURE_SCALE, LARGEST_SIDE / Math.max(bounds.w, bounds.h));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(bounds.w * scale);
  canvas.height = Math.ceil(bounds.h * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = colour("page");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.translate(-bounds.x, -bounds.y);
  drawScene(context);
  return canvas;
}

function fileName(ending) {
  const words = graph.title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${words || "map"}.${ending}`;
}

function savePng() {
  pictureCanvas().toBlob((blob) => {
    if (blob === null)
      say(
        "The browser could not make a picture of this size; collapse some containers or save SVG.",
      );
    else download(blob, fileName("png"));
  }, "image/png");
}

const saveSvg = () => download(new Blob([svgText()], { type: "image/svg+xml" }), fileName("svg"));

/** Paper shows the whole map in light colours, then the chosen path and what was not seen. */
function preparePrint() {
  const theme = currentTheme();
  setTheme("light");
  const picture = el("img", { src: pictureCanvas().toDataURL("image/png"), alt: "The map" });
  setTheme(theme);
  const paths = ui.path === null ? graph.paths.slice(0, 40) : [graph.paths[ui.path]];
  const left = ui.path === null ? graph.paths.length - paths.length : 0;
  fill(
    byId("print-sheet"),
    el("h1", {}, graph.title),
    el(
      "p",
      {},
      [graph.subtitle, graph.generated, byId("status").textContent].filter(Boolean).join(" · "),
    ),
    picture,
    ...paths.map((path) =>
      el(
        "section",
        {},
        el("h2", {}, `${path.title} (${path.severity}, ${path.verdict})`),
        el(
          "ol",
          { start: "0" },
          path.steps.map((step) =>
            el("li", {}, graph.nodes[step.node].name, step.text ? `: ${step.text}` : ""),
          ),
        ),
        path.fix ? el("p", {}, `Cheapest fix: ${path.fix}`) : null,
      ),
    ),
    left > 0 ? el("p", {}, `${counted(left, "more path")} are not printed.`) : "",
    graph.notes.length === 0
      ? ""
      : el(
          "section",
          {},
          el("h2", {}, "Not seen"),
          el(
            "ul",
            {},
            graph.notes.map((note) => el("li", {}, note)),
          ),
        ),
  );
}

async function printMap() {
  preparePrint();
  // An image that is not decoded yet prints as nothing.
  await byId("print-sheet").querySelector("img").decode();
  window.print();
}
