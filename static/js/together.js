// The others in a conversation: who is here, who is typing, and what one has seen oneself.

import { about, lastIn } from "./branch.js";

const BEAT = 15_000;
const TYPED = 5000;
const GLANCE = 300;

export function mountTogether(list, live) {
  const conversation = Number(list.dataset.messages);
  const me = Number(list.dataset.me);
  const ours = (listener) => about(conversation, listener);

  mountPresence(document.querySelector("[data-head]"), { live, conversation, ours });
  mountTyping(document.querySelector("[data-typing]"), { live, me, ours });
  mountSeen(list, { live, conversation });
}

function mountPresence(head, { live, conversation, ours }) {
  let people = [];

  function beat() {
    if (!document.hidden) live.send({ kind: "presence.beat", conversation });
  }

  function show() {
    for (const face of head.querySelectorAll("[data-person]")) {
      const here = people.includes(Number(face.dataset.person));
      face.classList.toggle("here", here);
      face.title = here ? `${face.dataset.name} · ${head.dataset.here}` : face.dataset.name;
    }
  }

  setInterval(beat, BEAT);
  document.addEventListener("visibilitychange", beat);
  live.on("conversation.joined", beat);
  live.on("presence.changed", ours((event) => {
    people = event.people;
    show();
  }));
  // The head is fetched anew now and then.
  new MutationObserver(show).observe(head, { childList: true });
}

function mountTyping(line, { live, me, ours }) {
  const names = new Map();
  if (!line) return;

  function show() {
    const known = [...names.values()].map(({ name }) => name);
    const words = known.length > 1 ? line.dataset.many : line.dataset.one;
    line.textContent = known.length ? words.replace("…names…", known.join(", ")) : "";
  }

  function forget(person) {
    clearTimeout(names.get(person)?.timer);
    if (names.delete(person)) show();
  }

  live.on("typing.changed", ours(({ person, name }) => {
    if (person === me) return;
    clearTimeout(names.get(person)?.timer);
    names.set(person, { name, timer: setTimeout(() => forget(person), TYPED) });
    show();
  }));
  live.on("message.added", ours(({ author }) => forget(author)));
}

// The end of the branch counts as seen when it is on the page of somebody who looks at it.
function mountSeen(list, { live, conversation }) {
  let seen = 0;
  // Whether something was said since, on whatever branch.
  let more = false;
  let timer = 0;

  function look() {
    clearTimeout(timer);
    timer = setTimeout(tell, GLANCE);
  }

  function tell() {
    const message = lastIn(list);
    if (document.hidden || !message || (message === seen && !more)) return;
    more = false;
    if (live.send({ kind: "conversation.see", conversation, message })) seen = message;
  }

  new MutationObserver(look).observe(list, { childList: true });
  document.addEventListener("visibilitychange", look);
  live.on("conversation.joined", look);
  live.on("message.added", about(conversation, () => {
    more = true;
    look();
  }));
}
