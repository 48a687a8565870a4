// The page's one socket: commands up, events down, and it always comes back.

const SIGNED_OUT = 4401;
const LONGEST = 5000;

// Pure: how long to wait before the next try; `random` is between 0 and 1.
export function pause(tries, random) {
  return Math.min(LONGEST, 250 * 2 ** tries) * (0.5 + random / 2);
}

export function openLive(address, offline) {
  const listeners = new Map();
  let socket = null;
  let tries = 0;
  let timer = 0;

  function tell(kind, event) {
    for (const listener of listeners.get(kind) ?? []) listener(event);
  }

  function connect() {
    clearTimeout(timer);
    socket = new WebSocket(address);
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.kind === "hello") {
        tries = 0;
        offline.hidden = true;
      }
      tell(event.kind, event);
    };
    socket.onclose = ({ code }) => {
      socket = null;
      if (code === SIGNED_OUT) return location.reload();
      if (tries > 0) offline.hidden = false;
      timer = setTimeout(connect, pause(tries++, Math.random()));
    };
  }

  function hurry() {
    if (!socket) connect();
  }

  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", () => document.hidden || hurry());
  connect();

  return {
    on(kind, listener) {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
    },
    // False when no socket is open: then nothing was sent.
    send(frame) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
  };
}

export function liveAddress({ protocol, host }) {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws/`;
}
