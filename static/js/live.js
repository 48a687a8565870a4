// The page's one socket: commands up, events down, and it always comes back.

const SIGNED_OUT = 4401;
const LONGEST = 5000;
// After so many frames, or characters, or milliseconds the server hears that they are here.
const FRAMES = 50;
const CHARACTERS = 65_536;
const SOON = 1000;
const HEARTBEAT = 15_000;
// A link that says nothing for so long after a ping is dead,
const SILENCE = 5000;
// and so is one that has not said hello after so long.
const OPENING = 10_000;

// Pure: how long to wait before the next try; `random` is between 0 and 1.
export function pause(tries, random) {
  return Math.min(LONGEST, 250 * 2 ** tries) * (0.5 + random / 2);
}

// Pure: what came on a socket, and what of it the server does not know of yet.
export function nothingYet() {
  return { frames: 0, told: 0, characters: 0, toldAt: 0 };
}

export function withFrame(got, length) {
  return { ...got, frames: got.frames + 1, characters: got.characters + length };
}

// Pure: a hidden tab's timers sleep, so the clock is asked with each frame as well.
export function isDue(got, now) {
  return got.frames - got.told >= FRAMES || got.characters >= CHARACTERS || now - got.toldAt >= SOON;
}

export function whenTold(got, now) {
  return { ...got, told: got.frames, characters: 0, toldAt: now };
}

export function openLive(address, offline) {
  const listeners = new Map();
  let socket = null;
  let tries = 0;
  let timer = 0;
  let got = nothingYet();
  let telling = 0;
  let silence = 0;
  let heardAt = 0;

  function tell(kind, event) {
    for (const listener of listeners.get(kind) ?? []) listener(event);
  }

  function send(frame) {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  function acknowledge() {
    clearTimeout(telling);
    telling = 0;
    if (got.frames === got.told) return;
    if (send({ kind: "ack", frames: got.frames })) got = whenTold(got, Date.now());
  }

  function heard(length) {
    clearTimeout(silence);
    silence = 0;
    heardAt = Date.now();
    got = withFrame(got, length);
    if (isDue(got, Date.now())) acknowledge();
    else telling ||= setTimeout(acknowledge, SOON);
  }

  // A link may look open and be dead, after a sleep or on another network.
  function ping() {
    if (!silence && send({ kind: "ping" })) expectWord(SILENCE);
  }

  // Whoever says something into a dead link shall not wait for the next heartbeat.
  function say(frame) {
    if (!send(frame)) return false;
    check();
    return true;
  }

  function expectWord(patience) {
    silence = setTimeout(dropped, patience);
  }

  // A dead link's own close may take minutes: nobody waits for it.
  function dropped() {
    const dead = socket;
    dead.onmessage = dead.onclose = null;
    dead.close();
    again();
  }

  function again() {
    clearTimeout(silence);
    clearTimeout(telling);
    silence = telling = 0;
    socket = null;
    if (tries > 0) offline.hidden = false;
    timer = setTimeout(connect, pause(tries++, Math.random()));
  }

  function connect() {
    clearTimeout(timer);
    got = nothingYet();
    socket = new WebSocket(address);
    expectWord(OPENING);
    socket.onmessage = ({ data }) => {
      heard(data.length);
      const event = JSON.parse(data);
      if (event.kind === "hello") {
        tries = 0;
        offline.hidden = true;
      }
      tell(event.kind, event);
    };
    socket.onclose = ({ code }) => {
      if (code !== SIGNED_OUT) return again();
      // What is typed can be kept before the page goes.
      tell("signed.out", { kind: "signed.out" });
      location.reload();
    };
  }

  function hurry() {
    if (socket) ping();
    else connect();
  }

  // Of whoever waits for word the link is asked sooner than by the heartbeat.
  function check() {
    if (Date.now() - heardAt >= SILENCE) ping();
  }

  addEventListener("online", hurry);
  addEventListener("offline", ping);
  document.addEventListener("visibilitychange", () => document.hidden || hurry());
  setInterval(ping, HEARTBEAT);
  connect();

  return {
    on(kind, listener) {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
    },
    // False when no socket is open: then nothing was sent.
    send: say,
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    // As the page says: not while it comes back at the first try.
    isLost: () => !offline.hidden,
    check,
  };
}

export function liveAddress({ protocol, host }) {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws/`;
}
