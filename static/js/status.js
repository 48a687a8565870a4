// The status page: what the house says is put in place, and parts are fetched when they are others.

import { refetch } from "./fragments.js";
import { ageText, amountText, filledOf, numberText, wattsOf } from "./amounts.js";
import { lineOf, pathOf, withNumber } from "./line.js";

const WATCH = 5000;
const SECOND = 1000;
const MINUTE = 60_000;
// Between two rounds of fetching, however often parts change.
const PAUSE = 2000;
const WHOLE = "";
// Of so many parts at once, one fetch of all is quicker.
const MANY = 6;
// Between two changes of the page: fifty hosts speak fifty times a second.
const BEAT = 100;
// Seconds after which a host is late and silent, and how many of its own intervals.
const LATE = [5, 3];
const SILENT = [30, 10];
// What of a card's memory may change before its bar is drawn anew.
const MUCH = 0.01;

export function mountStatus(root, live) {
  const words = JSON.parse(root.dataset.words);
  const language = document.documentElement.lang;
  const pulse = document.querySelector("[data-pulse]");
  const parts = mountParts(root, (element) => hosts.renew(element));
  const hosts = mountHosts(root, { words, language, stale: parts.refresh });
  const figures = mountFigures(root, { words, language, cards: hosts.heard });
  let waiting = [];
  let shownAt = 0;

  // One change of the page for all that came since the last.
  function show() {
    const events = waiting;
    waiting = [];
    shownAt = performance.now();
    for (const event of events) {
      if (event.kind === "gpu.sampled") hosts.take(event);
      else figures.take(event);
    }
    figures.show();
  }

  function hear(event) {
    if (document.hidden) return;
    waiting.push(event);
    if (waiting.length > 1) return;
    const rest = BEAT - (performance.now() - shownAt);
    if (rest > 0) setTimeout(requestAnimationFrame, rest, show);
    else requestAnimationFrame(show);
  }

  function watch() {
    if (!document.hidden) live.send({ kind: "status.watch" });
  }

  function look() {
    tellPulse(pulse, words, document.hidden ? "paused" : "live");
    // What is heard while nobody looks would only be thrown away.
    if (document.hidden) live.send({ kind: "status.leave" });
    else watch();
  }

  live.on("gpu.sampled", hear);
  live.on("servers.sampled", hear);
  live.on("node.changed", ({ node }) => parts.refresh("host", node));
  live.on("serving.changed", () => parts.refresh("servers"));
  live.on("models.changed", () => parts.refresh("servers"));
  live.on("alert.changed", () => parts.refresh("alerts"));
  live.on("status.watching", parts.whole);
  live.on("hello", watch);
  live.on("refetch", watch);
  document.addEventListener("visibilitychange", look);
  setInterval(watch, WATCH);
  setInterval(() => document.hidden || hosts.tick(), SECOND);
  // What no event tells: what the day has cost, and in how long a model unloads.
  setInterval(() => ["headline", "alerts", "servers"].forEach((part) => parts.refresh(part)), MINUTE);
  tellPulse(pulse, words, "live");
}

function tellPulse(pulse, words, state) {
  if (!pulse) return;
  pulse.hidden = false;
  pulse.textContent = words[state];
  pulse.classList.toggle("state-ok", state === "live");
}

// Parts of the page that the server renders, fetched one after the other: an older answer
// never undoes a newer one.
function mountParts(root, changed) {
  const wanted = new Set();

  const fetchWanted = paced(async () => {
    const selectors = wanted.has(WHOLE) || wanted.size > MANY ? [WHOLE] : [...wanted];
    wanted.clear();
    for (const selector of selectors) await fetchPart(selector).catch(console.warn);
  });

  async function fetchPart(selector) {
    const part = selector === WHOLE ? root : root.querySelector(selector);
    // A host that is not there yet.
    if (!part) return want(WHOLE);
    await refetch(part);
    changed(part);
  }

  function want(selector) {
    if (document.hidden) return;
    wanted.add(selector);
    fetchWanted();
  }

  function refresh(part, key) {
    want(`[data-part="${part}"]${key === undefined ? "" : `[data-key="${key}"]`}`);
  }

  return { refresh, whole: () => want(WHOLE) };
}

// One run at a time with a rest after it; calls meanwhile lead to one more run.
function paced(work) {
  let running = false;
  let again = false;
  return async function run() {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await work();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    running = false;
  };
}

