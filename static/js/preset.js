// The editor of a preset: the text and the form in step, marks beside the lines, and a try.

import { placeIn, stretchBetween } from "./code_lines.js";
import { gathered, nodesOf } from "./fragments.js";
import { mountDraft } from "./preset_draft.js";
import { followText, isChanged } from "./preset_form.js";
import { mountTry } from "./preset_try.js";

const PAUSE = 250;

export function mountPreset(form) {
  const area = form.elements.text;
  const code = form.querySelector("[data-code]");
  const fields = form.querySelector("[data-fields]");
  let shown = area.value.split("\n");
  let timer = 0;

  code.classList.add("is-live");
  for (const button of form.querySelectorAll("[data-scriptless]")) button.hidden = true;

  const check = gathered(async () => {
    const [byForm, text] = [isChanged(fields), area.value];
    const body = new FormData(form);
    body.set("by", byForm ? "form" : "text");
    const fresh = await posted(form.dataset.check, body);
    // What was typed meanwhile is asked about next.
    if (area.value !== text) return;
    if (byForm) area.value = fresh.querySelector("[data-text]").value;
    followText(fields, fresh, body);
    for (const part of fresh.querySelectorAll("[data-part]")) show(part);
    shown = area.value.split("\n");
    const isBad = Boolean(form.querySelector(".preset-remarks .is-bad"));
    area.setAttribute("aria-invalid", isBad);
  });

  // Whoever is at a part keeps it as it is; it follows once they have left.
  function show(fresh) {
    const part = form.querySelector(`[data-part="${fresh.dataset.part}"]`);
    if (part.innerHTML === fresh.innerHTML) return;
    if (part.contains(document.activeElement) || isChanged(part)) return;
    const chosen = part.querySelector("select")?.value;
    part.replaceChildren(...fresh.childNodes);
    const select = part.querySelector("select");
    if (select && [...select.options].some((option) => option.value === chosen)) select.value = chosen;
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  }

  // The numbers follow at once, and each mark stays at its line.
  function follow() {
    const list = code.querySelector("[data-lines]");
    const now = area.value.split("\n");
    const { from, removed, added } = stretchBetween(shown, now);
    const rows = [...list.children].slice(from, from + removed);
    const next = list.children[from + removed] ?? null;
    added.forEach((text, at) => {
      const row = rows[at] ?? list.insertBefore(newRow(), next);
      row.querySelector(".code-text").textContent = text;
    });
    for (const row of rows.slice(added.length)) row.remove();
    shown = now;
  }

  function newRow() {
    return form.querySelector("template[data-line]").content.firstElementChild.cloneNode(true);
  }

  area.addEventListener("input", () => {
    follow();
    soon();
  });
  fields.addEventListener("input", () => soon());
  fields.addEventListener("focusout", () => soon());
  form.addEventListener("click", ({ target }) => {
    const to = target.closest("button[data-line]");
    if (!to) return;
    area.focus();
    const place = placeIn(area.value, Number(to.dataset.line), Number(to.dataset.column) || 1);
    area.setSelectionRange(place, place);
  });
  mountTry(form);
  mountDraft(form, () => {
    follow();
    soon();
  });
  // A page that comes back has what was typed in it, and the marks of before.
  addEventListener("pageshow", () => {
    follow();
    soon();
  });
}

async function posted(url, body) {
  const response = await fetch(url, { method: "POST", body, credentials: "same-origin" });
  if (response.redirected) location.reload();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return nodesOf(await response.text());
}
