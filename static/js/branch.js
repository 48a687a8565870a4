// The branch that a page shows: its messages, oldest first, each known by its number.

export function messagesIn(root) {
  return [...root.querySelectorAll("[data-message]")];
}

// 0 for none.
export function numberOf(article) {
  return Number(article?.dataset.message ?? 0);
}

export function lastIn(root) {
  return numberOf(messagesIn(root).at(-1));
}

// A listener that hears only of one conversation.
export function about(conversation, listener) {
  return (event) => event.conversation === conversation && listener(event);
}
