// What the stage and the law draw with: rulers, what lies between two networks, colours, labels kept apart.

import assert from "node:assert/strict";
import { test } from "node:test";

import { viridis } from "../../explorer/ui/components/colors.js";
import { binary, fixed, general, grouped, short, times } from "../../explorer/ui/components/numbers.js";
import { spread } from "../../explorer/ui/components/scaling_stage/growth_chart.js";
import { SLANT, between, peaksOf, ruler, spoken } from "../../explorer/ui/components/scaling_stage/network_slabs.js";

const B0 = [[1, 16, 112], [2, 24, 56], [2, 40, 28], [3, 80, 14], [3, 112, 14], [4, 192, 7], [1, 320, 7]];
const network = (phi, times) => ({ phi, params: 5 * times, macs: times, memory: 8 * times, stages: B0.map(([blocks, channels, side]) => [blocks * times, channels * times, side]) });
const ROOM = { left: 100, right: 14, top: 8, bottom: 90, column: 40, apart: 16, tallest: 3 };

test("on its ruler every stage of the largest network fits, one after the other", () => {
  for (const [width, height] of [[1200, 500], [700, 400], [2400, 900]]) {
    const view = ruler(width, height, B0, ROOM), last = view.columns.at(-1);
    assert.ok(Math.abs(last.x + last.wide + ROOM.apart - (width - ROOM.right)) < 1); // to the edge
    view.columns.slice(1).forEach(({ x }, at) => assert.ok(x >= view.columns[at].x + view.columns[at].wide));
    assert.ok(112 * view.perPixel * (1 + SLANT.y) <= height - ROOM.top - ROOM.bottom + 1e-9);
  }
});

test("at a stop there is the network that was built, between two something between them", () => {
  const networks = [network(0, 1), network(1, 4)];
  assert.ok(between(networks, 0).built && between(networks, 1).built);
  const middle = between(networks, 0.5);
  assert.deepEqual([middle.built, middle.from, middle.to], [false, 0, 1]);
  assert.equal(middle.macs, 2); // grows evenly by factors
  assert.deepEqual(middle.stages[0], [2.5, 40, 112]);
  assert.equal(between(networks, 9).phi, 1);
  assert.ok(between(networks, 9).awaited && !between(networks, 9).built); // more will be counted
  assert.ok(!between(networks, 1).awaited && !middle.awaited);
});

test("the room of a stage is for the most it ever has", () => {
  assert.deepEqual(peaksOf([{ stages: [[1, 9, 5]] }, { stages: [[3, 2, 7]] }]), [[3, 9, 7]]);
  assert.equal(spoken([[2.4, 16, 112]]), "2 blocks of 16 channels at 112 pixels");
});

test("labels are kept apart without changing places", () => {
  assert.deepEqual(spread([10, 12, 50], 8), [10, 18, 50]);
  assert.deepEqual(spread([50, 12, 10], 8), [50, 18, 10]);
});

test("viridis goes from violet to yellow, and stays there", () => {
  assert.deepEqual([viridis(0), viridis(-1)], [[68, 1, 84], [68, 1, 84]]);
  assert.deepEqual([viridis(1), viridis(2)], [[253, 231, 37], [253, 231, 37]]);
  assert.deepEqual(viridis(0.5), [35, 144, 140]); // half-way from #26828e to #1f9e89
});

test("numbers are short and exact", () => {
  assert.deepEqual([5_288_548, 389e6, 999_500, 12, 1125].map(short), ["5.29 M", "389 M", "1.00 M", "12", "1.12 k"]);
  assert.deepEqual([1.5 * 2 ** 20, 12 * 2 ** 20, 1010 * 2 ** 20, 1010].map(binary), ["1.5 MiB", "12 MiB", "1,010 MiB", "1,010 B"]);
  assert.deepEqual([1.4, 12.34, 250].map(times), ["1.40×", "12.3×", "250×"]);
  assert.deepEqual([fixed(0.125, 2), fixed(0.375, 2), fixed(2.5, 0), general(12.50), grouped(12_345.4)], ["0.12", "0.38", "2", "12.5", "12,345"]);
});
