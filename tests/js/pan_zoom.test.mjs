// The camera's arithmetic: what stays where it is, what is seen at first, and how several pictures lie on one board.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  PROJECTED, USUAL, beginCamera, centerCamera, firstDifferent, fitCamera, hiddenSides, layBoard, linkedCamera, mixCameras, moveCamera,
  nudgeCamera, openedCamera, pinchCamera, toBoard, wheelFactor, zoomCamera,
} from "../../explorer/ui/components/network_viewer/pan_zoom.js";

const STAGE = { w: 600, h: 400 };
const SMALL = { w: 200, h: 100 }, TALL = { w: 300, h: 4000 };
const INPUT = { x: 100, y: 0, w: 100, h: 40 };
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
const onScreen = ({ x, y, k }, point) => ({ x: point.x * k + x, y: point.y * k + y });

test("one picture lies on its board as it is", () => {
  assert.deepEqual(layBoard([{ w: 300, h: 80, trunk: 90 }]), { w: 300, h: 80, shifts: [0] });
});

test("several pictures lie on one board with their trunks at one place", () => {
  const pictures = [{ w: 300, h: 80, trunk: 90 }, { w: 200, h: 500, trunk: 150 }];
  const { w, h, shifts } = layBoard(pictures);
  assert.equal(new Set(pictures.map(({ trunk }, index) => trunk + shifts[index])).size, 1);
  assert.deepEqual([w, h], [150 + 210, 500]);
  for (const [index, picture] of pictures.entries()) assert.ok(shifts[index] >= 0 && shifts[index] + picture.w <= w);
});

test("a board without pictures has a size to divide by", () => {
  assert.deepEqual(layBoard([]), { w: 1, h: 1, shifts: [] });
});

test("what is zoomed about stays where it is", () => {
  const camera = { x: 40, y: -70, k: 0.8 };
  const zoomed = zoomCamera(camera, 1.25, 210, 130);
  close(zoomed.k, 1);
  const point = toBoard(camera, 210, 130);
  assert.deepEqual(onScreen(zoomed, point), { x: 210, y: 130 });
});

test("zooming ends where nothing could be seen any more", () => {
  const camera = { x: 0, y: 0, k: 1 };
  assert.equal(zoomCamera(camera, 1e6, 0, 0).k, 4);
  assert.equal(zoomCamera(camera, 1e-6, 0, 0).k, 0.03);
});

test("two fingers hold what lies between them", () => {
  const camera = { x: 10, y: 20, k: 1 };
  const was = { x: 100, y: 100 }, other = { x: 200, y: 100 }, now = { x: 60, y: 140 };
  const between = toBoard(camera, 150, 100);
  const pinched = pinchCamera(camera, was, now, other);
  close(pinched.k, Math.hypot(140, 40) / 100);
  const { x, y } = onScreen(pinched, between);
  close(x, 130);
  close(y, 120);
  const along = pinchCamera(camera, was, { x: 0, y: 100 }, other); // twice as far apart: twice the size
  close(along.k, 2);
});

test("the wheel: down is smaller, a line is more than a pixel, a pinch counts more, nothing leaps", () => {
  const turn = (deltaY, more = {}) => wheelFactor({ deltaY, deltaMode: 0, ctrlKey: false, ...more });
  assert.ok(turn(100) < 1 && turn(-100) > 1);
  close(turn(100) * turn(-100), 1);
  close(turn(3, { deltaMode: 1 }), turn(54));
  assert.ok(turn(-10, { ctrlKey: true }) > turn(-10));
  close(turn(-1e4), turn(-240));
});

test("a glide begins and ends where it should and grows by equal factors", () => {
  const from = { x: 0, y: 0, k: 0.25 }, to = { x: 100, y: -50, k: 4 };
  assert.deepEqual(mixCameras(from, to, 0), from);
  assert.deepEqual(mixCameras(from, to, 1), to);
  close(mixCameras(from, to, 0.5).k, 1);
  assert.deepEqual(mixCameras(from, { x: 10, y: 30, k: 0.25 }, 0.5), { x: 5, y: 15, k: 0.25 });
});

