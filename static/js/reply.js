// An open reply as the page knows it. Pure: no DOM, no socket, no clock.

// `seq` is what the page shows; null while it shows nothing of the reply yet.
export function unknownReply() {
  return { seq: null, early: [] };
}

// Keep an event; `ready` are those that can be shown now, in order.
export function withEvent(reply, event) {
  if (reply.seq !== null && event.seq <= reply.seq) return { reply, ready: [] };
  return settle({ ...reply, early: [...reply.early, event] });
}

// The page has fetched the reply as it was at `seq`.
export function shownAt(reply, seq) {
  const early = reply.early.filter((event) => event.seq > seq);
  return settle({ seq, early });
}

// An event came, but the one before it never did: the page must fetch.
export function hasGap(reply) {
  return reply.early.length > 0;
}

// What was fetched is older than what the page was given before: a reply's `seq` never
// goes back, and at one `seq` it is first open, then closed.
export function isOlder(fetched, given) {
  return fetched.seq < given.seq || (fetched.seq === given.seq && fetched.open && !given.open);
}

function settle({ seq, early }) {
  if (seq === null) return { reply: { seq, early }, ready: [] };
  const ready = [];
  const waiting = [...early].sort((a, b) => a.seq - b.seq);
  while (waiting.length && waiting[0].seq <= seq + 1) {
    const next = waiting.shift();
    if (next.seq === seq + 1) {
      ready.push(next);
      seq = next.seq;
    }
  }
  return { reply: { seq, early: waiting }, ready };
}
