// The parts of the status page that the server renders.

import { fetchFragment, refetch } from "./fragments.js";
import { paced } from "./paced.js";

// Between two rounds of fetching, however often parts change.
const PAUSE = 2000;
const WHOLE = "";
// Of so many parts at once, one fetch of all is quicker.
const MANY = 6;

// Fetched one after the other: an older answer never undoes a newer one.
export function mountParts(root, changed) {
  const wanted = new Set();

  const fetchWanted = paced(async () => {
    const selectors = wanted.has(WHOLE) || wanted.size > MANY ? [WHOLE] : [...wanted];
    wanted.clear();
    // One that fails does not keep the others from being fetched.
    for (const selector of selectors) await fetchPart(selector).catch(console.warn);
  }, PAUSE);

  async function fetchPart(selector) {
    const part = selector === WHOLE ? root : root.querySelector(selector);
    // A host that is not there yet.
    if (!part) return want(WHOLE);
    await refetch(part);
    changed(part);
  }

  function want(selector) {
    if (document.hidden) return;
    wanted.add(selector);
    fetchWanted();
  }

  function refresh(part, key) {
    want(`[data-part="${part}"]${key === undefined ? "" : `[data-key="${key}"]`}`);
  }

  // All of it, unless it is still as it was when the page was rendered.
  async function settle() {
    const { mark, markSrc } = root.dataset;
    const now = await fetchFragment(markSrc).catch(console.warn);
    if (now?.textContent !== mark) want(WHOLE);
  }

  return { refresh, settle, whole: () => want(WHOLE) };
}
