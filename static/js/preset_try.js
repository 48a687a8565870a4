// Trying an unsaved preset: its answer is shown as it comes, until it ends or is stopped.

export function mountTry(form) {
  const button = form.querySelector("[data-try]");
  const stop = form.querySelector("[data-try-stop]");
  const state = form.querySelector("[data-try-state]");
  const answer = form.querySelector("[data-try-answer]");
  const failure = form.querySelector("[data-try-failure]");
  let under = null;
  let server = "";

  button.addEventListener("click", (clicked) => {
    clicked.preventDefault();
    if (!under) run();
  });
  stop.addEventListener("click", () => under?.abort());

  async function run() {
    under = new AbortController();
    begin();
    try {
      await read(await asked());
    } catch (trouble) {
      if (trouble.name === "AbortError") state.textContent = state.dataset.stopped;
      else fail(state.dataset.lost);
    } finally {
      under = null;
      button.disabled = false;
      stop.hidden = true;
    }
  }

  function asked() {
    const headers = { Accept: "application/x-ndjson" };
    const body = new FormData(form);
    return fetch(button.formAction, { method: "POST", body, headers, credentials: "same-origin", signal: under.signal });
  }

  async function read(response) {
    if (response.redirected) return location.reload();
    if (!response.ok) return fail(state.dataset.lost);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const lines = (rest + piece.value).split("\n");
      rest = lines.pop();
      for (const line of lines) take(JSON.parse(line));
    }
  }

  function take({ kind, text }) {
    if (kind === "begun") server = text;
    if (kind === "reasoning") state.textContent = state.dataset.thinking;
    if (kind === "text") {
      state.textContent = server;
      answer.hidden = false;
      answer.append(text);
    }
    if (kind === "done" && text === "length") state.textContent = `${server} · ${state.dataset.length}`;
    if (kind === "failed") fail(text);
  }

  function begin() {
    answer.textContent = "";
    answer.hidden = true;
    fail("");
    state.textContent = state.dataset.waiting;
    button.disabled = true;
    stop.hidden = false;
  }

  function fail(sentence) {
    failure.textContent = sentence;
    failure.hidden = !sentence;
    if (sentence) state.textContent = "";
  }
}