test("everything fits, in the middle, and small things do not become huge", () => {
  const tall = fitCamera(TALL, STAGE);
  assert.deepEqual(hiddenSides(tall, { x: 0, y: 0, ...TALL }, STAGE), { left: false, top: false, right: false, bottom: false });
  const small = fitCamera(SMALL, STAGE);
  assert.equal(small.k, 1.6);
  assert.deepEqual(onScreen(small, { x: 100, y: 50 }), { x: 300, y: 200 });
});

test("a first view shows everything where that can be read", () => {
  assert.deepEqual(beginCamera(SMALL, STAGE, { first: INPUT }), fitCamera(SMALL, STAGE));
});

test("else it shows the beginning, readable, without empty room", () => {
  const camera = beginCamera(TALL, STAGE, { first: INPUT });
  assert.ok(camera.k >= USUAL.readable && fitCamera(TALL, STAGE).k < USUAL.readable);
  assert.equal(camera.y, 8);
  assert.ok(onScreen(camera, { x: 150, y: 20 }).x > 0 && onScreen(camera, { x: 150, y: 20 }).x < STAGE.w);
});

test("or as much lower as it takes to see the first difference", () => {
  const begin = (y) => beginCamera(TALL, STAGE, { first: INPUT, different: { x: 100, y, w: 100, h: 50 } });
  const near = begin(150), far = begin(1450);
  assert.deepEqual(near, beginCamera(TALL, STAGE, { first: INPUT }));
  const end = onScreen(far, { x: 0, y: 1500 }).y;
  assert.ok(end < STAGE.h && end > STAGE.h - 40);
});

test("the first difference is what differs by itself in an opened block, before what is folded or stands outside", () => {
  const item = (y, status, foldable) => ({ place: 1, box: { foldable }, rect: { x: 0, y, w: 9, h: 9 }, mark: status && { status } });
  const block = { place: 1, frame: true, box: {}, rect: { x: 0, y: 5, w: 9, h: 80 } }, elsewhere = { ...block, place: 0 };
  const folded = item(10, "changed", true), gate = item(50, "added", true), norm = item(90, "added");
  const items = [item(0), norm, folded, item(70, "changed"), gate];
  assert.equal(firstDifferent([block, ...items]), gate);
  assert.equal(firstDifferent([elsewhere, ...items]), folded);
  assert.equal(firstDifferent([block, norm, folded]), folded);
  assert.equal(firstDifferent([block, items[0]]), undefined);
});

test("and as much further aside, where the picture is wider than its pane", () => {
  const board = { w: 600, h: 4000 }, pane = { w: 300, h: 400 }, different = { x: 400, y: 150, w: 200, h: 50 };
  const first = { x: 50, y: 0, w: 150, h: 40 }, camera = beginCamera(board, pane, { first, different });
  assert.ok(camera.k >= USUAL.readable && !hiddenSides(camera, different, pane).right);
  assert.equal(camera.y, beginCamera(board, pane, { first }).y);
});

test("what a link has opened is in the frame with all else where that is legible, or else by itself", () => {
  const seen = (camera, rect) => assert.ok(!Object.values(hiddenSides(camera, rect, STAGE)).includes(true));
  const board = { w: 700, h: 665 }, block = { x: 100, y: 900, w: 200, h: 500 };
  assert.ok(fitCamera(board, STAGE).k < USUAL.readable);
  seen(linkedCamera(board, STAGE, block), { x: 0, y: 0, ...board });
  const camera = linkedCamera(TALL, STAGE, block);
  assert.ok(camera.k >= USUAL.readable && camera.k <= 1);
  seen(camera, block);
  const large = linkedCamera(TALL, STAGE, { ...block, h: 1100 });
  assert.deepEqual([large.k, onScreen(large, { x: 0, y: 900 }).y], [USUAL.legible, 8]);
  assert.ok(11.5 * linkedCamera(TALL, STAGE, block, PROJECTED).k >= 16);
});

