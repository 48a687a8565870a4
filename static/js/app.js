// What a signed-in page does once it is open.

import { mountClosed } from "./closed.js";
import { mountComposer } from "./composer.js";
import { mountConversation } from "./conversation.js";
import { mountCopy } from "./dress.js";
import { mountFetched, mountFilter } from "./filter.js";
import { mountFragments } from "./fragments.js";
import { mountHistory } from "./history.js";
import { mountList, mountMenus } from "./list.js";
import { liveAddress, openLive } from "./live.js";
import { mountPreset } from "./preset.js";
import { forgetSaved } from "./preset_draft.js";
import { mountPulls } from "./pulls.js";
import { mountStatus } from "./status.js";
import { mountTogether } from "./together.js";

const live = openLive(liveAddress(location), document.querySelector("[data-offline]"));

mountFragments(document, live);
mountFilter(document);
mountFetched(document);
mountCopy(document.body);
mountClosed(document.body);
mountList(document, live);
mountMenus(document);
const list = document.querySelector("[data-messages]");
if (list) {
  mountConversation(list, live);
  mountTogether(list, live);
}
const preset = document.querySelector("[data-preset]");
if (preset) mountPreset(preset);
const savedBy = document.querySelector("[data-saved-by]");
if (savedBy) forgetSaved(savedBy.dataset.savedBy);
const form = document.querySelector("[data-composer]");
if (form) mountComposer(form, live);
const board = document.querySelector("[data-pull-board]");
if (board) mountPulls(board, live);
const house = document.querySelector("[data-status]");
if (house) mountStatus(house, live);
const charts = document.querySelector("[data-history]");
if (charts) mountHistory(charts);

addEventListener("keydown", (pressed) => {
  if (pressed.key.toLowerCase() !== "k" || !(pressed.ctrlKey || pressed.metaKey)) return;
  pressed.preventDefault();
  // On a new chat already: what is typed there stays.
  if (form && !form.dataset.conversation) form.elements.text.focus();
  else location.assign(document.querySelector("[data-new-chat]").href);
});
