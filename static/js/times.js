// Times as the reader's clock has them; the server writes its own.

export function localTimes(root) {
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const whole = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-time]")) {
    const at = new Date(time.dateTime);
    time.textContent = clock.format(at);
    time.title = whole.format(at);
  }
}
