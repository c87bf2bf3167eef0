// What lies behind the cards: open containers, or the bands of the attack-path view.

const FRAME_LOOKS = new Map([
  ["account", { fill: "box-account", line: "box-account-line", width: 2, dash: [] }],
  ["region", { fill: "box-region", line: "box-region-line", width: 1.4, dash: [7, 4] }],
  ["vpc", { fill: "box-vpc", line: "box-vpc-line", width: 1.6, dash: [] }],
]);
const OTHER_LOOK = { fill: "box-other", line: "box-other-line", width: 1.2, dash: [] };

function drawFrames(context) {
  for (const frame of scene.frames) {
    const box = graph.boxes[frame.index];
    const look = FRAME_LOOKS.get(box.kind) || OTHER_LOOK;
    roundedBox(
      context,
      frame.x,
      frame.y,
      frame.w,
      frame.h,
      10,
      colour(look.fill),
      colour(look.line),
      look.width,
      look.dash,
    );
    if (ui.selection && ui.selection.type === "box" && ui.selection.index === box.index)
      outline(context, frame.x, frame.y, frame.w, frame.h, 10);
  }
}

/** Titles stand above the links, on a patch of their container's colour. */
function drawFrameTitles(context) {
  for (const frame of scene.frames) {
    const box = graph.boxes[frame.index];
    const look = FRAME_LOOKS.get(box.kind) || OTHER_LOOK;
    const title = font(14, 600);
    const counter = boxMatches[box.index].total === box.size ? count(box.size) : boxCount(box);
    context.font = font(12.5);
    const counterWidth = context.measureText(counter).width;
    const label = fitted(context, box.label, frame.w - 40 - 34 - counterWidth - 8, title);
    context.font = title;
    const end = frame.x + 40 + context.measureText(label).width + 8;
    roundedBox(
      context,
      frame.x + 6,
      frame.y + 5,
      end + counterWidth - frame.x,
      28,
      6,
      colour(look.fill),
      null,
    );
    drawTile(context, box.icon, boxCategory(box), frame.x + 8, frame.y + 7, 24);
    drawText(context, label, frame.x + 40, frame.y + 24, title, colour("text"));
    drawText(context, counter, end, frame.y + 24, font(12.5), colour("muted"));
    roundedBox(context, frame.x + frame.w - 24, frame.y + 18, 11, 1.8, 0, colour("muted"), null);
  }
}

function drawBands(context) {
  scene.columns.forEach((column, place) => {
    if (place % 2 === 0)
      roundedBox(context, column.x, column.y, column.w, column.h, 10, colour("band"), null);
    drawText(
      context,
      column.title,
      column.x + column.w / 2,
      column.y + 26,
      font(14, 700),
      colour("muted"),
      "center",
    );
  });
}

function drawBackground(context) {
  drawBands(context);
  drawFrames(context);
  drawLinks(context);
  drawFrameTitles(context);
}

/** The whole scene in one go, for the exports. */
function drawScene(context) {
  drawBackground(context);
  for (const item of scene.items.values()) drawItem(context, item, false);
  drawLinkMarks(context);
}
