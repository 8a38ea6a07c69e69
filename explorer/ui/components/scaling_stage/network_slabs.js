// Draws a network as slabs on one ruler: height is the map's side, thickness its channels, one slab a block.

import { isDark, letterSize } from "../shared.js";

const THINNEST = 1.8, BETWEEN = 3; // pixels on screen: of a slab, and between two of one stage
export const SLANT = { x: 0.36, y: 0.2 }; // how far the depth of a slab leans to the right and upwards, per pixel of its side

// Where each stage stands and how much a pixel and a channel take, so that the largest network just fits.
export function ruler(width, height, peaks, room) {
  const tallest = Math.max(...peaks.map(([, , side]) => side));
  const perPixel = Math.min(room.tallest, (height - room.top - room.bottom) / (tallest * (1 + SLANT.y)));
  const free = width - room.left - room.right;
  const extent = ([blocks, channels, side], perChannel) =>
    Math.max(room.column, blocks * Math.max(THINNEST, channels * perChannel) + (blocks - 1) * BETWEEN + side * perPixel * SLANT.x * 0.9) + room.apart;
  const total = (perChannel) => peaks.reduce((sum, peak) => sum + extent(peak, perChannel), 0);
  let low = 0, high = 2;
  for (let turn = 0; turn < 40; turn++) {
    const middle = (low + high) / 2;
    if (total(middle) > free) high = middle;
    else low = middle;
  }
  let end = room.left;
  const columns = peaks.map((peak) => {
    const x = end, wide = extent(peak, low);
    end += wide;
    return { x, wide: wide - room.apart };
  });
  return { perPixel, perChannel: low, columns, ground: height - room.bottom, width };
}

// The largest number of blocks, channels and pixels that each stage ever has.
export function peaksOf(networks) {
  return networks[0].stages.map((_, at) => [0, 1, 2].map((part) => Math.max(...networks.map((each) => each.stages[at][part]))));
}

// The network at a place: a built one where there is a stop, else something between its two neighbours.
export function between(networks, place) {
  const at = networks.findLastIndex((each) => each.phi <= place + 1e-6);
  const from = networks[Math.max(0, at)], to = networks[Math.min(networks.length - 1, at + 1)];
  const span = to.phi - from.phi, share = span ? Math.min(1, Math.max(0, (place - from.phi) / span)) : 0;
  const there = span > 0 || Math.abs(place - from.phi) < 1e-3; // else it lies beyond all that has been counted so far
  if (share < 1e-4) return { ...from, built: there, awaited: !there };
  const mixed = (one, other) => one + (other - one) * share, grown = (one, other) => one * (other / one) ** share;
  return {
    built: false, from: from.phi, to: to.phi,
    params: grown(from.params, to.params), macs: grown(from.macs, to.macs), memory: grown(from.memory, to.memory),
    stages: from.stages.map((stage, row) => stage.map((value, part) => mixed(value, to.stages[row][part]))),
    factors: from.factors?.map((value, part) => mixed(value, to.factors[part])),
    implied: from.implied?.map((value, part) => mixed(value, to.implied[part])),
  };
}

// A network in words, for those who do not see it.
export function spoken(stages) {
  return stages.map((stage) => stage.map(Math.round)).map(([blocks, channels, side]) => `${blocks} blocks of ${channels} channels at ${side} pixels`).join("; ");
}

export function drawRuler(ctx, view, look, marks) {
  ctx.font = `400 ${look.small}px ${look.font}`;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 1;
  for (const mark of marks) {
    const y = Math.round(view.ground - mark * view.perPixel) + 0.5;
    ctx.strokeStyle = mark ? look.rule : look.floor;
    ctx.beginPath();
    ctx.moveTo(view.columns[0].x - 14, y);
    ctx.lineTo(mark ? view.columns[2].x - 8 : view.width - 8, y);
    ctx.stroke();
    ctx.fillStyle = look.quiet;
    if (mark) ctx.fillText(`${mark} px`, view.columns[0].x - 20, y);
  }
}

export function drawNetwork(ctx, view, stages, look) {
  stages.forEach((stage, at) => drawStage(ctx, view, view.columns[at].x, stage, look));
}

function drawStage(ctx, view, left, [blocks, channels, side], look) {
  const high = side * view.perPixel, lean = high * SLANT.x, rise = high * SLANT.y, bottom = view.ground, top = bottom - high;
  const thick = Math.max(THINNEST, channels * view.perChannel), whole = Math.floor(blocks + 1e-6), count = Math.ceil(blocks - 1e-6);
  let x = left;
  for (let block = 0; block < count; block++) {
    const part = block < whole ? 1 : blocks - whole; // one that is on its way in
    const deep = thick * part, right = x + deep, last = block === count - 1;
    ctx.globalAlpha = block < whole ? 1 : 0.25 + 0.75 * part;
    face(ctx, look.top, [x, top, right, top, right + lean, top - rise, x + lean, top - rise]);
    face(ctx, last ? look.side(top - rise, bottom) : look.inner, [right, top, right + lean, top - rise, right + lean, bottom - rise, right, bottom]);
    face(ctx, look.front, [x, top, right, top, right, bottom, x, bottom]);
    ctx.strokeStyle = look.edge;
    ctx.lineWidth = 0.8;
    outline(ctx, x, right, top, bottom, lean, rise);
    if (last) drawCells(ctx, right, top, bottom, lean, rise, side, look);
    x = right + BETWEEN * part;
  }
  ctx.globalAlpha = 1;
}

