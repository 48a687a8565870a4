// Writing a message: Enter sends, and what was typed stays until the server has it.

export function mountComposer(form, live) {
  const area = form.elements.text;
  const failure = form.parentElement.querySelector("[data-failure]");
  const conversation = Number(form.dataset.conversation);
  let waiting = null;

  form.elements.key.value = newKey();
  area.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
    pressed.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (submitted) => {
    if (!area.value.trim()) return submitted.preventDefault();
    fail("");
    // Without a conversation, or without a socket, the form goes as forms do.
    if (waiting || form.getAttribute("aria-busy") === "true") return submitted.preventDefault();
    if (!conversation) return busy(true);
    const frame = commandOf(form, conversation);
    if (!live.send(frame)) return;
    submitted.preventDefault();
    waiting = frame;
    busy(true);
  });
  addEventListener("pageshow", () => busy(false));
  live.on("message.added", ({ key }) => key && key === waiting?.key && sent());
  live.on("command.failed", ({ key, sentence }) => {
    // Without a key it was no message: a stop, or the asking for another reply.
    if (!key) return fail(sentence);
    if (key !== waiting?.key) return;
    settle();
    fail(sentence);
  });
  // What stood in the way of a send may be over.
  live.on("message.closed", () => waiting || fail(""));
  // The answer to a send may have been lost with the socket: the same key does no harm.
  live.on("conversation.joined", () => waiting && live.send(waiting));

  function sent() {
    if (area.value.trim() === waiting.text.trim()) area.value = "";
    settle();
  }

  function settle() {
    waiting = null;
    form.elements.key.value = newKey();
    busy(false);
  }

  function busy(state) {
    form.setAttribute("aria-busy", String(state));
  }

  function fail(sentence) {
    failure.textContent = sentence;
    failure.hidden = !sentence;
  }
}

function commandOf(form, conversation) {
  const { text, target, key } = form.elements;
  return { kind: "message.send", conversation, text: text.value, key: key.value, target: target.value };
}

// A version 4 UUID; crypto.randomUUID is missing on plain http.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
