// A number in its place on the page, or a dash and why there is none.

import { amountText } from "./amounts.js";

export function cellsIn(element) {
  return element ? [...element.querySelectorAll("[data-cell]")] : [];
}

// `lackOf` has the sentence for a number that is missing, by its name and cell.
export function setCells(cells, values, language, lackOf) {
  for (const cell of cells) {
    const name = cell.dataset.cell;
    const value = values[name] ?? null;
    if (value === null) setCell(cell, "–", lackOf(name, cell));
    else setCell(cell, amountText(name, value, language), "");
  }
}

// Its first node is the number, its last one says to readers why there is none.
function setCell(cell, text, lack) {
  if (cell.firstChild.data !== text) cell.firstChild.data = text;
  setLack(cell, lack);
}

// Why there is no number: for whoever points at it, and for readers.
export function setLack(element, lack) {
  if (element.lastElementChild.textContent === lack) return;
  element.lastElementChild.textContent = lack;
  if (lack) element.title = lack;
  else element.removeAttribute("title");
}

export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
