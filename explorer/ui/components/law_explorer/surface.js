// The surface α·β²·γ² = 2 seen from above: α to the right, β upwards, and γ, which follows from both, as the colour.

import { viridis } from "../colors.js";
import { fitCanvas } from "../scaling_stage/network_slabs.js";
import { letterSize, make } from "../shared.js";

const EDGE = { alpha: [0.93, 2.06], beta: [0.975, 1.44] }; // of the sheet: a little more than the surface

function gammaColour(gamma) {
  return `rgb(${viridis((gamma - 1) / (Math.SQRT2 - 1)).join()})`;
}

// Draws what stands still on the sheet; gives the scales, and what moves the point.
export function drawMap(sheet, data, look) {
  const [canvas, marks, point] = sheet.children, { ctx, width, height } = fitCanvas(canvas), { budget, paper } = data.rule;
  const letter = letterSize(0.8, height / 26, 1.1);
  const left = letter * 3.1, right = letter * 4.4, top = letter * 0.7, bottom = letter * 2.9;
  const wide = width - left - right, high = height - top - bottom;
  const x = (alpha) => left + ((alpha - EDGE.alpha[0]) / (EDGE.alpha[1] - EDGE.alpha[0])) * wide;
  const y = (beta) => top + high - ((beta - EDGE.beta[0]) / (EDGE.beta[1] - EDGE.beta[0])) * high;
  const alphaAt = (px) => EDGE.alpha[0] + ((px - left) / wide) * (EDGE.alpha[1] - EDGE.alpha[0]);
  const betaAt = (py) => EDGE.beta[0] + ((top + high - py) / high) * (EDGE.beta[1] - EDGE.beta[0]);
  ctx.clearRect(0, 0, width, height);
  ctx.save();
  trace(ctx, x, y, budget);
  ctx.clip();
  const cell = 4; // on whole pixels, for between fractions of them one would see the paper
  for (let px = Math.floor(x(1)) - cell; px < x(2); px += cell)
    for (let py = Math.floor(y(Math.SQRT2)); py < y(1) + cell; py += cell) {
      ctx.fillStyle = gammaColour(Math.sqrt(Math.max(1, budget / (alphaAt(px + cell / 2) * betaAt(py + cell / 2) ** 2))));
      ctx.fillRect(px, py, cell + 1, cell + 1);
    }
  ctx.restore();
  drawAxes(ctx, { x, y, left, top, wide, high, letter, budget }, look);
  drawScale(ctx, { left: left + wide + letter * 0.9, top, high, letter }, look);
  const mark = (name, { alpha, beta }, text, size) => {
    const made = make("span", name, text);
    Object.assign(made.style, { left: `${x(alpha)}px`, top: `${y(beta)}px`, fontSize: `${size}px` });
    return made;
  };
  const others = data.grid.filter(({ alpha, beta }) => alpha !== paper.alpha || beta !== paper.beta); // there stands the star
  const chips = others.map((each) => mark("chip", each, each.times.toFixed(2), Math.max(letter * 0.86, letterSize(0.8, 0, 0))));
  marks.replaceChildren(...chips, mark("star", paper, "★", letter * 1.5));
  return {
    alpha: alphaAt, beta: betaAt,
    move({ alpha, beta, gamma }) {
      const place = { left: `${x(alpha)}px`, top: `${Math.max(top, y(beta))}px`, width: `${letter * 1.2 + 3}px` };
      Object.assign(point.style, { ...place, background: gammaColour(gamma) });
    },
  };
}

// The shape that the surface has from above: what leaves a γ of 1 or more.
function trace(ctx, x, y, budget) {
  ctx.beginPath();
  ctx.moveTo(x(1), y(1));
  for (let step = 0; step <= 60; step++) {
    const alpha = 1 + step / 60;
    ctx.lineTo(x(alpha), y(Math.sqrt(budget / alpha)));
  }
  ctx.closePath();
}

function drawAxes(ctx, { x, y, left, top, wide, high, letter, budget }, look) {
  ctx.font = `400 ${letter}px ${look.font}`;
  ctx.fillStyle = look.quiet;
  ctx.textBaseline = "top";
  ctx.textAlign = "center";
  for (const alpha of [1, 1.2, 1.4, 1.6, 1.8, 2]) ctx.fillText(alpha.toFixed(1), x(alpha), top + high + 5);
  ctx.fillText("α, how fast the depth grows", left + wide / 2, top + high + letter * 1.5);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const beta of [1, 1.1, 1.2, 1.3, 1.4]) ctx.fillText(beta.toFixed(1), left - 7, y(beta));
  ctx.save();
  ctx.translate(letter * 0.7, top + high / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.textAlign = "center";
  ctx.fillText("β, width", 0, 0);
  ctx.restore();
  ctx.strokeStyle = look.floor;
  ctx.lineWidth = 1.5;
  trace(ctx, x, y, budget);
  ctx.stroke();
  ctx.textAlign = "right";
  ctx.fillText("no γ of 1 or more left", left + wide - 4, top + high * 0.1);
}

function drawScale(ctx, { left, top, high, letter }, look) {
  for (let py = 0; py < high; py++) {
    ctx.fillStyle = gammaColour(1 + (1 - py / high) * (Math.SQRT2 - 1));
    ctx.fillRect(left, top + py, letter * 0.8, 1.5);
  }
  ctx.fillStyle = look.quiet;
  ctx.textAlign = "left";
  for (const gamma of [1, 1.1, 1.2, 1.3, 1.4])
    ctx.fillText(gamma === 1.4 ? "γ 1.4" : gamma.toFixed(1), left + letter * 1.1, top + high * (1 - (gamma - 1) / (Math.SQRT2 - 1)));
}
