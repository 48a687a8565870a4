// Sentences about alerts that somebody has closed in this browser: each stays so until another
// alert says the same.

const NAME = "paddock.closed-alerts";
// More than are ever open at once.
const MOST = 200;

function closed() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? [];
  } catch {
    return [];
  }
}

// Full or forbidden storage is no reason to fail: then it is closed until it comes anew.
function close(alerts) {
  try {
    localStorage.setItem(NAME, JSON.stringify([...new Set([...closed(), ...alerts])].slice(-MOST)));
  } catch (failure) {
    console.warn(failure);
  }
}

const alertsOf = (sentence) => sentence.dataset.alerts.split(" ");

// Sentences that were closed are not shown, and the others can be.
export function hideClosed(root) {
  const before = closed();
  for (const sentence of root.querySelectorAll("[data-alerts]")) {
    sentence.hidden = alertsOf(sentence).every((each) => before.includes(each));
    sentence.querySelector("[data-close-alert]").hidden = false;
  }
}

export function mountClosed(root) {
  root.addEventListener("click", ({ target }) => {
    const sentence = target.closest("[data-close-alert]")?.closest("[data-alerts]");
    if (!sentence) return;
    close(alertsOf(sentence));
    target.blur();
    sentence.hidden = true;
  });
}
