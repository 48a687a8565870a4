// The pulls in the admin: while one is open, what stands of it is fetched anew.

const EVERY = 2000;
const PATIENCE = 10_000;
// Of a list the cells without the checkbox, of a single pull its fields.
const PARTS = "#result_list tbody tr, .readonly";

function parts(root) {
  return [...root.querySelectorAll(PARTS)];
}

function numberOf(part) {
  return part.querySelector(".action-select")?.value ?? "";
}

async function renew() {
  if (document.hidden) return;
  const response = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) });
  if (response.redirected) location.reload();
  if (!response.ok) return;
  // Our own server's page: nothing in it runs, only its nodes are taken.
  const fresh = parts(new DOMParser().parseFromString(await response.text(), "text/html"));
  parts(document).forEach((part, place) => show(part, fresh.find((each) => numberOf(part) && numberOf(each) === numberOf(part)) ?? fresh[place]));
}

function show(part, fresh) {
  if (!fresh || numberOf(part) !== numberOf(fresh)) return;
  if (part.matches(".readonly")) return replace(part, fresh);
  for (const cell of part.cells) {
    const next = fresh.cells[cell.cellIndex];
    if (next && !cell.matches(".action-checkbox")) replace(cell, next);
  }
}

function replace(old, fresh) {
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
}

async function watch() {
  while (document.querySelector("progress[data-open]")) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    await renew().catch(console.warn);
  }
}

watch();
