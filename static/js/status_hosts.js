// The hosts of the status page, and what each of them says of itself and of its cards.

import { ageText, amountText } from "./amounts.js";
import { cardIn, isOther, openLines, setCard } from "./cards.js";
import { cellsIn, setCells, setText } from "./cells.js";

const SECOND = 1000;
// Seconds after which a host is late and silent, and how many of its own intervals.
const LATE = [5, 3];
const SILENT = [30, 10];

// What is shown of each is looked up once, until it is fetched anew.
export function mountHosts(root, { words, language, stale }) {
  const known = new Map();
  const lines = openLines();
  // A card of a tile on a wall has no line.
  const drawsLines = () => !root.classList.contains("status-many");
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
    const host = hostIn(element);
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
      if (card) note(card, told, event.at);
    }
    setAge(host, words);
    if (host.seen) draw(host);
  }

  function note(card, told, at) {
    card.told = told;
    if (drawsLines()) lines.add(card, told, at);
  }

  function draw(host) {
    const event = host.told;
    host.told = null;
    // Of a host no reasons are told, so that those hold with which it was rendered.
    setCells(host.cells, event.host, language, (_, cell) => cell.lastElementChild.textContent || words.unknown);
    setMemory(host, event.host, language);
    setMeters(host.element, event.host);
    for (const told of event.cards) {
      const card = host.cards.get(told.uuid);
      if (!card) continue;
      setCard(card, told, { words, language });
      lines.draw(card, told.uuid);
    }
  }

  // What the server has drawn anew begins as it drew it.
  function renew(element) {
    for (const row of element.querySelectorAll("[data-card]")) lines.forget(row.dataset.card);
    for (const host of element.querySelectorAll("[data-host]")) hostOf(Number(host.dataset.host));
  }

  function tick() {
    for (const host of known.values()) if (host.element.isConnected) setAge(host, words);
  }

  // What every card of a host that is not silent said last, but for those that are lost;
  // null where one has said nothing yet.
  function heard() {
    const here = [...known.values()].filter(({ element }) => element.isConnected && !element.matches(".host-silent, .host-lost"));
    const cards = here.flatMap((host) => [...host.cards.values()]).filter((card) => !card.lost && !card.told?.lost);
    return cards.every((card) => card.told) ? cards.map((card) => card.told) : null;
  }

  renew(root);
  return { take, renew, tick, heard };
}

function hostIn(element) {
  return {
    seen: true,
    told: null,
    element,
    age: element.querySelector("[data-age-text]"),
    heardAt: performance.now() - SECOND * Number(element.dataset.age || 0),
    interval: Number(element.dataset.interval),
    cells: cellsIn(element.querySelector(".host-figures")),
    cards: new Map([...element.querySelectorAll("[data-card]")].map((row) => [row.dataset.card, cardIn(row)])),
  };
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
