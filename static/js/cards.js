// The cards of a host: a row each, with the line of its last minutes.

import { amountText } from "./amounts.js";
import { cellsIn, setCells, setText } from "./cells.js";
import { lineOf, pathOf, withNumber } from "./line.js";

// What of a card's memory may change before its bar is drawn anew.
const MUCH = 0.01;
// Degrees below its limit at which a card is called hot.
const CLOSE = 5;

// What is shown of a card, and the numbers that it told last.
export function cardIn(row) {
  return {
    row,
    told: null,
    cells: cellsIn(row),
    line: row.querySelector("[data-line]"),
    heat: row.querySelector("[data-heat]"),
    brakes: row.querySelector("[data-brakes]"),
    lost: row.classList.contains("gpu-lost"),
  };
}

// Whether what the server drew of the card does not hold any more.
export function isOther(card, told) {
  card.drawn ??= told.memory_used;
  const moved = Math.abs((told.memory_used ?? 0) - (card.drawn ?? 0));
  return told.lost !== card.lost || moved > MUCH * (told.memory_total ?? Infinity);
}

// The lines by card, which go on where the server ended them.
export function openLines() {
  const lines = new Map();

  // A lost card tells its last numbers: they are not of now.
  function add(card, told, at) {
    const before = lines.get(told.uuid) ?? lineOf(card.line.getAttribute("d"), at);
    lines.set(told.uuid, withNumber(before, told.lost ? null : (told.util ?? null), at));
  }

  function draw(card, uuid) {
    if (lines.has(uuid)) card.line.setAttribute("d", pathOf(lines.get(uuid).places));
  }

  return { add, draw, forget: (uuid) => lines.delete(uuid) };
}

export function setCard(card, told, { words, language }) {
  setCells(card.cells, told, language, (name) => words.reasons[told.reasons[name]] ?? words.unknown);
  setHeat(card, told);
  setBrakes(card, told.throttle ?? 0, words);
  for (const [uuid, used] of Object.entries(told.parts)) {
    const part = [...card.row.querySelectorAll("[data-mig]")].find(({ dataset }) => dataset.mig === uuid);
    if (part && used !== null) setText(part, amountText("memory_used", used, language));
  }
}

function setHeat(card, { temperature, temperature_limit }) {
  const known = temperature !== undefined && temperature_limit !== undefined;
  card.heat.classList.toggle("bad", known && temperature >= temperature_limit);
  card.heat.classList.toggle("warn", known && temperature < temperature_limit && temperature >= temperature_limit - CLOSE);
}

// The mask is wider than what bitwise operators see. A bit that nobody knows stands as a
// number, as `brakes_of` of dashboard/status/words.py has it.
function setBrakes({ brakes }, mask, words) {
  const on = (bit) => Math.floor(mask / bit) % 2 === 1;
  const found = Object.entries(words.brakes).filter(([bit]) => on(bit));
  const known = [...Object.keys(words.brakes), ...words.unsaid].map(Number).filter(on);
  const rest = known.reduce((left, bit) => left - bit, mask);
  const said = [...found.map(([, [text]]) => text), ...(rest ? [`0x${rest.toString(16)}`] : [])];
  setText(brakes, said.join(" · "));
  brakes.hidden = !said.length;
  brakes.classList.toggle("warn", found.some(([, [, hurts]]) => hurts));
}