function face(ctx, fill, points) {
  ctx.fillStyle = fill;
  ctx.beginPath();
  line(ctx, points);
  ctx.fill();
}

function line(ctx, [x, y, ...rest]) {
  ctx.moveTo(x, y);
  for (let at = 0; at < rest.length; at += 2) ctx.lineTo(rest[at], rest[at + 1]);
}

function outline(ctx, x, right, top, bottom, lean, rise) {
  ctx.beginPath();
  line(ctx, [x, bottom, x, top, x + lean, top - rise, right + lean, top - rise, right + lean, bottom - rise, right, bottom, x, bottom]);
  line(ctx, [right, bottom, right, top, right + lean, top - rise]);
  line(ctx, [right, top, x, top]);
  ctx.stroke();
}

// A line for every tenth pixel of the map: more of them where the resolution grows.
function drawCells(ctx, x, top, bottom, lean, rise, side, look) {
  const cells = side / 10;
  ctx.strokeStyle = look.cell;
  ctx.lineWidth = 0.6;
  ctx.beginPath();
  for (let cell = 1; cell < cells; cell++) {
    const part = cell / cells, along = lean * part, y = top + (bottom - top) * part;
    ctx.moveTo(x + along, top - rise * part);
    ctx.lineTo(x + along, bottom - rise * part);
    ctx.moveTo(x, y);
    ctx.lineTo(x + lean, y - rise);
  }
  ctx.stroke();
}

// Only the outer edges, of a network that one compares with.
export function drawGhost(ctx, view, stages, colour, dash) {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.3;
  ctx.setLineDash(dash);
  stages.forEach(([blocks, channels, side], at) => {
    const thick = Math.max(THINNEST, channels * view.perChannel), x = view.columns[at].x;
    const high = side * view.perPixel, right = x + blocks * thick + (blocks - 1) * BETWEEN;
    outline(ctx, x, right, view.ground - high, view.ground, high * SLANT.x, high * SLANT.y);
  });
  ctx.restore();
}

// Blocks, channels and pixels of each stage, in rows under it.
export function drawNumbers(ctx, view, stages, look, rows) {
  const step = look.big * 1.32, first = view.ground + look.big * 1.05;
  rows.forEach(({ name, colour }, row) => {
    const y = first + row * step;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.fillStyle = colour;
    ctx.font = `600 ${look.small}px ${look.font}`;
    ctx.fillText(name, 6, y);
    ctx.font = `600 ${look.big}px ${look.font}`;
    stages.forEach((stage, at) => ctx.fillText(String(Math.round(stage[row])), view.columns[at].x, y));
  });
}

// A canvas as sharp as the screen; gives its size in CSS pixels.
export function fitCanvas(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas, sharp = Math.min(2, globalThis.devicePixelRatio || 1);
  const size = { width: Math.round(width * sharp), height: Math.round(height * sharp) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const ctx = canvas.getContext("2d");
  ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
  return { ctx, width, height };
}

// What the theme makes of the colours; asked once a theme, not once a frame.
export function lookOf(root, width, ctx) {
  const dark = isDark(root), ink = dark ? "232,236,240" : "27,31,36";
  const slab = dark
    ? { front: "#2f7fb3", top: "#7cc4ec", inner: "#235f88", edge: "rgba(8,20,30,.85)", cell: "rgba(255,255,255,.10)", side: shade(ctx, "#3b90c6", "#1d5478") }
    : { front: "#2a86bf", top: "#9fd2f0", inner: "#4d9dcc", edge: "rgba(0,50,84,.75)", cell: "rgba(255,255,255,.28)", side: shade(ctx, "#4aa3d6", "#0f5f94") };
  return {
    ...slab, colours: dark ? ["#56b4e9", "#e69f00", "#2fc99a"] : ["#0072b2", "#a86f00", "#00785a"], // of depth, width, resolution
    font: getComputedStyle(root).fontFamily, small: letterSize(0.8, width / 88, 1.1), big: letterSize(1, width / 66, 1.6),
    quiet: `rgba(${ink},.72)`, rule: `rgba(${ink},.13)`, floor: `rgba(${ink},.45)`, ghost: `rgba(${ink},.34)`, ink: `rgb(${ink})`,
  };
}

// A colour that runs from one to another between two heights.
function shade(ctx, top, bottom) {
  return (from, to) => {
    const made = ctx.createLinearGradient(0, from, 0, to);
    made.addColorStop(0, top);
    made.addColorStop(1, bottom);
    return made;
  };
}
