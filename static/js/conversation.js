// The open conversation: events of the socket become messages on the page.

import { dress } from "./dress.js";
import { fetchFragment, gathered, nodesOf } from "./fragments.js";
import { hasGap, isOlder, shownAt, unknownReply, withEvent } from "./reply.js";

const PATIENCE = 400;
const CHECKPOINT = 1500;
// For so long a second click is no second wish.
const DOUBLE = 1000;

export function mountConversation(list, live) {
  const log = list.closest("[data-log]");
  const conversation = Number(list.dataset.messages);
  const replies = new Map();
  // Replies of which an event is missing, and which are about to be fetched.
  const gaps = new Set();
  const ours = (listener) => (event) => event.conversation === conversation && listener(event);
  const articleOf = (message) => list.querySelector(`[data-message="${message}"]`);

  // Follow the text only for those who are reading its end.
  function following(change) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    change();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  function show(message, { reply, ready }) {
    replies.set(message, reply);
    const article = articleOf(message);
    if (article && ready.length) following(() => ready.forEach((event) => write(article, event)));
    if (reply.seq === null || !hasGap(reply) || gaps.has(message)) return;
    gaps.add(message);
    setTimeout(() => fillGap(message), PATIENCE);
  }

  function fillGap(message) {
    gaps.delete(message);
    const reply = replies.get(message);
    if (reply && hasGap(reply)) refetchOne(message);
  }

  function place(fresh) {
    const known = articleOf(fresh.dataset.message);
    if (known?.dataset.version === fresh.dataset.version) return;
    const { open, seq } = formOf(fresh);
    // A fetch that began before the reply was closed, or reopened, comes too late.
    if (known && isOlder({ open, seq }, formOf(known))) return;
    const message = Number(fresh.dataset.message);
    // What is on the page may be newer than the last checkpoint.
    const shown = replies.get(message);
    if (open && known && (shown?.seq ?? -1) >= seq) return show(message, { reply: shown, ready: [] });
    dress(fresh);
    following(() => (known ? known.replaceWith(fresh) : list.append(fresh)));
    if (open) show(message, shownAt(replies.get(message) ?? unknownReply(), seq));
    else replies.delete(message);
  }

  async function refetchOne(message) {
    try {
      const fresh = await fetchFragment(`${list.dataset.src}${message}/`);
      place(fresh.querySelector("article"));
    } catch (failure) {
      console.warn(failure);
    }
  }

  const refetchAll = gathered(async () => {
    const fresh = await fetchFragment(list.dataset.src);
    for (const article of fresh.querySelectorAll("article")) place(article);
  });

  // What was said before this page joined is in the row with its next checkpoint, which
  // is at most a second away; after it there may be silence.
  async function joined() {
    await refetchAll();
    setTimeout(() => {
      for (const article of list.querySelectorAll("article[data-open]")) refetchOne(Number(article.dataset.message));
    }, CHECKPOINT);
  }

  const fetchNew = gathered(async () => {
    const last = list.querySelector("article:last-of-type")?.dataset.message ?? 0;
    const fresh = await fetchFragment(`${list.dataset.src}?after=${last}`);
    for (const article of fresh.querySelectorAll("article")) place(article);
  });

  function text(event) {
    show(event.message, withEvent(replies.get(event.message) ?? unknownReply(), event));
  }

  for (const article of list.querySelectorAll("article[data-open]")) {
    replies.set(Number(article.dataset.message), { seq: Number(article.dataset.seq), early: [] });
  }
  live.on("hello", () => live.send({ kind: "conversation.join", conversation }));
  live.on("conversation.joined", ours(joined));
  live.on("refetch", refetchAll);
  live.on("message.added", ours(fetchNew));
  live.on("message.delta", ours(text));
  live.on("message.block", ours(text));
  live.on("message.phase", ours(({ message, phase }) => showPhase(articleOf(message), phase)));
  live.on("message.closed", ours(({ message }) => refetchOne(message)));
  live.on("message.reopened", ours(({ message }) => refetchOne(message)));
  // Without a socket the form goes as forms do.
  list.addEventListener("submit", (submitted) => {
    const kind = submitted.target.dataset.command;
    const message = Number(submitted.target.closest("[data-message]").dataset.message);
    if (!kind || !live.send({ kind, conversation, message })) return;
    submitted.preventDefault();
    submitted.submitter.disabled = true;
    setTimeout(() => (submitted.submitter.disabled = false), DOUBLE);
  });
  log.scrollTop = log.scrollHeight;
}

// As the server rendered it, whatever has been written into it since.
function formOf(article) {
  return { open: article.hasAttribute("data-open"), seq: Number(article.dataset.seq) };
}

function write(article, event) {
  const rest = article.querySelector("[data-rest]");
  article.querySelector("[data-phase]").textContent = "";
  article.dataset.version = `open.${event.seq}`;
  if (event.kind === "message.delta") {
    rest.append(event.text);
    return;
  }
  const blocks = nodesOf(event.html);
  dress(blocks);
  article.querySelector("[data-blocks]").append(blocks);
  rest.textContent = event.rest;
}

function showPhase(article, phase) {
  const place = article?.querySelector("[data-phase]");
  if (place && phase in place.dataset) place.textContent = place.dataset[phase];
}
