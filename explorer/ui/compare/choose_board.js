// The board of “Which one?”: shows what Python worked out, and tells Python what was asked.

const boards = new WeakMap(); // by the element they stand in
const PAUSE = 350; // milliseconds of quiet after an arrow key before the limit is asked for

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  if (!boards.has(root)) boards.set(root, new Board(root));
  boards.get(root).bring(data, setTriggerValue);
  return () => {
    clearTimeout(boards.get(root)?.stepping);
    boards.delete(root);
  };
}

function button(words, act, name = "") {
  const element = make("button", name, words);
  element.type = "button";
  element.onclick = (event) => {
    event.stopPropagation();
    act(event);
  };
  return element;
}

class Board {
  constructor(root) {
    this.root = root;
    this.shown = {}; // what each part was made from, so that only what changed is made anew
    this.events = [];
    this.find(".wish").onsubmit = (event) => event.preventDefault();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  bring(data, trigger) {
    this.trigger = trigger;
    this.part("situations", data.situations, (told) => this.find(".situations").replaceChildren(...told.map((each) => this.situation(each))));
    this.part("sentence", [data.sentence, data.wrong], ([told]) => this.sentence(told));
    this.part("wrong", data.wrong, (told) => (this.find(".wrong").textContent = told));
    this.part("funnel", data.funnel, (told) => this.funnel(told));
    this.part("verdict", data.verdict, (told) => this.verdict(told));
    this.part("notice", data.notice, (told) => (this.find(".notice").textContent = told));
    this.part("ways", data.ways, (told) => this.find(".ways").replaceChildren(...told.map((each) => this.way(each))));
    this.find(".ways").prepend(...(data.ways.length && !this.find(".ways .head") ? [make("li", "head", "Nothing is left. What helps:")] : []));
    this.part("cards", [data.cards, data.picked], () => this.keepFocus(".cards", () => this.cards(data)));
    this.part("more", data.more, (told) => (this.find(".more").textContent = told ? `and ${told} more, after these` : ""));
    this.part("code", [data.code, data.bench], () => this.code(data));
  }

  part(name, told, make) {
    const text = JSON.stringify(told ?? null);
    if (this.shown[name] === text) return;
    this.shown[name] = text;
    make(told);
  }

  send(type, id = "", value = "") {
    this.events = remembered(this.events, { type, id, value });
    this.trigger("event", this.events);
  }

  // What had the focus has it again once the part is made anew.
  keepFocus(selector, make) {
    const part = this.find(selector), active = this.root.getRootNode().activeElement;
    const name = part.contains(active) ? active.dataset.name : null;
    make();
    if (name) [...part.querySelectorAll("[data-name]")].find((element) => element.dataset.name === name)?.focus();
  }

  situation(each) {
    const element = button("", () => this.send("situation", each.id));
    element.append(each.title, make("small", "", `the lesson: ${each.lesson}`));
    element.setAttribute("aria-pressed", String(each.chosen));
    return element;
  }

  sentence(told) {
    this.keepFocus(".wish", () => {
      const last = told.limits.length - 1, end = told.more.length ? "" : ".";
      const parts = told.limits.flatMap((limit, index) => [index && index === last ? " and " : " ", this.limit(limit, index < last ? "," : end)]);
      const order = this.select("order", told.orders, told.order, (value) => this.send("order", value), "What comes first");
      const start = told.limits.length ? "I need" : "I have no limits.";
      this.find(".wish").replaceChildren(start, ...parts, " ", ...this.adding(told.more, told.limits.length), told.limits.length ? " Show " : " Show me ", order, " first.");
    });
  }

  limit({ id, before, value, unit, after }, end) {
    const input = make("input");
    input.value = value;
    input.inputMode = "decimal";
    input.dataset.name = `limit ${id}`;
    input.setAttribute("aria-label", `${before}, in ${unit}, ${after}`);
    const ask = () => input.value.trim() && input.value !== value && this.send("limit", id, input.value);
    input.onchange = ask;
    input.onkeydown = (event) => this.step(event, input, id === "top-1", ask);
    const drop = button("×", () => this.send("limit", id, ""), "drop");
    drop.setAttribute("aria-label", `No limit on ${after}`);
    drop.title = `No limit on ${after}`;
    return make("span", "limit", `${before} `, input, ` ${unit} ${after}${end}`, drop);
  }

  // Arrow keys turn the number: accuracies by half a point, everything else by a tenth.
  step(event, input, points, ask) {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way || !Number(input.value)) return;
    event.preventDefault();
    const now = Number(input.value);
    input.value = String(Number((points ? now + way / 2 : now * 1.1 ** way).toPrecision(3)));
    clearTimeout(this.stepping);
    this.stepping = setTimeout(ask, PAUSE);
  }

