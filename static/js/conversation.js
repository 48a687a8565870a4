// The open conversation: events of the socket become messages on the page.

import { dress } from "./dress.js";
import { fetchFragment, gathered, nodesOf } from "./fragments.js";
import { hasGap, shownAt, unknownReply, withEvent } from "./reply.js";

const PATIENCE = 400;

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
    const open = fresh.hasAttribute("data-open");
    // A fetch that began before the reply was closed comes too late.
    if (open && known && !known.hasAttribute("data-open")) return;
    const message = Number(fresh.dataset.message);
    const seq = Number(fresh.dataset.seq);
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
  live.on("conversation.joined", ours(refetchAll));
  live.on("refetch", refetchAll);
  live.on("message.added", ours(fetchNew));
  live.on("message.delta", ours(text));
  live.on("message.block", ours(text));
  live.on("message.phase", ours(({ message, phase }) => showPhase(articleOf(message), phase)));
  live.on("message.closed", ours(({ message }) => refetchOne(message)));
  list.addEventListener("submit", (submitted) => {
    const message = Number(submitted.target.dataset.stop);
    if (message && live.send({ kind: "message.stop", conversation, message })) submitted.preventDefault();
  });
  log.scrollTop = log.scrollHeight;
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
