// Pulls and requests on the models page: bars move in place, lists are fetched when they change.

import { fetchFragment, keepAtHand, nodesOf } from "./fragments.js";
import { paced } from "./paced.js";
import { barOf, progressText, stateOf } from "./progress.js";

// Between two changes of the page, however much the server says: at most four a second.
const PAUSE = 300;
const PATIENCE = 20_000;

export function mountPulls(board, live) {
  const refreshes = [...board.querySelectorAll("[data-panel]")].map((panel) => mountPanel(panel, live));
  mountForms(board, () => refreshes.forEach((refresh) => refresh()));
}

// Gives back what has the panel fetched anew.
function mountPanel(panel, live) {
  const rows = panel.matches("[data-pull-panel]") ? mountRows(panel) : null;
  let stale = false;
  const change = paced(async () => {
    if (!stale && !rows?.hear()) return rows?.show();
    // What comes while it is fetched is shown after it.
    rows?.forget();
    stale = false;
    try {
      await renew(panel, refresh);
    } catch (failure) {
      stale = true;
      throw failure;
    }
  }, PAUSE);
  function refresh() {
    stale = true;
    change();
  }
  const kinds = panel.dataset.panel.split(" ").filter(Boolean);
  for (const kind of [...kinds, "hello", "refetch"]) live.on(kind, refresh);
  if (rows) live.on("pull.changed", (event) => {
    rows.take(event);
    change();
  });
  return refresh;
}

async function renew(panel, later) {
  const fresh = await fetchFragment(panel.dataset.src);
  const at = document.activeElement;
  if (panel.contains(at) && at.matches("input[type=text]")) {
    // What is being written would lose its place, and a word that is not yet composed.
    at.addEventListener("focusout", () => setTimeout(later), { once: true });
    return;
  }
  const focused = panel.contains(at) && at.id;
  keepAtHand(panel, fresh);
  panel.replaceChildren(fresh);
  if (focused) (document.getElementById(focused) ?? panel.querySelector("[tabindex='-1']"))?.focus();
}

// The pulls as the page knows them: `known` is what each was when the list was fetched for it.
function mountRows(panel) {
  const news = new Map();
  const known = new Map();
  let open = new Set();

  function learn() {
    const rows = [...panel.querySelectorAll("[data-pull]")];
    for (const { dataset } of rows) known.set(Number(dataset.pull), dataset.state);
    const ended = rows.find((row) => open.has(row.id) && !isOpen(row));
    if (ended) show(ended);
    open = new Set(rows.filter(isOpen).map(({ id }) => id));
  }

  learn();
  new MutationObserver(learn).observe(panel, { childList: true });
  return {
    take: (event) => news.set(event.pull, event),
    // Whether the list has to be fetched: more than numbers has changed.
    hear: () => [...news.values()].some((event) => known.get(event.pull) !== stateOf(event)),
    // One that is not listed is hidden from this person: it is no reason to fetch again.
    forget() {
      for (const event of news.values()) known.set(event.pull, stateOf(event));
      news.clear();
    },
    show() {
      for (const event of news.values()) fill(panel, event);
      news.clear();
    },
  };
}

function fill(panel, event) {
  const row = panel.querySelector(`[data-pull="${event.pull}"]`);
  const bar = row?.querySelector("[data-bar]");
  if (!bar) return;
  const words = row.closest("[data-pulls]").dataset;
  const amount = barOf(event);
  if (amount) [bar.value, bar.max] = [amount[0], amount[1]];
  else bar.removeAttribute("value");
  const text = progressText(event, words, document.documentElement.lang);
  const line = row.querySelector("[data-text]");
  if (line.textContent !== text) line.textContent = text;
}

function isOpen(row) {
  return row.querySelector("[data-bar]") !== null;
}

// Whoever has watched a pull sees what became of it, and hears it who cannot see the list.
function show(row) {
  row.closest("details")?.setAttribute("open", "");
  const [name, text] = ["[data-name]", "[data-text]"].map((part) => row.querySelector(part).textContent);
  document.querySelector("[data-aloud]").textContent = `${name}: ${text}`;
}

// A form that is sent without leaving the page; where that fails it goes as forms do.
function mountForms(board, refresh) {
  board.addEventListener("submit", async (submitted) => {
    const form = submitted.target;
    if (!form.matches("[data-in-place]")) return;
    submitted.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const address = submitted.submitter?.getAttribute("formaction") ?? form.action;
    try {
      const answer = await sent(form, address);
      if (answer === null) done(form);
      else again(form, answer);
      refresh();
    } catch (failure) {
      console.warn(failure);
      form.action = address;
      form.submit();
    } finally {
      form.ariaBusy = null;
    }
  });
}

// null when all is done, else the form once more with what is wrong.
async function sent(form, address) {
  const body = new FormData(form);
  body.append("in_place", "1");
  const response = await fetch(address, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
  if (response.status === 204) return null;
  const text = await response.text();
  const fresh = form.id && nodesOf(text).getElementById(form.id);
  if (!fresh) throw new Error(`${address}: ${response.status}`);
  return fresh;
}

function done(form) {
  if (!form.matches("[data-cleared]")) return;
  for (const field of form.querySelectorAll("input[type=text]")) field.value = "";
  for (const wrong of form.querySelectorAll(".field-error, .failure")) wrong.remove();
  form.querySelector("input[type=text]")?.focus();
}

function again(form, fresh) {
  form.replaceWith(fresh);
  fresh.querySelector("[aria-invalid=true], input:not([type=hidden])")?.focus();
}
