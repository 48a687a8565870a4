// Other words for a message, or another way on from one: the composer says where it stands.

import { fetchFragment } from "./fragments.js";

export function mountBranching(form, compose) {
  const { text, at, how } = form.elements;
  const notice = compose.querySelector("[data-branching]");
  // The draft, which waits while another text has its place.
  let draft = "";
  let named = null;

  const isOn = () => how.value !== "follow";

  async function begin(link) {
    const kind = link.dataset.words;
    const page = kind === "edit" ? await fetchFragment(link.href) : null;
    if (!isOn()) draft = text.value;
    mark(link.closest("[data-message]"));
    at.value = named.dataset.message;
    how.value = kind;
    text.value = page ? page.querySelector("textarea").value : draft;
    notice.querySelector("[data-words-for]").textContent = notice.dataset[kind];
    notice.hidden = false;
    text.focus();
  }

  // The draft has its place again.
  function end() {
    if (!isOn()) return;
    const branched = how.value === "branch";
    how.value = "follow";
    at.value = 0;
    notice.hidden = true;
    mark(null);
    if (!branched) text.value = draft;
  }

  function mark(article) {
    named?.classList.remove("named");
    named = article;
    named?.classList.add("named");
  }

  function cancel() {
    end();
    text.focus();
  }

  document.addEventListener("click", (clicked) => {
    const link = clicked.target.closest("[data-words]");
    if (!link || clicked.ctrlKey || clicked.metaKey) return;
    clicked.preventDefault();
    link.closest("details")?.removeAttribute("open");
    // Without an answer the page of the link is the way.
    begin(link).catch(() => location.assign(link.href));
  });
  notice.querySelector("button").addEventListener("click", cancel);
  text.addEventListener("keydown", (pressed) => {
    if (pressed.key === "Escape" && isOn()) cancel();
    if (pressed.key === "ArrowUp" && !text.value) lastEdit()?.click();
  });

  return {
    end,
    // What is a draft meanwhile: another way on begins with it, other words do not.
    draft: () => (how.value === "edit" ? draft : text.value),
  };
}

function lastEdit() {
  return [...document.querySelectorAll('[data-words="edit"]')].at(-1);
}