// The hosts and their cards. What is shown of each is looked up once, until it is fetched anew.
function mountHosts(root, { words, language, stale }) {
  const known = new Map();
  const lines = new Map();
  // A card of a tile on a wall has no line.
  const drawsLines = !root.classList.contains("status-many");
  // Hosts that are not in sight are not drawn, but remember what they said.
  const sight = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        const host = hostOf(Number(target.dataset.host));
        if (host) host.seen = isIntersecting;
        if (isIntersecting && host?.told) draw(host);
      }
    },
    { rootMargin: "50%" },
  );

  function hostOf(node) {
    const found = known.get(node);
    if (found?.element.isConnected) return found;
    const element = root.querySelector(`[data-host="${node}"]`);
    if (!element) return null;
    sight.observe(element);
    if (found) sight.unobserve(found.element);
    const host = {
      seen: true,
      told: null,
      element,
      age: element.querySelector("[data-age-text]"),
      heardAt: performance.now() - SECOND * Number(element.dataset.age || 0),
      interval: Number(element.dataset.interval),
      cells: cellsIn(element.querySelector(".host-figures")),
      cards: new Map([...element.querySelectorAll("[data-card]")].map((row) => [row.dataset.card, cardIn(row)])),
    };
    known.set(node, host);
    return host;
  }

  function take(event) {
    const host = hostOf(event.node);
    if (!host) return stale("host", event.node);
    const now = performance.now();
    host.interval = Math.min((now - host.heardAt) / SECOND, host.interval);
    host.heardAt = now;
    host.told = event;
    for (const told of event.cards) {
      const card = host.cards.get(told.uuid);
      if (!card || isOther(card, told)) stale("host", event.node);
      else note(card, told, event.at);
    }
    setAge(host, words);
    if (host.seen) draw(host);
  }

  function draw(host) {
    const event = host.told;
    host.told = null;
    setCells(host.cells, event.host, {}, { words, language });
    setMemory(host, event.host, language);
    setMeters(host.element, event.host);
    for (const told of event.cards) {
      const card = host.cards.get(told.uuid);
      if (card) setCard(card, told);
    }
  }

  // Whether what the server drew of the card does not hold any more.
  function isOther(card, told) {
    card.drawn ??= told.memory_used;
    const moved = Math.abs((told.memory_used ?? 0) - (card.drawn ?? 0));
    return told.lost !== card.lost || moved > MUCH * (told.memory_total ?? Infinity);
  }

  function note(card, told, at) {
    card.told = told;
    if (!drawsLines) return;
    const before = lines.get(told.uuid) ?? lineOf(card.line.getAttribute("d"), at);
    lines.set(told.uuid, withNumber(before, told.util ?? null, at));
  }

  function setCard(card, told) {
    setCells(card.cells, told, told.reasons, { words, language });
    if (lines.has(told.uuid)) card.line.setAttribute("d", pathOf(lines.get(told.uuid).places));
    setHeat(card, told);
    setBrakes(card, told.throttle ?? 0, words);
    for (const [uuid, used] of Object.entries(told.parts)) {
      const part = [...card.row.querySelectorAll("[data-mig]")].find(({ dataset }) => dataset.mig === uuid);
      if (part && used !== null) setText(part, amountText("memory_used", used, language));
    }
  }

  // What the server has drawn anew begins as it drew it.
  function renew(element) {
    for (const row of element.querySelectorAll("[data-card]")) lines.delete(row.dataset.card);
    for (const host of element.querySelectorAll("[data-host]")) hostOf(Number(host.dataset.host));
  }

  function tick() {
    for (const host of known.values()) if (host.element.isConnected) setAge(host, words);
  }

  // What every card of a host that is not silent said last; null where one has said nothing yet.
  function heard() {
    const here = [...known.values()].filter(({ element }) => element.isConnected && !element.matches(".host-silent, .host-lost"));
    const cards = here.flatMap((host) => [...host.cards.values()]).filter((card) => !card.lost);
    return cards.every((card) => card.told) ? cards.map((card) => card.told) : null;
  }

  renew(root);
  return { take, renew, tick, heard };
}

function cardIn(row) {
  return {
    row,
    cells: cellsIn(row),
    line: row.querySelector("[data-line]"),
    heat: row.querySelector("[data-heat]"),
    brakes: row.querySelector("[data-brakes]"),
    lost: row.classList.contains("gpu-lost"),
  };
}

function cellsIn(element) {
  return element ? [...element.querySelectorAll("[data-cell]")] : [];
}

function setCells(cells, values, reasons, { words, language }) {
  for (const cell of cells) {
    const name = cell.dataset.cell;
    const value = values[name] ?? null;
    const lack = value === null ? (words.reasons[reasons[name]] ?? words.unknown) : "";
    setCell(cell, value === null ? "–" : amountText(name, value, language), lack);
  }
}

