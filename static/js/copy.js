// Copy buttons: beside each code block, and under each reply.

// Give the code blocks below `root` their button, cloned from the page's template.
export function decorate(root) {
  const button = document.getElementById("copy-button").content;
  for (const caption of root.querySelectorAll("figure.code > figcaption:not(:has(.copy))")) {
    caption.append(button.cloneNode(true));
  }
  for (const whole of root.querySelectorAll("[data-copy-message]")) whole.hidden = false;
}

export function mountCopy(root) {
  decorate(root);
  root.addEventListener("click", async ({ target }) => {
    const button = target.closest(".copy, [data-copy-message]");
    if (!button) return;
    if (await copied(textFor(button))) confirm(button);
  });
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
