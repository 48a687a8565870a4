// Writing a message: Enter sends, and what was typed stays until the server has it.

import { lastIn } from "./branch.js";
import { mountBranching } from "./branching.js";
import { mountDrafts } from "./drafts.js";
import { fateOf, joined, shelfOf } from "./shelf.js";

const TYPING = 3000;
// For so long a socket may take to open before a message takes another way.
const AGAIN = 5000;

export function mountComposer(form, live) {
  const area = form.elements.text;
  const { key } = form.elements;
  area.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
    pressed.preventDefault();
    form.requestSubmit();
  });
  if (!key.value) key.value = newKey();
  // A page that has only this to do, or hears nothing of the conversation: the form goes
  // as forms do.
  if (form.hasAttribute("data-native")) return;
  const composer = openComposer(form, live);
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    if (area.value.trim()) composer.send();
  });
  tellTyping(area, live, Number(form.dataset.conversation) || 0);
}

function openComposer(form, live) {
  const area = form.elements.text;
  const compose = form.closest("[data-compose]");
  const failure = compose.querySelector("[data-failure]");
  const conversation = Number(form.dataset.conversation) || 0;
  const me = Number(form.dataset.me);
  const shelf = shelfOf(localStorage, me, conversation);
  const branching = mountBranching(form, compose);
  // The message on its way, and the one that was refused last.
  let waiting = null;
  let refused = null;
  const isSent = (text) => text.trim() === waiting?.text.trim();
  const drafts = mountDrafts(area, live, { conversation, shelf, draft: () => (isSent(branching.draft()) ? "" : branching.draft()) });

  function send() {
    if (waiting) return;
    const frame = frameOf(form, conversation);
    // With the same key even an answer that was lost does no harm; other words need another.
    if (refused && refused.text !== frame.text) frame.key = newKey();
    fail("");
    waitFor(frame);
    if (live.send(frame)) postLater(frame);
    else post(frame);
  }

  function waitFor(frame) {
    waiting = frame;
    shelf.keepSent(frame, Date.now());
    form.setAttribute("aria-busy", "true");
  }

  // Where no socket is open the same message may still get through as a form.
  async function post(frame) {
    try {
      const response = await fetch(form.action, { method: "POST", body: bodyOf(form, frame) });
      if (waiting !== frame) return;
      if (!response.ok) return refuse(failureIn(await response.text()) || String(response.status));
      // Anywhere else than in the conversation one has been asked to sign in.
      if (!new URL(response.url).pathname.startsWith(compose.dataset.conversations)) return location.reload();
      kept();
      location.assign(response.url);
    } catch {
      if (waiting !== frame) return;
      fail(compose.dataset.waits);
      postLater(frame);
    }
  }

  function postLater(frame) {
    setTimeout(() => waiting === frame && !live.isOpen() && post(frame), AGAIN);
  }

  // The answer to a send may have been lost with the socket.
  function again() {
    if (!waiting) return;
    fail("");
    live.send(waiting);
  }

  function refuse(sentence) {
    refused = waiting;
    form.elements.key.value = waiting.key;
    settle();
    fail(sentence);
  }

  function kept() {
    const { text } = waiting;
    refused = null;
    form.elements.key.value = newKey();
    settle();
    if (area.value.trim() === text.trim()) area.value = "";
    branching.end();
    drafts.gone();
    area.focus({ preventScroll: true });
  }

  function settle() {
    waiting = null;
    shelf.forgetSent();
    form.setAttribute("aria-busy", "false");
  }

  function fail(sentence) {
    failure.textContent = sentence;
    failure.hidden = !sentence;
  }

  live.on("message.added", ({ author, key, ...event }) => {
    if (key && key === waiting?.key) kept();
    // Sent from another page of this person.
    else if (author === me && event.conversation === conversation) drafts.gone();
  });
  live.on("conversation.started", (event) => {
    if (event.key !== waiting?.key) return conversation || drafts.gone();
    kept();
    location.assign(`${compose.dataset.conversations}${event.conversation}/`);
  });
  live.on("command.failed", ({ key, sentence }) => {
    // Without a key it was no message: a stop, or the asking for another reply.
    if (!key) fail(sentence);
    else if (key === waiting?.key) refuse(sentence);
  });
  // What one had typed where one is no more stands in the next new chat.
  live.on("conversation.left", (event) => {
    if (event.conversation === conversation && area.value.trim()) shelfOf(localStorage, me, 0).keepTyped(area.value, null);
  });
  // What stood in the way of a send may be over.
  live.on("message.closed", () => waiting || fail(""));
  for (const kind of conversation ? ["conversation.joined"] : ["hello", "refetch"]) live.on(kind, again);

  resume();
  return { send };

  // What an earlier page of this browser sent, and never heard of again.
  function resume() {
    const sent = shelf.sent();
    const fate = fateOf(sent, Date.now());
    if (fate === "send") {
      if (!area.value) area.value = sent.frame.text;
      waitFor(sent.frame);
      postLater(sent.frame);
    } else if (fate === "show") {
      area.value = joined(area.value, sent.frame.text);
      shelf.forgetSent();
    }
  }
}

function tellTyping(area, live, conversation) {
  let toldAt = 0;
  area.addEventListener("input", () => {
    const now = Date.now();
    if (!conversation || now - toldAt < TYPING) return;
    toldAt = now;
    live.send({ kind: "typing", conversation });
  });
}

function frameOf(form, conversation) {
  const { text, target, key, at, how } = form.elements;
  const said = { text: text.value, key: key.value, target: target.value };
  if (!conversation) return { kind: "conversation.start", ...said };
  return { kind: "message.send", conversation, ...said, at: spotOf(at, how), how: how.value };
}

// A message follows what its writer sees last.
function spotOf(at, how) {
  if (how.value !== "follow") return Number(at.value);
  return lastIn(document.querySelector("[data-messages]"));
}

// The same message as a form; of the form itself only its token.
function bodyOf(form, { text, key, target, at = 0, how = "follow" }) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries({ text, key, target, at, how })) body.set(name, value);
  return body;
}

function failureIn(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-failure], main p")?.textContent.trim();
}

// A version 4 UUID; crypto.randomUUID is missing on plain http.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