// Its first node is the number, its last one says to readers why there is none.
function setCell(cell, text, lack) {
  if (cell.firstChild.data !== text) cell.firstChild.data = text;
  if (cell.title === lack) return;
  cell.title = lack;
  cell.lastElementChild.textContent = lack;
}

function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function setMemory(host, { memory_total, memory_available }, language) {
  if (memory_total === undefined || memory_available === undefined) return;
  setText(host.element.querySelector("[data-memory]"), amountText("memory_used", memory_total - memory_available, language));
}

function setMeters(element, told) {
  const shares = {
    cpu: told.cpu,
    memory: 100 * (1 - told.memory_available / told.memory_total),
    disk: 100 * (1 - told.disk_free / told.disk_total),
  };
  for (const meter of element.querySelectorAll("[data-meter]")) {
    const share = shares[meter.dataset.meter];
    if (Number.isFinite(share)) meter.value = share;
  }
}

const CLOSE = 5;

function setHeat(card, { temperature, temperature_limit }) {
  const known = temperature !== undefined && temperature_limit !== undefined;
  card.heat.classList.toggle("bad", known && temperature >= temperature_limit);
  card.heat.classList.toggle("warn", known && temperature < temperature_limit && temperature >= temperature_limit - CLOSE);
}

function setBrakes({ brakes }, mask, words) {
  const found = Object.entries(words.brakes).filter(([bit]) => Math.floor(mask / bit) % 2);
  setText(brakes, found.map(([, [text]]) => text).join(" · "));
  brakes.hidden = !found.length;
  brakes.classList.toggle("warn", found.some(([, [, hurts]]) => hurts));
}

function setAge(host, words) {
  if (!host?.age) return;
  const age = (performance.now() - host.heardAt) / SECOND;
  const silent = age >= Math.max(SILENT[0], SILENT[1] * host.interval);
  const late = age >= Math.max(LATE[0], LATE[1] * host.interval);
  const { classList } = host.element;
  for (const [name, on] of [["host-silent", silent], ["host-late", late && !silent], ["host-live", !late]]) classList.toggle(name, on);
  if (!late) classList.remove("host-lost");
  const pattern = silent ? words.silent : age < 1.5 ? words.now : words.sampled;
  setText(host.age, pattern.replace("…time…", ageText(age, words.ages)));
}

// The servers' numbers, and the sums on top of the page; `cards` says what cards said last.
function mountFigures(root, { words, language, cards }) {
  let told = null;
  let drawn = null;

  function figures() {
    const head = root.querySelector("[data-figures]");
    if (head !== drawn) told = JSON.parse((drawn = head).dataset.figures);
    return told;
  }

  function take({ servers }) {
    for (const server of servers) {
      figures()[server.backend] = server;
      const row = root.querySelector(`[data-server="${server.backend}"]`);
      for (const cell of cellsIn(row)) {
        const name = cell.dataset.cell;
        const value = server[name] ?? null;
        const lack = value === null ? (words.lacks[server.reasons?.[name]] ?? words.unknown) : "";
        setCell(cell, value === null ? "–" : amountText(name, value, language), lack);
      }
    }
  }

  function show() {
    const all = Object.values(figures());
    const numbers = (name) => all.map((each) => each[name]).filter((value) => value !== null && value !== undefined);
    const sum = (name) => numbers(name).reduce((one, two) => one + two, 0);
    setFigure("speed", amountText("tokens_per_second", sum("tokens_per_second"), language));
    setFigure("flight", numberText(sum("running"), language), words.waiting.replace("…count…", numberText(sum("waiting"), language)));
    const first = numbers("first_token_p95");
    if (first.length) setFigure("first", ...amountText("first_token_p95", Math.max(...first), language).split(" "));
    showCards();
  }

  // Until each card has spoken, the sums are those that the server made.
  function showCards() {
    const told = cards() ?? [];
    const of = (name, some) => some.reduce((sum, card) => sum + card[name], 0);
    const known = told.filter(({ memory_used, memory_total }) => memory_used !== undefined && memory_total);
    if (known.length) setFigure("memory", ...filledOf(of("memory_used", known), of("memory_total", known), language));
    const powered = told.filter(({ power }) => power !== undefined);
    if (powered.length) setFigure("power", ...wattsOf(of("power", powered), language));
  }

  function setFigure(name, text, small) {
    const figure = root.querySelector(`[data-figure="${name}"]`);
    setText(figure.firstElementChild, text);
    if (small !== undefined) setText(figure.querySelector("small"), small);
  }

  return { take, show };
}
