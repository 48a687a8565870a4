// What the server's HTML lacks: buttons that wrap and copy code or close a sentence, and times as the reader's clock has them.

import { hideClosed } from "./closed.js";

export function dress(root) {
  hideClosed(root);
  addButtons(root);
  localTimes(root);
}

// Each code block gets its buttons, cloned from the page's template.
function addButtons(root) {
  const buttons = document.getElementById("copy-button").content;
  for (const caption of root.querySelectorAll("figure.code > figcaption:not(:has(.copy))")) {
    caption.append(buttons.cloneNode(true));
  }
  for (const whole of root.querySelectorAll("[data-copy-message]")) whole.hidden = false;
}

function localTimes(root) {
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const whole = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-time]")) {
    const at = new Date(time.dateTime);
    time.textContent = clock.format(at);
    time.title = whole.format(at);
  }
  for (const time of root.querySelectorAll("time[data-moment]")) {
    time.textContent = whole.format(new Date(time.dateTime));
  }
}

export function mountCopy(root) {
  dress(root);
  root.addEventListener("click", async ({ target }) => {
    const button = target.closest(".copy, .wrap, [data-copy-message]");
    if (!button) return;
    if (button.matches(".wrap")) return wrap(button);
    if (await copied(textFor(button))) confirm(button);
  });
}

function wrap(button) {
  const wrapped = button.closest("figure.code").toggleAttribute("data-wrapped");
  button.setAttribute("aria-pressed", wrapped);
}

function textFor(button) {
  const code = button.closest("figure.code")?.querySelector("code");
  return code ? code.textContent : button.closest("article").querySelector("[data-blocks]").innerText;
}

function confirm(button) {
  const label = button.textContent;
  if (label === button.dataset.done) return;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = label), 1500);
}

// navigator.clipboard is missing on plain http: then a selection is copied.
async function copied(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused: the other way may still be allowed.
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
