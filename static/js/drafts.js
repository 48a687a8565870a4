// What is typed is kept on the server; until it says so, in this browser.

import { textFor } from "./shelf.js";

const PAUSE = 800;

// `draft` says what there is to keep now.
export function mountDrafts(area, live, { conversation, shelf, draft }) {
  // What the server has, and what it was told and has not said to have.
  let known = area.defaultValue;
  let told = null;
  let timer = 0;

  area.value = textFor(area.value, shelf.typed());
  shelf.forgetTyped();

  function keep() {
    clearTimeout(timer);
    const text = draft();
    if (text === known && told === null) return shelf.forgetTyped();
    shelf.keepTyped(text, known);
    // One at a time: an answer does not say which text it is about.
    if (told === null && live.send({ kind: "draft.keep", conversation, text })) told = text;
  }

  // The answer was lost with the socket, or will never come.
  function again() {
    told = null;
    keep();
  }

  live.on("draft.kept", () => {
    if (told === null) return;
    known = told;
    again();
  });
  live.on("hello", again);
  live.on("signed.out", keep);
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && keep());

  return {
    // A message of this person is in, and the draft on the server went with it.
    gone() {
      known = "";
      again();
    },
  };
}
