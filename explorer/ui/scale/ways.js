// Four networks that cost the same, side by side on one ruler, with the network they were made from as an outline.

const boards = new WeakMap(); // by the element they stand in

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".ways");
  let board = boards.get(root);
  if (!board) boards.set(root, (board = new Board(root)));
  board.bring(data);
  return () => {
    boards.get(root)?.observer.disconnect();
    boards.delete(root);
  };
}

class Board {
  constructor(root) {
    this.root = root;
    this.panels = root.querySelector(".panels");
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.panels);
  }

  bring(data) {
    this.data = data;
    this.panels.replaceChildren(...data.ways.map((way) => this.panel(way)));
    this.paint();
  }

  panel(way) {
    const made = (name, kind, text) => {
      const element = document.createElement(name);
      element.className = kind;
      if (text) element.textContent = text;
      return element;
    };
    const panel = made("article", `way ${way.way}`), head = made("header", "head"), canvas = made("canvas", "paper");
    head.append(made("b", "", way.title), made("span", "dial", way.dial));
    const facts = made("p", "facts", way.facts), printed = made("p", "printed", way.printed);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${way.title}: ${spoken(way.stages)}`);
    panel.append(head, canvas, facts, printed);
    return panel;
  }

  paint() {
    const canvases = [...this.panels.querySelectorAll(".paper")], { data } = this;
    if (!canvases.length || !canvases[0].clientWidth) return;
    const peaks = data.ways.map((way) => peaksOf([data.base, way])), look = lookOf(this.root, canvases[0].clientWidth * 1.7);
    const room = { left: 12, right: 6, top: 6, bottom: 12, column: 10, apart: look.small * 0.9, tallest: 2 };
    const shared = fitting(canvases[0].clientWidth, canvases[0].clientHeight, peaks, room);
    canvases.forEach((canvas, at) => {
      const { ctx, width, height } = fitCanvas(canvas), view = placed(peaks[at], shared, room);
      look.side = look.shade(ctx);
      ctx.clearRect(0, 0, width, height);
      ctx.strokeStyle = look.floor;
      ctx.beginPath();
      ctx.moveTo(6, view.ground + 0.5);
      ctx.lineTo(width - 6, view.ground + 0.5);
      ctx.stroke();
      drawNetwork(ctx, view, data.ways[at].stages, look);
      drawGhost(ctx, view, data.base.stages, look.ink, [4, 3]);
    });
  }
}

// The one ruler by which the tallest and the widest of all four just fit.
function fitting(width, height, peaks, room) {
  const side = Math.max(...peaks.flat().map(([, , side]) => side));
  const rulers = peaks.map((own) => ruler(width, height, own, { ...room, side }));
  return { ...rulers[0], perChannel: Math.min(...rulers.map((each) => each.perChannel)) };
}

// One ruler for all four, but each stands as close as its own stages allow.
function placed(own, shared, room) {
  const wides = own.map(([blocks, channels, side]) =>
    blocks * Math.max(THINNEST, channels * shared.perChannel) + (blocks - 1) * BETWEEN + side * shared.perPixel * SLANT.x);
  let x = room.left;
  const columns = wides.map((wide) => {
    const column = { x, wide };
    x += wide + room.apart;
    return column;
  });
  return { ...shared, columns };
}
