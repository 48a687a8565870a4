// Fragments of the page that the server renders, fetched again when something changed.

import { dress } from "./dress.js";
import { paced } from "./paced.js";

const MINUTE = 60_000;

// A connection that the browser has kept may look open and be dead, after a sleep or on
// another network, and the browser does not notice for minutes. It keeps six at most.
const PATIENCE = [5000, 20_000, 60_000];
const KEPT = 6;
const SHORT = 2000;
let shaking = null;

// The server's HTML as nodes; the page reloads when the session has ended.
export async function fetchFragment(url) {
  for (const patience of PATIENCE) {
    try {
      return nodesOf(await textAt(url, patience));
    } catch (failure) {
      if (failure.name !== "TimeoutError") throw failure;
      await (shaking ??= shakeOff());
    }
  }
  throw new Error(`${url}: no answer`);
}

// Whichever of the kept connections is dead does not answer, and is given up.
async function shakeOff() {
  const ask = () => fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(SHORT) });
  await Promise.allSettled(Array.from({ length: KEPT }, ask));
  shaking = null;
}

async function textAt(url, patience) {
  const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(patience) });
  if (response.redirected) location.reload();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

// HTML comes from our own server only: its renderer has sanitised it.
export function nodesOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// Every [data-live] names the events after which it is fetched anew from its [data-src];
// one that shows ages is fetched every minute as well. One with a [data-pause] rests for so
// many milliseconds after each fetch, and is not fetched while nobody looks.
export function mountFragments(root, live) {
  for (const element of root.querySelectorAll("[data-live]")) {
    const pause = Number(element.dataset.pause);
    const refresh = pause ? whileSeen(paced(() => refetch(element), pause)) : gathered(() => refetch(element));
    for (const kind of element.dataset.live.split(" ")) live.on(kind, refresh);
    live.on("hello", refresh);
    setInterval(() => element.querySelector("[data-ages]") && !document.hidden && refresh(), MINUTE);
    live.on("refetch", refresh);
  }
}

// What was not done while the tab was hidden is done when it is seen again.
function whileSeen(work) {
  let missed = false;
  document.addEventListener("visibilitychange", () => missed && !document.hidden && run());
  function run() {
    missed = document.hidden;
    if (!missed) work();
  }
  return run;
}

// Show what its [data-src] says now; what the focus is in stays until it has left.
export async function refetch(element) {
  if (element.contains(document.activeElement)) {
    // A moment later: while the focus leaves one thing it is not yet in the next.
    element.addEventListener("focusout", () => setTimeout(() => refetch(element)), { once: true });
    return;
  }
  const url = new URL(element.dataset.src, location.href);
  const select = element.querySelector("select");
  if (select) url.searchParams.set("chosen", select.value);
  const fresh = await fetchFragment(url);
  dress(fresh);
  // Whoever came in meanwhile keeps what they are at.
  if (element.contains(document.activeElement)) return refetch(element);
  if (saidBy(element.childNodes) === saidBy(fresh.childNodes)) return;
  keepAtHand(element, fresh);
  element.replaceChildren(fresh);
}

// What somebody has typed or ticked and not sent, and what they have opened.
export function keepAtHand(element, fresh) {
  for (const { id } of element.querySelectorAll("details[open][id]")) fresh.getElementById(id)?.setAttribute("open", "");
  for (const field of element.querySelectorAll("[data-kept]")) {
    const next = fresh.getElementById(field.id);
    if (!next) continue;
    if (field.type === "checkbox") next.checked = field.checked;
    else next.value = field.value;
  }
}

// As HTML, without what differs each time or is the reader's own doing.
function saidBy(nodes) {
  const holder = document.createElement("div");
  for (const node of nodes) holder.append(node.cloneNode(true));
  for (const token of holder.querySelectorAll("[name=csrfmiddlewaretoken]")) token.remove();
  for (const place of holder.querySelectorAll("[data-fetched]")) place.replaceChildren();
  for (const details of holder.querySelectorAll("details[id]")) details.removeAttribute("open");
  return holder.innerHTML.trim();
}

// One run at a time; whoever calls during a run gets what that one brings.
export function alone(work) {
  let running = null;
  return function run() {
    running ??= work()
      .catch(console.warn)
      .finally(() => (running = null));
    return running;
  };
}

// One run at a time; calls during a run lead to one more run after it.
export function gathered(work) {
  let running = false;
  let again = false;
  return async function run() {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } catch (failure) {
      console.warn(failure);
    } finally {
      running = false;
    }
  };
}
