// The form of a preset beside its text: what somebody changed there, and what follows.

const NAMED = "[name^=field-]";

// Whether a field says something else than the text that the form was made of.
export function isChanged(part) {
  return [...part.querySelectorAll(NAMED)].some((field) => field.value !== field.defaultValue);
}

// Each field shows what the text says now, and counts as changed from that on. What was
// typed since the form was sent stays, and what the text refused, and the field that
// somebody is at.
export function followText(part, fresh, sent) {
  const isRefused = Boolean(fresh.querySelector("[data-part=refused] .failure"));
  for (const now of fresh.querySelectorAll(NAMED)) {
    const field = part.querySelector(`[name="${now.name}"]`);
    const value = field.value;
    const isTyped = value !== field.defaultValue;
    const isOn = sent.has(field.name) && plain(value) !== plain(sent.get(field.name));
    field.defaultValue = now.defaultValue;
    field.value = isOn || (isTyped && (isRefused || field === document.activeElement)) ? value : now.defaultValue;
  }
  const made = part.querySelector("[name=form_of]");
  made.defaultValue = fresh.querySelector("[name=form_of]").defaultValue;
  made.value = made.defaultValue;
}

// What a form sends has other line ends than the page.
function plain(text) {
  return text.replaceAll("\r\n", "\n");
}