test("of a block that is too wide the beginning is shown, with what little the picture has before it", () => {
  const wide = { w: 4000, h: 700 };
  const left = (x, w) => onScreen(linkedCamera(wide, STAGE, { x, y: 100, w, h: 200 }), { x: 0, y: 0 }).x;
  assert.equal(left(80, 2000), 8);
  assert.ok(left(900, 2000) < -400); // too far from there: the block itself
});

test("in projector mode the smallest letters of a first view, of 11.5, are 16 px", () => {
  for (const board of [SMALL, TALL]) assert.ok(11.5 * beginCamera(board, STAGE, { first: INPUT }, PROJECTED).k >= 16);
  assert.ok(11.5 * centerCamera({ x: 0, y: 0, k: 0.1 }, INPUT, STAGE, PROJECTED).k >= 16);
});

test("where all was seen, all is seen once a box has opened, as long as it can be read", () => {
  const opened = { rect: { x: 0, y: 0, w: 50, h: 50 }, whole: true };
  assert.deepEqual(openedCamera({ x: 0, y: 0, k: 1 }, { board: SMALL, ...opened }, STAGE), fitCamera(SMALL, STAGE));
  assert.equal(openedCamera({ x: 0, y: 0, k: 1 }, { board: TALL, ...opened }, STAGE).k, 1);
});

test("else a box that has opened moves the picture as little as shows it, and the input with it where there is room", () => {
  const camera = { x: 12, y: 8, k: 1 }, input = { x: 100, y: 0, w: 100, h: 40 };
  const low = { x: 90, y: 300, w: 120, h: 85 }, lower = { ...low, y: 500 };
  const open = (rect) => openedCamera(camera, { board: TALL, rect, input }, STAGE);
  assert.ok(onScreen(open(low), input).y >= 0 && onScreen(open(low), { x: 0, y: 385 }).y <= STAGE.h);
  assert.ok(onScreen(open(lower), input).y < 0 && onScreen(open(lower), { x: 0, y: 585 }).y <= STAGE.h);
});

test("what fits stays in the frame", () => {
  const pushed = openedCamera({ x: 0, y: -120, k: 1 }, { board: SMALL, rect: { x: 0, y: 150, w: 50, h: 40 } }, STAGE);
  assert.deepEqual(hiddenSides(pushed, { x: 0, y: 0, ...SMALL }, STAGE), { left: false, top: false, right: false, bottom: false });
});

test("what is seen is not moved, what is not is moved just so far", () => {
  const camera = { x: 0, y: 0, k: 1 };
  assert.deepEqual(nudgeCamera(camera, { x: 50, y: 50, w: 100, h: 40 }, STAGE), camera);
  assert.deepEqual(nudgeCamera(camera, { x: 50, y: 500, w: 100, h: 40 }, STAGE), { x: 0, y: STAGE.h - 8 - 540, k: 1 });
  assert.deepEqual(nudgeCamera(camera, { x: -30, y: 50, w: 100, h: 40 }, STAGE), { x: 38, y: 0, k: 1 });
  const large = nudgeCamera(camera, { x: 0, y: 300, w: 2000, h: 2000 }, STAGE);
  assert.deepEqual(onScreen(large, { x: 0, y: 300 }), { x: 8, y: 8 });
});

test("a match of the search comes to the middle, readable", () => {
  const camera = centerCamera({ x: 0, y: 0, k: 0.1 }, { x: 1000, y: 3000, w: 20, h: 10 }, STAGE);
  assert.equal(camera.k, USUAL.readable);
  const middle = onScreen(camera, { x: 1010, y: 3005 });
  close(middle.x, 300);
  close(middle.y, 200);
});

test("a shade stands where a picture goes on", () => {
  const sides = hiddenSides(moveCamera({ x: 0, y: 0, k: 1 }, -20, 0), { x: 0, y: 0, w: 610, h: 390 }, STAGE);
  assert.deepEqual(sides, { left: true, top: false, right: false, bottom: false });
});
