// The one player, with a clock of the test's own.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Player, flow, glide, hop } from "../../explorer/ui/components/player.js";

const QUARTERS = Array.from({ length: 29 }, (_, at) => at / 4);
let now, waiting, less;

beforeEach(() => {
  [now, waiting, less] = [0, undefined, false];
  globalThis.matchMedia = () => ({ matches: less });
  globalThis.performance = { now: () => now };
  globalThis.requestAnimationFrame = (call) => (waiting = call);
  globalThis.cancelAnimationFrame = () => (waiting = undefined);
});

async function pass(milliseconds, frame = 10) {
  await null; // what begun() promises
  for (const end = now + milliseconds; now < end; ) {
    now += frame;
    const call = waiting;
    waiting = undefined;
    call?.(now);
  }
}

function play(options = {}) {
  const path = { setAttribute() {} }, seen = [], rests = [];
  const button = { label: "", setAttribute: (_, label) => (button.label = label), querySelector: () => path };
  const hear = { paint: (place) => seen.push(place), rested: (place) => rests.push(place) };
  return Object.assign(new Player({ button, motion: glide, stops: QUARTERS, ...hear, ...options }), { seen, rests });
}

test("it plays from stop to stop, only forwards, with a rest at each, and comes to rest at the last", async () => {
  const player = play({ stops: [0, 0.25, 0.5] });
  player.button.onclick();
  assert.equal(player.button.label, "Pause");
  await pass(600);
  assert.equal(player.place, 0.25);
  await pass(2000);
  assert.deepEqual(player.seen, player.seen.toSorted((one, other) => one - other));
  assert.ok(player.seen.length > 60);
  assert.deepEqual([player.place, player.rests, player.button.label], [0.5, [0.5], "Play"]);
  player.play();
  assert.equal(player.place, 0); // from the beginning
});

test("paused between two stops it goes to the nearest; from there it goes on without a leap", async () => {
  const player = play();
  player.play();
  await pass(150);
  assert.ok(player.place > 0 && player.place < 0.125);
  player.toggle();
  await pass(400);
  assert.deepEqual([player.place, player.rests], [0, [0]]);
  player.play();
  await pass(20);
  assert.ok(player.place < 0.01);
});

test("stops that come while it plays are not passed over", async () => {
  const player = play({ stops: [0, 7] });
  player.play();
  await pass(300);
  player.stops = QUARTERS;
  await pass(3000);
  assert.ok(player.seen.filter((place) => place % 0.25 === 0).length > 2);
  assert.ok(player.playing);
});

test("steps add up however fast they come, and end at the last stop", async () => {
  const player = play();
  for (let step = 0; step < 4; step++) player.step(1);
  await pass(400);
  assert.deepEqual([player.place, player.rests], [1, [1]]);
  player.step(-1);
  await pass(400);
  assert.equal(player.place, 0.75);
  for (let step = 0; step < 40; step++) player.step(1);
  await pass(400);
  assert.equal(player.place, 7);
});

test("dragged it stays within its line, and goes to a stop once it is let go", async () => {
  const player = play();
  player.drag(9);
  assert.equal(player.place, 7);
  player.drag(1.3);
  player.settle();
  await pass(400);
  assert.deepEqual(player.rests, [1.25]);
  const free = play({ stops: [0, 1], free: true });
  free.drag(0.3);
  free.settle();
  assert.deepEqual([free.place, free.rests], [0.3, [0.3]]);
});

test("an even motion takes as long as was asked, and waits where there is nothing to show yet", async () => {
  let duration = Infinity;
  const player = play({ stops: [0, 1], free: true, motion: flow(() => duration) });
  player.play();
  await pass(500);
  assert.equal(player.place, 0);
  duration = 1000;
  await pass(490);
  assert.ok(Math.abs(player.place - 0.49) < 0.02);
  await pass(600);
  assert.deepEqual(player.rests, [1]);
});

test("it does not move before what its owner prepares is ready", async () => {
  let ready;
  const player = play({ begun: () => new Promise((done) => (ready = done)) });
  player.play();
  await pass(500);
  assert.deepEqual([player.place, player.playing], [0, true]);
  ready();
  await pass(100);
  assert.ok(player.place > 0);
});

for (const motion of [glide, hop(900), flow(() => 5000)])
  test(`with less motion it shows a picture now and then: ${motion.name || "made"}`, async () => {
    less = true;
    const player = play({ stops: [0, 0.25, 0.5, 0.75, 1], motion });
    player.play();
    await pass(2000);
    assert.equal(player.seen.length, 2);
    player.step(1);
    assert.equal(player.target, undefined); // at once
  });

test("keys play, step and jump, but not where a word is chosen or with a modifier", () => {
  const player = play({ snap: 0 }), press = (key, more = {}) => player.key({ key, preventDefault() {}, target: { tagName: "DIV" }, ...more });
  assert.ok(press("End") && player.place === 7);
  assert.ok(press("Home") && press("ArrowRight") && player.place === 0.25);
  assert.ok(press("k") && player.playing && press(" ") && !player.playing);
  assert.ok(!press("x") && !press("ArrowRight", { ctrlKey: true }) && !press("End", { target: { tagName: "SELECT" } }));
  assert.ok(!press(" ", { target: { tagName: "BUTTON" } })); // presses the button
});
