// What is typed in the editor of a preset stays in this browser until it is saved or left.

import { shelfOf } from "./shelf.js";

const PAUSE = 300;
// Not typed by anybody.
const OURS = ["", "csrfmiddlewaretoken", "draft", "preset", "server"];

// `show` is called when something else stands in the form than before.
export function mountDraft(form, show) {
  const { draft, based_on: base } = form.elements;
  const shelf = shelfFor(form.dataset.person, draft.value);
  const page = form.closest(".preset");
  const [kept, back] = ["[data-kept]", "[data-back]"].map((each) => page.querySelector(each));
  const given = stateOf(form, { asGiven: true });
  // What the server gives back after a refusal was typed before, and is saved nowhere.
  const isTyped = "typed" in form.dataset;
  let hasLeft = false;
  let timer = 0;

  draft.disabled = false;
  shelf.forgetSent();
  if (!isTyped && shelf.typed()) putBack(shelf.typed().text);

  function putBack(state) {
    const newest = base.value;
    fill(form, state);
    back.hidden = !isChanged();
    back.querySelector("[data-newer]").hidden = base.value === newest;
    show();
  }

  function isChanged() {
    return isTyped || JSON.stringify(stateOf(form)) !== JSON.stringify(given);
  }

  function keep() {
    clearTimeout(timer);
    if (hasLeft) return;
    kept.hidden = !isChanged();
    if (isChanged()) shelf.keepTyped(stateOf(form), base.value);
    else shelf.forgetTyped();
  }

  function drop() {
    clearTimeout(timer);
    shelf.forgetTyped();
    hasLeft = true;
  }

  page.querySelector("[data-leave]").addEventListener("click", drop);
  back.querySelector("[data-drop]").addEventListener("click", () => {
    drop();
    fill(form, given);
    kept.hidden = back.hidden = true;
    form.elements.text.focus();
    show();
  });
  form.addEventListener("input", () => {
    hasLeft = false;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  form.addEventListener("submit", ({ submitter }) => {
    if (submitter?.value === "save") shelf.keepSent(draft.value, Date.now());
  });
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  keep();
}

// The page of a preset that was just saved: nothing is left to keep of it.
export function forgetSaved(person) {
  const address = new URL(location.href);
  const saved = address.searchParams.get("saved");
  if (!saved) return;
  const shelf = shelfFor(person, saved);
  if (shelf.sent()) shelf.forgetTyped();
  shelf.forgetSent();
  address.searchParams.delete("saved");
  history.replaceState(history.state, "", address);
}

function shelfFor(person, draft) {
  return shelfOf(localStorage, person, `preset.${draft}`);
}

// All that somebody can type or tick, as it stands or as the server gave it.
function stateOf(form, { asGiven = false } = {}) {
  const state = {};
  for (const field of fieldsOf(form)) {
    const isBox = field.type === "checkbox";
    const [now, before] = isBox ? [field.checked, field.defaultChecked] : [field.value, field.defaultValue];
    state[nameOf(field)] = asGiven ? before : now;
  }
  return state;
}

function fill(form, state) {
  for (const field of fieldsOf(form)) {
    const value = state[nameOf(field)];
    if (value === undefined) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
  }
}

function fieldsOf(form) {
  return [...form.elements].filter((field) => "defaultValue" in field && !OURS.includes(field.name));
}

function nameOf(field) {
  return field.type === "checkbox" ? `${field.name}=${field.value}` : field.name;
}