  adding(more, limits) {
    if (!more.length) return [];
    const add = this.select("add", [{ id: "", words: "+ add a limit" }, ...more], "", (id) => {
      const chosen = more.find((each) => each.id === id);
      if (chosen) this.send("limit", id, chosen.value);
    }, "Add a limit");
    add.className = "add";
    return limits ? [add, "."] : [add];
  }

  select(name, options, chosen, act, label) {
    const select = make("select");
    select.dataset.name = name;
    select.setAttribute("aria-label", label);
    select.append(...options.map(({ id, words }) => new Option(words, id, false, id === chosen)));
    select.onchange = () => act(select.value);
    return select;
  }

  funnel(told) {
    const parts = [make("span", "", told.asked)];
    for (const toll of told.tolls) {
      const element = make("span", "toll", `${toll.words}${toll.note ? ` (${toll.note})` : ""}`);
      element.style.setProperty("--share", toll.share);
      parts.push(make("span", "arrow", "−"), element);
    }
    parts.push(...told.notes.map((note) => make("span", "toll", note)), make("span", "arrow", "→"), make("span", "left", told.left));
    this.find(".funnel").replaceChildren(...parts);
  }

  verdict(told) {
    const section = this.find(".verdict");
    section.hidden = !told;
    if (!told) return;
    section.classList.toggle("agrees", told.agrees);
    const stands = told.stands.map((each) => make("li", "", `${each.title} `, make("span", "", each.place)));
    section.replaceChildren(make("p", "", told.words), make("ul", "", ...stands));
  }

  way({ words, limits }) {
    const moved = Object.entries(limits), item = make("li", "", words);
    if (moved.length === 1) item.append(button("Do that", () => this.send("limit", ...moved[0])));
    return item;
  }

  cards(data) {
    this.find(".cards").replaceChildren(...data.cards.map((card) => this.card(card, card.id === data.picked)));
  }

  card(told, picked) {
    const pick = () => this.send("pick", told.id);
    const name = button(told.title, pick);
    name.dataset.name = `pick ${told.id}`;
    name.setAttribute("aria-pressed", String(picked));
    const explore = button("Explore", () => this.send("explore", told.id));
    explore.title = "Open it on the Explore page";
    const bench = button(told.benched ? "On the bench ✓" : "Side by side +", () => this.send("bench", told.id));
    bench.dataset.name = `bench ${told.id}`;
    bench.setAttribute("aria-pressed", String(told.benched));
    const top = make("div", "top", make("h3", "", name), make("small", "", told.family), make("span", "acts", explore, bench));
    const bars = make("div", "bars", ...told.bars.map(bar));
    const body = make("div", "", top, bars, make("p", "reason", ...unbeaten(told), told.reason), ...(told.others ? [make("p", "reason", told.others)] : []));
    const card = make("li", picked ? "card picked" : "card", make("div", "place", String(told.place)), body);
    card.onclick = pick;
    return card;
  }

  code(data) {
    const side = this.find(".code"), { code } = data;
    side.hidden = !code;
    if (!code) return;
    const copy = button("Copy", () => copied(code.lines, copy), "copy");
    const title = make("h3", "", `Load ${code.title}`, ...(code.lines ? [copy] : []));
    const parts = [title, ...(code.lines ? [make("pre", "", ...coloured(code.lines))] : [])];
    if (code.note) parts.push(make("p", "", code.note));
    if (/^https:/.test(code.recipe)) {
      const link = make("a", "", "how it was trained");
      Object.assign(link, { href: code.recipe, target: "_blank", rel: "noopener" });
      parts.push(make("p", "", "Recipe or paper: ", link));
    }
    const explore = button("Open in Explore", () => this.send("explore", data.picked), "first");
    const together = [explore];
    if (data.bench > 1) together.push(button(`Put the ${data.bench} on the bench side by side`, () => this.send("side")));
    side.replaceChildren(...parts, make("div", "together", ...together));
  }
}
