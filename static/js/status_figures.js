// The numbers of the model servers, and the sums on top of the status page.

import { amountText, filledOf, numberText, wattsOf } from "./amounts.js";
import { cellsIn, setCells, setLack, setText } from "./cells.js";

// `cards` says what cards said last.
export function mountFigures(root, { words, language, cards }) {
  let told = null;
  let drawn = null;

  function figures() {
    const head = root.querySelector("[data-figures]");
    if (head !== drawn) told = JSON.parse((drawn = head).dataset.figures);
    return told;
  }

  // Those who wait at the door, and in no server.
  const queued = () => Number(root.querySelector("[data-figures]").dataset.queued) || null;

  function take({ servers }) {
    for (const server of servers) {
      figures()[server.backend] = server;
      const row = root.querySelector(`[data-server="${server.backend}"]`);
      setCells(cellsIn(row), server, language, (name) => words.lacks[server.reasons?.[name]] ?? words.unknown);
    }
  }

  function show() {
    const all = Object.values(figures());
    // What nobody tells is null, and not zero.
    const numbers = (name) => all.map((each) => each[name] ?? null).filter((value) => value !== null);
    const sum = (name) => (numbers(name).length ? total(numbers(name)) : null);
    const [speed, running, inside] = ["generating", "running", "waiting"].map(sum);
    const waiting = inside === null ? queued() : inside + queued();
    setFigure("speed", speed !== null && [amountText("tokens_per_second", speed, language), words.speed]);
    const small = waiting === null ? "" : words.waiting.replace("…count…", numberText(waiting, language));
    setFigure("flight", running !== null && [numberText(running, language), small]);
    const first = numbers("first_token_p95");
    setFigure("first", first.length > 0 && amountText("first_token_p95", Math.max(...first), language).split(" "));
    showCards();
  }

  // Until each card has spoken, the sums are those that the server made.
  function showCards() {
    const heard = cards();
    if (!heard?.length) return;
    const known = heard.filter(({ memory_used, memory_total }) => memory_used !== undefined && memory_total);
    const of = (name) => total(known.map((card) => card[name]));
    setFigure("memory", known.length > 0 && filledOf(of("memory_used"), of("memory_total"), language));
    const powers = heard.map(({ power }) => power).filter((power) => power !== undefined);
    setFigure("power", powers.length > 0 && wattsOf(total(powers), language));
  }

  function setFigure(name, told) {
    const figure = root.querySelector(`[data-figure="${name}"]`);
    const [text, small] = told || ["–", ""];
    setText(figure.firstElementChild, text);
    setText(figure.querySelector("small"), small);
    setLack(figure, told ? "" : words.figures[name]);
  }

  return { take, show };
}

function total(numbers) {
  return numbers.reduce((one, two) => one + two, 0);
}
