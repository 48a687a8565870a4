// The phases of open replies on the page: set by events, and counted on by the second, but
// for what is not known while the page is cut off.

import { aged, headOf, numbersOf } from "./phase.js";

const SECOND = 1000;
// A row may be so far behind the events.
const CHECKPOINT = 1500;

export function mountPhases(list, live) {
  const words = JSON.parse(list.dataset.phaseWords);
  // What each reply's page was told last, and when.
  const known = new WeakMap();

  function show(article, told) {
    if (!article?.hasAttribute("data-open")) return;
    known.set(article, { told, at: performance.now() });
    draw(article);
  }

  // As the server wrote it into an article.
  function learn(article) {
    if (!known.has(article)) renew(article, article);
  }

  // What was told while the page was cut off is in the article that it has fetched since.
  function renew(article, fresh) {
    const facts = fresh.querySelector("[data-phase]")?.dataset.phase;
    const age = performance.now() - (known.get(article)?.at ?? -Infinity);
    if (facts && age > CHECKPOINT) known.set(article, { told: JSON.parse(facts), at: performance.now() });
  }

  function draw(article) {
    learn(article);
    const { told, at } = known.get(article) ?? {};
    if (!told) return;
    if (live.isLost()) return say(article, told, words.lost, "");
    if (!live.isOpen()) return;
    const now = aged(told, (performance.now() - at) / SECOND);
    const language = document.documentElement.lang;
    say(article, told, headOf(now, words, language), numbersOf(now, words, language));
  }

  function say(article, told, head, numbers) {
    const writing = told.phase === "writing";
    put(article, "[data-phase-head]", writing ? "" : head);
    put(article, "[data-phase-numbers]", writing ? "" : numbers);
    put(article, "[data-phase-writing]", writing ? [head, numbers].filter(Boolean).join(" · ") : "");
    put(article, "[data-command='message.stop']", told.phase === "queued" ? words.leave : words.stop);
  }

  // The first words say it themselves, whatever comes late.
  function written(article) {
    if (known.get(article)?.told.phase === "writing") return;
    show(article, { phase: "writing", speed: null, share: null, left: null, since: 0 });
  }

  setInterval(() => {
    const open = list.querySelectorAll("article[data-open]");
    if (open.length) live.check();
    open.forEach(draw);
  }, SECOND);
  return { renew, show, written };
}

function put(article, part, text) {
  const place = article.querySelector(part);
  if (place && place.textContent !== text) place.textContent = text;
}
