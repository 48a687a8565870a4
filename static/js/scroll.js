// Where the log is scrolled to: it follows its end only for those who are reading there.

const NEAR = 80;
const FAR = 400;
const CHOICE = 5000;

export function mountScroll(log) {
  const latest = document.querySelector("[data-latest]");
  let kept = null;
  let sending = false;

  const distance = () => log.scrollHeight - log.scrollTop - log.clientHeight;
  const topOf = (element) => element.getBoundingClientRect().top;

  function end() {
    log.scrollTop = log.scrollHeight;
  }

  function following(change) {
    const atEnd = sending || distance() < NEAR;
    change();
    if (atEnd && !kept) end();
    sending = false;
    look();
  }

  // What is put in above the eye must not move what is under it.
  function keeping(change) {
    const below = log.scrollHeight - log.scrollTop;
    change();
    log.scrollTop = log.scrollHeight - below;
    look();
  }

  function look() {
    latest.hidden = distance() < FAR;
  }

  latest.addEventListener("click", () => {
    end();
    log.focus({ preventScroll: true });
  });
  log.addEventListener("scroll", look, { passive: true });
  end();
  look();

  return {
    following,
    keeping,
    // One's own message is always shown.
    toEnd: () => (sending = true),
    // Another version of a message comes to stand where this one does.
    remember(article, message) {
      const arrows = [...article.querySelectorAll(".fork button")];
      // Where nothing comes of it, the log follows its end again.
      setTimeout(() => (kept = null), CHOICE);
      kept = { message, top: topOf(article), arrow: arrows.indexOf(document.activeElement) };
    },
    restore(articleOf) {
      // What was under way when the version was chosen does not bring it yet.
      const article = kept && articleOf(kept.message);
      if (!article) return;
      const { top, arrow } = kept;
      kept = null;
      log.scrollTop += topOf(article) - top;
      const arrows = [...article.querySelectorAll(".fork button")];
      const next = arrows[arrow]?.disabled === false ? arrows[arrow] : arrows.find((each) => !each.disabled);
      if (arrow >= 0) next?.focus({ preventScroll: true });
      look();
    },
    whenAtTop(listener) {
      log.addEventListener("scroll", () => log.scrollTop < FAR && listener(), { passive: true });
    },
  };
}
