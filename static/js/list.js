// The list of conversations: searched as one types, longer on demand, and always fresh;
// and the menus of a page, which close as people expect.

import { fetchFragment, gathered } from "./fragments.js";

const PAUSE = 200;

export function mountList(root, live) {
  const list = root.querySelector("[data-list]");
  const form = root.querySelector("[data-search]");
  const aloud = root.querySelector("[data-found-aloud]");
  if (!list) return;
  const field = form.elements.q;
  let timer = 0;
  // The place of the link that gets the focus once it has come.
  let awaited = 0;

  // One fetch at a time, and whatever was asked for last is what stays.
  const refresh = gathered(async () => {
    const asked = list.dataset.src;
    const fresh = await fetchFragment(asked);
    if (asked !== list.dataset.src) return;
    show(list, fresh);
    if (aloud.textContent !== foundIn(list)) aloud.textContent = foundIn(list);
    if (awaited) list.querySelectorAll("li a")[awaited]?.focus();
    awaited = 0;
  });

  function ask(changes) {
    list.dataset.src = addressWith(list.dataset.src, changes);
    refresh();
  }

  function search() {
    clearTimeout(timer);
    const q = field.value.trim();
    if (q === new URL(list.dataset.src, location.href).searchParams.get("q")) return;
    list.scrollTop = 0;
    ask({ q, before: "", pages: 1 });
  }

  function clear() {
    field.value = "";
    search();
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  field.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "Escape" || !field.value) return;
    pressed.preventDefault();
    clear();
  });
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    search();
  });
  list.addEventListener("click", (clicked) => {
    if (clicked.ctrlKey || clicked.metaKey || clicked.shiftKey) return;
    if (clicked.target.closest("[data-search-clear]")) {
      clicked.preventDefault();
      clear();
      field.focus();
    }
    if (clicked.target.closest("[data-earlier-list]") && pagesOf(list) < Number(list.dataset.mostPages)) {
      clicked.preventDefault();
      showMore();
    }
  });
  for (const kind of ["conversation.changed", "conversation.left", "hello", "refetch"]) live.on(kind, refresh);
  live.on("conversation.seen", ({ conversation }) => unmark(list, conversation));
  // A page that comes back with what was typed in it shows what that finds.
  addEventListener("pageshow", search);

  function showMore() {
    awaited = list.querySelectorAll("li").length;
    ask({ pages: pagesOf(list) + 1 });
  }
}

// Nothing is new there any more; that is no reason to fetch the list.
function unmark(list, conversation) {
  const link = list.querySelector(`a[href$="/c/${conversation}/"]`);
  link?.classList.remove("has-unread");
  link?.querySelector(".unread")?.remove();
}

// Replace what is listed, and nothing of where the reader is.
function show(list, fresh) {
  const holder = document.createElement("div");
  holder.append(fresh);
  if (holder.innerHTML.trim() === list.innerHTML.trim()) return;
  const focused = list.contains(document.activeElement) && document.activeElement.getAttribute("href");
  list.replaceChildren(...holder.childNodes);
  if (!focused) return;
  const links = [...list.querySelectorAll("a")];
  links.find((link) => link.getAttribute("href") === focused)?.focus({ preventScroll: true });
}

function foundIn(list) {
  return list.querySelector("[data-found]")?.textContent.trim().replace(/\s+/g, " ") ?? "";
}

function pagesOf(list) {
  return Number(new URL(list.dataset.src, location.href).searchParams.get("pages")) || 1;
}

// Pure: an address of ours with some of its parameters changed.
export function addressWith(address, changes) {
  const [path, query] = address.split("?");
  const params = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) params.set(name, value);
  return `${path}?${params}`;
}

// Escape closes an open menu and goes back to its button; a click elsewhere closes it too.
export function mountMenus(root) {
  const open = () => root.querySelectorAll("details.menu[open], details.more[open]");
  root.addEventListener("click", ({ target }) => {
    for (const menu of open()) if (!menu.contains(target)) menu.open = false;
  });
  root.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of open()) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  });
}
