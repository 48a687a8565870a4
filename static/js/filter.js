// A form that narrows down a table: as one types and chooses, without another page.

import { gathered, refetch } from "./fragments.js";

const PAUSE = 250;

export function mountFilter(root) {
  const form = root.querySelector("[data-filter]");
  const shown = root.querySelector("[data-filtered]");
  if (!form || !shown) return;
  let timer = 0;

  // One fetch at a time, and whatever was asked for last is what stays.
  const show = gathered(async () => {
    const address = addressOf(form);
    shown.dataset.src = `${address}&fragment=1`;
    history.replaceState(history.state, "", address);
    await refetch(shown);
  });

  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(show, wait);
  }

  form.addEventListener("input", ({ target }) => soon(target.type === "search" ? PAUSE : 0));
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    soon(0);
  });
}

function addressOf(form) {
  return `${location.pathname}?${new URLSearchParams(new FormData(form))}`;
}

// What takes a question to a model server is fetched when somebody opens it.
export function mountFetched(root) {
  const fetchOpened = async ({ target }) => {
    if (!target.matches("details[data-fetch][open]")) return;
    const place = target.querySelector("[data-fetched]");
    place.dataset.src = target.dataset.fetch;
    await refetch(place).catch(console.warn);
  };
  // It does not bubble, and the fragment around it may have come since.
  root.addEventListener("toggle", fetchOpened, true);
}
