// What this browser keeps of a composer until the server has it: the message on its way,
// and what is typed.

// For so long a message that was on its way is sent by itself; after that, only by hand.
const FRESH = 10 * 60_000;

export function shelfOf(storage, person, conversation) {
  const name = (what) => `paddock.${what}.${person}.${conversation}`;

  function read(what) {
    try {
      return JSON.parse(storage.getItem(name(what)));
    } catch {
      return null;
    }
  }

  // Full or forbidden storage is no reason to fail: the text stands in the page as well.
  function write(what, value) {
    try {
      if (value === null) storage.removeItem(name(what));
      else storage.setItem(name(what), JSON.stringify(value));
    } catch (failure) {
      console.warn(failure);
    }
  }

  return {
    sent: () => read("sent"),
    keepSent: (frame, now) => write("sent", { frame, at: now }),
    forgetSent: () => write("sent", null),
    typed: () => read("typed"),
    // `base` is what the server had when this was typed.
    keepTyped: (text, base) => write("typed", { text, base }),
    forgetTyped: () => write("typed", null),
  };
}

// Pure: what stands in the composer of a page that the server gave this text. Where it
// was typed on from another page since, both stand there: none is ours to throw away.
export function textFor(given, typed) {
  if (!typed) return given;
  return typed.base === given ? typed.text : joined(given, typed.text);
}

// Pure: two texts, one below the other, unless one holds the other.
export function joined(first, second) {
  if (first.includes(second.trim())) return first;
  if (second.includes(first.trim())) return second;
  return `${first}\n\n${second}`;
}

// Pure: what to do with a message that an earlier page had sent: nothing, "send" or "show".
export function fateOf(sent, now) {
  if (!sent?.frame?.text) return "";
  return now - sent.at < FRESH ? "send" : "show";
}
