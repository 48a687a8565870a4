// Pulls and requests on the models page: bars move in place, lists are fetched when they change.

import { fetchFragment, gathered, nodesOf } from "./fragments.js";
import { barOf, progressText, stateOf } from "./progress.js";

// Between two changes of the page, however much the server says: at most four a second.
const PAUSE = 300;
const PATIENCE = 20_000;

export function mountPulls(board, live) {
  const panels = [...board.querySelectorAll("[data-panel]")].map((panel) => mountPanel(panel, live));
  const pulls = board.querySelector("[data-pull-panel]");
  if (pulls) mountRows(pulls, live, panels.find(({ panel }) => panel === pulls).refresh);
  mountForms(board, () => panels.forEach(({ refresh }) => refresh()));
}

function mountPanel(panel, live) {
  const refresh = gathered(() => renew(panel));
  const kinds = panel.dataset.panel.split(" ").filter(Boolean);
  for (const kind of [...kinds, "hello", "refetch"]) live.on(kind, refresh);
  return { panel, refresh };
}

async function renew(panel) {
  const fresh = await fetchFragment(panel.dataset.src);
  const at = document.activeElement;
  if (panel.contains(at) && at.matches("input[type=text]")) {
    // What is being written would lose its place, and a word that is not yet composed.
    at.addEventListener("focusout", () => setTimeout(() => renew(panel)), { once: true });
    return;
  }
  const focused = panel.contains(at) && at.id;
  keep(panel, fresh);
  panel.replaceChildren(fresh);
  if (focused) (document.getElementById(focused) ?? panel.querySelector("[tabindex='-1']"))?.focus();
}

// What somebody has typed or ticked and not sent.
function keep(panel, fresh) {
  for (const field of panel.querySelectorAll("[data-kept]")) {
    const next = fresh.getElementById(field.id);
    if (!next) continue;
    if (field.type === "checkbox") next.checked = field.checked;
    else next.value = field.value;
  }
}

function mountRows(panel, live, refresh) {
  const news = new Map();
  const known = new Map();
  let open = new Set();
  let timer = 0;

  function learn() {
    for (const row of panel.querySelectorAll("[data-pull]")) known.set(Number(row.dataset.pull), row.dataset.state);
    const ended = [...open].map((id) => document.getElementById(id)).find((row) => row && !isOpen(row));
    if (ended) tell(ended);
    open = new Set([...panel.querySelectorAll("[data-pull]")].filter(isOpen).map(({ id }) => id));
  }

  async function show() {
    const events = [...news.values()];
    news.clear();
    const others = events.filter((event) => known.get(event.pull) !== stateOf(event));
    for (const event of others) known.set(event.pull, stateOf(event));
    if (others.length) await refresh();
    else for (const event of events) fill(panel, event);
    timer = setTimeout(goOn, PAUSE);
  }

  function goOn() {
    timer = 0;
    if (news.size) hear();
  }

  function hear() {
    timer ||= -1;
    show();
  }

  learn();
  new MutationObserver(learn).observe(panel, { childList: true });
  live.on("pull.changed", (event) => {
    news.set(event.pull, event);
    if (!timer) hear();
  });
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

// Whoever cannot see the list hears what became of a pull.
function tell(row) {
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
