// The open conversation: events of the socket become messages on the page.

import { about, lastIn, messagesIn, numberOf } from "./branch.js";
import { dress } from "./dress.js";
import { alone, fetchFragment, gathered, nodesOf } from "./fragments.js";
import { hasGap, isOlder, shownAt, unknownReply, withEvent } from "./reply.js";
import { mountPhases } from "./phases.js";
import { mountScroll } from "./scroll.js";

const PATIENCE = 400;
const CHECKPOINT = 1500;
// For so long a second click is no second wish.
const DOUBLE = 1000;
// What could not be fetched is tried again after so long.
const LATER = 2000;

export function mountConversation(list, live) {
  const log = list.closest("[data-log]");
  const conversation = Number(list.dataset.messages);
  const scroll = mountScroll(log);
  const phases = mountPhases(list, live);
  const replies = new Map();
  // Replies of which an event is missing, and which are about to be fetched.
  const gaps = new Set();
  // Replies that ended, or began anew, before this page had fetched them.
  const early = new Set();
  // Whether the next answer is to be all that the page shows.
  let whole = false;
  // The version with which that begins, where the first message shown gives way to it.
  let branch = 0;
  const ours = (listener) => about(conversation, listener);
  const articles = () => messagesIn(list);
  const articleOf = (message) => list.querySelector(`[data-message="${message}"]`);

  function show(message, { reply, ready }) {
    replies.set(message, reply);
    const article = articleOf(message);
    if (article && ready.length) scroll.following(() => ready.forEach((event) => write(article, event, phases)));
    if (reply.seq === null || !hasGap(reply) || gaps.has(message)) return;
    gaps.add(message);
    setTimeout(() => fillGap(message), PATIENCE);
  }

  function fillGap(message) {
    gaps.delete(message);
    const reply = replies.get(message);
    if (reply && hasGap(reply)) refetchOne(message);
  }

  // Puts an article where it belongs and says which one stands there now.
  function place(fresh, insert) {
    const known = articleOf(fresh.dataset.message);
    if (known?.dataset.version === fresh.dataset.version) {
      phases.renew(known, fresh);
      return known;
    }
    const { open, seq } = formOf(fresh);
    // A fetch that began before the reply was closed, or reopened, comes too late.
    if (known && isOlder({ open, seq }, formOf(known))) return known;
    const message = numberOf(fresh);
    // What is on the page may be newer than the last checkpoint.
    const shown = replies.get(message);
    if (open && known && (shown?.seq ?? -1) >= seq) {
      show(message, { reply: shown, ready: [] });
      return known;
    }
    dress(fresh);
    if (known) swap(known, fresh);
    else insert(fresh);
    if (open) show(message, shownAt(shown ?? unknownReply(), seq));
    else replies.delete(message);
    if (early.delete(message) && open) refetchOne(message);
    return fresh;
  }

  function append(fresh) {
    scroll.following(() => messagesIn(fresh).forEach((each) => place(each, (it) => list.append(it))));
  }

  // The page shows this stretch of the branch, and nothing else.
  function replace(fresh) {
    const wanted = messagesIn(fresh);
    const numbers = new Set(wanted.map(numberOf));
    scroll.following(() => {
      for (const old of articles()) if (!numbers.has(numberOf(old))) remove(old);
      list.querySelector("[data-earlier]")?.remove();
      const earlier = fresh.querySelector("[data-earlier]");
      if (earlier) list.prepend(earlier);
      let last = earlier;
      for (const each of wanted) last = place(each, (it) => (last ? last.after(it) : list.prepend(it)));
    });
  }

  function remove(article) {
    replies.delete(numberOf(article));
    if (article.previousElementSibling?.matches(".new-from")) article.previousElementSibling.remove();
    if (article.contains(document.activeElement)) log.focus({ preventScroll: true });
    article.remove();
  }

  async function refetchOne(message) {
    // It may be on a branch that this page does not show, or on its way here.
    if (!articleOf(message)) {
      early.add(message);
      replies.delete(message);
      return;
    }
    try {
      const fresh = await fetchFragment(`${list.dataset.src}${message}/`);
      if (articleOf(message)) scroll.following(() => place(fresh.querySelector("[data-message]")));
      announce(articleOf(message));
    } catch (failure) {
      later(true, failure);
    }
  }

  // One after the other: an older answer must not undo what a newer one has put here.
  const update = gathered(async () => {
    const all = whole;
    whole = false;
    const first = branch || numberOf(articles()[0]);
    branch = 0;
    const query = all ? `from=${first}` : `after=${lastIn(list)}`;
    const fresh = await fetchFragment(`${list.dataset.src}?${query}`).catch((failure) => later(all, failure));
    if (!fresh) return;
    if (all || fresh.querySelector("[data-anew]")) replace(fresh);
    else append(fresh);
    if (all) scroll.restore(articleOf);
  });

  function later(all, failure) {
    console.warn(failure);
    whole ||= all;
    setTimeout(update, LATER);
  }

  function refetchAll() {
    whole = true;
    return update();
  }

  // It is the answer that has everything fetched: nothing between the two is lost.
  function join() {
    live.send({ kind: "conversation.join", conversation });
  }

  // What was said before this page joined is in the row with its next checkpoint, which
  // is at most a second away; after it there may be silence.
  async function joined() {
    await refetchAll();
    setTimeout(() => {
      for (const article of list.querySelectorAll("article[data-open]")) refetchOne(numberOf(article));
    }, CHECKPOINT);
  }

  // At the end of this page's branch a message is shown; anywhere else it makes a fork.
  function added({ message, parent, author }) {
    if (articleOf(message)) return;
    if (author === Number(list.dataset.me)) scroll.toEnd();
    const last = lastIn(list);
    if (parent !== last && (parent === 0 || articleOf(parent))) refetchAll();
    else update();
  }

  // Scrolling up tells so many times over: one stretch comes for all of them.
  const fetchEarlier = alone(async () => {
    const first = numberOf(articles()[0]);
    const fresh = await fetchFragment(`${list.dataset.src}?before=${first}`);
    if (fresh.querySelector("[data-anew]")) return replace(fresh);
    list.querySelector("[data-earlier]")?.remove();
    for (const article of messagesIn(fresh)) if (articleOf(numberOf(article))) article.remove();
    dress(fresh);
    scroll.keeping(() => list.prepend(fresh));
  });

  function text(event) {
    show(event.message, withEvent(replies.get(event.message) ?? unknownReply(), event));
  }

  // A word for those who do not see the page, once a reply is over.
  function announce(article) {
    const place = document.querySelector("[data-announce]");
    if (!article || article.hasAttribute("data-open") || document.hidden) return;
    const { whole, ended } = place.dataset;
    place.textContent = (article.hasAttribute("data-whole") ? whole : ended).replace("…name…", article.dataset.by);
  }

  for (const article of list.querySelectorAll("article[data-open]")) {
    replies.set(numberOf(article), { seq: Number(article.dataset.seq), early: [] });
  }
  live.on("hello", join);
  live.on("conversation.joined", ours(joined));
  live.on("refetch", join);
  live.on("message.added", ours(added));
  live.on("message.delta", ours(text));
  live.on("message.block", ours(text));
  live.on("message.phase", ours((told) => phases.show(articleOf(told.message), told)));
  live.on("message.closed", ours(({ message }) => refetchOne(message)));
  live.on("message.reopened", ours(({ message }) => refetchOne(message)));
  live.on("branch.deleted", ours(({ message }) => articleOf(message) && refetchAll()));
  live.on("place.changed", ours(() => refetchAll().then(() => checkRole(list))));
  // The event may come twice; going away twice would leave two notices.
  let left = false;
  live.on("conversation.left", ours(() => {
    if (!left) location.assign(list.dataset.left);
    left = true;
  }));
  const spent = new WeakSet();
  // Without a socket the form goes as forms do.
  list.addEventListener("submit", (submitted) => {
    const button = submitted.submitter;
    if (spent.has(button)) return submitted.preventDefault();
    const { command, of, target, window: wide } = button.dataset;
    const article = submitted.target.closest("[data-message]");
    const message = Number(of ?? numberOf(article));
    const more = { ...(target && { target }), ...(wide && { window: Number(wide) }) };
    if (!command || !live.send({ kind: command, conversation, message, ...more })) return;
    submitted.preventDefault();
    if (of) scroll.remember(article, message);
    if (of && article === articles()[0]) branch = message;
    // Not disabled: it would lose the focus.
    spent.add(button);
    setTimeout(() => spent.delete(button), DOUBLE);
  });
  list.addEventListener("click", (clicked) => {
    if (!clicked.target.closest("[data-earlier] a")) return;
    clicked.preventDefault();
    fetchEarlier();
  });
  scroll.whenAtTop(() => list.querySelector("[data-earlier]") && fetchEarlier());
}

// Another form of the same message; whoever stood in it stays there, or goes on writing.
function swap(known, fresh) {
  const had = known.contains(document.activeElement);
  const { command, of } = document.activeElement?.dataset ?? {};
  known.replaceWith(fresh);
  if (!had) return;
  const alike = command ? [...fresh.querySelectorAll(`[data-command="${command}"]:enabled`)] : [];
  const same = alike.find((each) => each.dataset.of === of) ?? alike[0];
  (same || document.getElementById("composer-text"))?.focus({ preventScroll: true });
}

// As the server rendered it, whatever has been written into it since.
function formOf(article) {
  return { open: article.hasAttribute("data-open"), seq: Number(article.dataset.seq) };
}

function write(article, event, phases) {
  const rest = article.querySelector("[data-rest]");
  phases.written(article);
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

// Whoever may write now, or no longer, needs another page.
async function checkRole(list) {
  const head = await fetchFragment(document.querySelector("[data-head]").dataset.src);
  const role = head.querySelector("[data-role]").dataset.role;
  if (role !== list.dataset.role) location.reload();
}
