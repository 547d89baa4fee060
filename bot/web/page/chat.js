// The try-out's page: several phones that write to one bot. The server holds everything; this only shows it.

import { formatted, icon, make } from "./text.js";

const LANGUAGES = [
  ["", "none"],
  ["en", "English"],
  ["ru", "Russian"],
  ["kk", "Kazakh"],
  ["fa", "Dari"],
  ["uz", "Uzbek"],
  ["ps", "Pashto"],
  ["uk", "Ukrainian"],
];
const FILE_NAMES = {
  photo: "Photo",
  document: "Document",
  voice: "Voice message",
  sticker: "Sticker",
  contact: "Contact",
  location: "Location",
};
const PATIENCE = 20000;
const PAYLOAD = /^[A-Za-z0-9_-]{1,64}$/;

const $ = (id) => document.getElementById(id);
const chats = new Map();
let username = "";
let current = 0;
let editing = 0;
let payload = linkedPayload();

// --- talking to the server ---

async function post(path, body) {
  const answer = await fetch(`/tryout/chats${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (answer?.ok) return answer.json();
  toast(answer ? "That is not possible here." : "The program does not answer. Is it still running?");
  return null;
}

function act(name, body = {}) {
  return post(`/${current}/${name}`, body);
}

async function say(name, body) {
  await waitFor(current, act(name, body));
}

async function waitFor(number, sent) {
  const chat = chats.get(number);
  if (!chat) return;
  chat.waiting = true;
  chat.silent = false;
  clearTimeout(chat.timer);
  chat.timer = setTimeout(() => quiet(chat, true), PATIENCE);
  showWaiting();
  if (!(await sent)) quiet(chat);
}

function quiet(chat, silent = false) {
  clearTimeout(chat.timer);
  chat.waiting = false;
  chat.silent = silent;
  if (chat.number === current) showWaiting();
}

function listen() {
  const source = new EventSource("/tryout/events");
  source.onerror = () => setStatus("not connected");
  for (const [name, hear] of Object.entries(HEARD)) {
    source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
  }
}

const HEARD = {
  async state(state) {
    username = state.username;
    chats.clear();
    state.chats.forEach(takeChat);
    if (!chats.size) await newChat("", phoneLanguage());
    else show(chosenChat());
  },
  chat(news) {
    const isNew = !chats.has(news.chat);
    takeChat(news);
    if (isNew || news.chat === current) showAround();
    showList();
  },
  message({ chat: number, message }) {
    const chat = chats.get(number);
    if (!chat) return;
    if (message.deleted) chat.messages.delete(message.id);
    else chat.messages.set(message.id, message);
    if (message.from_bot) quiet(chat);
    if (number === current) showMessage(chat, message);
    else if (message.from_bot) chat.unread = true;
    showList();
    showFoot();
  },
  action({ chat: number }) {
    const chat = chats.get(number);
    if (chat) waitFor(number, Promise.resolve(true));
  },
  answer({ chat: number, query, text, alert, start }) {
    const chat = chats.get(number);
    if (!chat) return;
    quiet(chat);
    settlePress(query);
    if (number !== current) return;
    if (alert && text) showAlert(text);
    else if (text) toast(text);
    if (start) openPayload(start);
  },
};

function takeChat(news) {
  const old = chats.get(news.chat) ?? { waiting: false, silent: false, unread: false };
  const messages = new Map(news.messages.map((message) => [message.id, message]));
  chats.set(news.chat, Object.assign(old, news, { number: news.chat, messages }));
}

async function newChat(name, language) {
  const made = await post("", { name, language });
  if (made) show(made.chat);
}

function phoneLanguage() {
  const code = navigator.language.slice(0, 2).toLowerCase();
  return LANGUAGES.some(([known]) => known === code) ? code : "";
}

// --- which chat ---

function chosenChat() {
  const wanted = Number(location.hash.replace("#chat-", ""));
  return chats.has(wanted) ? wanted : [...chats.keys()].at(-1);
}

function show(number) {
  current = number;
  const chat = chats.get(number);
  if (!chat) return; // its news is on the way
  history.replaceState(null, "", `${location.pathname}#chat-${number}`);
  chat.unread = false;
  stopEditing();
  showAround();
  showList();
  showLog(chat);
}

function showAround() {
  const chat = chats.get(current);
  if (!chat) return;
  if (location.hash !== `#chat-${current}`) return show(current);
  $("bot-name").textContent = chat.bot_name;
  $("avatar").textContent = [...chat.bot_name][0];
  $("phone-language").value = chat.language;
  $("block").textContent = chat.blocked ? "Unblock the bot" : "Block the bot";
  document.title = `${chat.name}: try-out of ${chat.bot_name}`;
  showCommands(chat);
  showWelcome(chat);
  showFoot();
  showWaiting();
}

function showList() {
  $("chat-list").replaceChildren(...[...chats.values()].reverse().map(listItem));
}

function listItem(chat) {
  const item = make("li");
  const button = make("button", "chat-item");
  button.type = "button";
  if (chat.number === current) button.setAttribute("aria-current", "true");
  const face = make("span", `avatar tint-${chat.number % 6}`, [...chat.name][0]);
  face.setAttribute("aria-hidden", "true");
  const name = make("span", "chat-name", chat.name);
  name.dir = "auto";
  const last = make("span", "chat-last", lastWords(chat));
  last.dir = "auto";
  const words = make("span", "chat-words");
  words.append(name, last);
  const language = make("span", "badge", chat.language || "–");
  language.title = `Phone language: ${chat.language || "none"}`;
  button.append(face, words, language);
  if (chat.unread) button.append(unreadDot());
  button.addEventListener("click", () => {
    show(chat.number);
    openChats(false);
  });
  item.append(button);
  return item;
}

function unreadDot() {
  const dot = make("span", "unread");
  dot.append(make("span", "sr", "unread"));
  return dot;
}

function lastWords(chat) {
  const last = [...chat.messages.values()].at(-1);
  return last ? (last.text || FILE_NAMES[last.kind] || last.kind).slice(0, 80) : "No messages yet";
}

// --- messages ---

const actions = {
  write: (text) => say("write", { text }),
  deepLink(url) {
    const start = payloadOf(url);
    if (start === null) return false;
    openPayload(start);
    return true;
  },
};

function showLog(chat) {
  $("log").replaceChildren(...[...chat.messages.values()].map((message) => bubble(message)));
  showWelcome(chat);
  showWaiting();
  scrollDown();
  const newest = [...chat.messages.values()].at(-1);
  if (newest) scrollTo(newest);
}

function showMessage(chat, message) {
  const old = $("log").querySelector(`[data-message="${message.id}"]`);
  const follow = atBottom();
  if (message.deleted) old?.remove();
  else if (old) replaceBubble(old, message);
  else addBubble(message);
  showWelcome(chat);
  if (follow || !message.from_bot) scrollTo(message);
}

// A long answer is read from its beginning: its end, with the buttons, is where scrolling leads.
function scrollTo(message) {
  const shown = $("log").querySelector(`[data-message="${message.id}"]`);
  const long = shown && message.from_bot && shown.offsetHeight > $("log").clientHeight;
  if (long) shown.scrollIntoView({ block: "start", behavior: "instant" });
  else scrollDown();
}

// A new bubble must not take the focus away from somebody who uses the keyboard.
function replaceBubble(old, message) {
  const hadFocus = old.contains(document.activeElement);
  const fresh = bubble(message);
  old.replaceWith(fresh);
  if (hadFocus) (fresh.querySelector(".keyboard button, .keyboard a") ?? $("log")).focus({ preventScroll: true });
}

function addBubble(message) {
  const later = [...$("log").querySelectorAll("[data-message]")].find((e) => Number(e.dataset.message) > message.id);
  const before = later ?? $("log").querySelector(".dots");
  $("log").insertBefore(bubble(message), before);
}

function bubble(message) {
  const row = make("article", message.from_bot ? "message bot" : "message mine");
  row.dataset.message = message.id;
  row.append(make("span", "sr", message.from_bot ? "Bot:" : "You:"));
  const body = make("div", "bubble");
  if (message.kind !== "text") body.append(fileBox(message));
  if (message.text) body.append(formatted(message.text, message.entities, actions));
  body.append(meta(message));
  row.append(body);
  if (message.keyboard.length) row.append(keyboard(message));
  if (!message.from_bot && message.kind === "text") row.append(editButton(message));
  return row;
}

function fileBox(message) {
  const box = make(message.saved ? "a" : "div", "file");
  if (message.saved) {
    box.href = `/tryout/chats/${current}/files/${message.id}`;
    box.download = message.file;
  }
  box.append(icon("file"), make("span", "", message.file || FILE_NAMES[message.kind] || message.kind));
  return box;
}

function meta(message) {
  const line = make("span", "meta");
  if (message.edited) line.append("edited ");
  const time = make("time", "", new Date(message.date * 1000).toTimeString().slice(0, 5));
  time.dateTime = new Date(message.date * 1000).toISOString();
  line.append(time);
  return line;
}

function editButton(message) {
  const button = make("button", "edit round");
  button.type = "button";
  button.setAttribute("aria-label", "Edit this message");
  button.append(icon("edit"));
  button.addEventListener("click", () => startEditing(message));
  return button;
}

// --- keyboards ---

const PRESSES = {
  callback_data: (button, message, row, column) => press(button, message.id, row, column),
  copy_text: (button, message, row, column) => copy(message.keyboard[row][column].copy),
  other: () => toast("This kind of button works in Telegram only."),
};
const CORNERS = { url: "link", copy_text: "copy" };

function keyboard(message) {
  const rows = make("div", "keyboard");
  message.keyboard.forEach((buttons, row) => {
    const line = make("div", "keyboard-row");
    buttons.forEach((button, column) => line.append(inlineButton(button, message, row, column)));
    rows.append(line);
  });
  return rows;
}

function inlineButton(view, message, row, column) {
  const button = view.kind === "url" ? urlButton(view) : make("button");
  button.className = ["inline", view.style].filter(Boolean).join(" ");
  const label = make("span", "label", view.text);
  label.dir = "auto";
  button.title = view.text;
  button.append(label);
  if (CORNERS[view.kind]) button.append(icon(CORNERS[view.kind]));
  if (view.kind !== "url") {
    button.type = "button";
    button.addEventListener("click", () => PRESSES[view.kind](button, message, row, column));
  }
  return button;
}

function urlButton(view) {
  const anchor = make("a");
  anchor.href = view.url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  anchor.addEventListener("click", (event) => {
    if (view.start === null) return;
    event.preventDefault();
    openPayload(view.start);
  });
  return anchor;
}

async function press(button, message, row, column) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  setTimeout(() => button.removeAttribute("aria-busy"), PATIENCE);
  const answer = await act("press", { message, row, column });
  if (!answer) button.removeAttribute("aria-busy");
  else if (settled.delete(answer.query)) button.removeAttribute("aria-busy");
  else button.dataset.query = answer.query;
}

// The answer may overtake the reply to the press.
const settled = new Set();

function settlePress(query) {
  const button = $("log").querySelector(`[data-query="${query}"]`);
  if (button) button.removeAttribute("aria-busy");
  else settled.add(query);
}

async function copy(text) {
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  toast(copied || copyByHand(text) ? `Copied: ${text}` : `This browser does not copy. The text: ${text}`);
}

function copyByHand(text) {
  const area = make("textarea", "sr", text);
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

// --- deep links ---

function linkedPayload() {
  const wanted = new URLSearchParams(location.search).get("start") ?? "";
  return PAYLOAD.test(wanted) ? wanted : "";
}

function payloadOf(url) {
  const parts = URL.canParse(url) ? new URL(url) : null;
  const isOurs = parts && /^(t|telegram)\.me$/.test(parts.host) && parts.pathname.slice(1) === username;
  const start = parts?.searchParams.get("start") ?? "";
  return isOurs && (start === "" || PAYLOAD.test(start)) ? start : null;
}

function openPayload(start) {
  payload = start;
  if (!start) return say("start", {});
  showFoot();
  $("start").focus();
}

async function pressStart() {
  const sent = payload;
  payload = "";
  await say("start", { payload: sent });
  showFoot();
  $("text").focus();
}

// --- around the messages ---

function showWelcome(chat) {
  $("log").querySelector(".welcome")?.remove();
  if (chat.messages.size || chat.number !== current) return;
  const card = make("div", "welcome");
  const words = make("p", "", chat.description || "This chat is empty. Press Start, as a person would in Telegram.");
  words.dir = "auto";
  card.append(make("h3", "", "What can this bot do?"), words);
  $("log").prepend(card);
}

function showFoot() {
  const chat = chats.get(current);
  if (!chat) return;
  const needsStart = chat.blocked || !chat.messages.size || payload !== "";
  $("start").hidden = !needsStart;
  $("composer").hidden = needsStart;
  $("start").textContent = chat.blocked ? "RESTART BOT" : "START";
  $("start").title = payload ? `Sends /start ${payload}` : "Sends /start";
}

function showWaiting() {
  const chat = chats.get(current);
  const dots = $("log").querySelector(".dots");
  if (!chat) return;
  setStatus(chat.waiting ? "typing…" : chat.silent ? "no answer yet" : "bot");
  if (chat.waiting === Boolean(dots)) return;
  if (dots) dots.remove();
  else addDots();
}

function addDots() {
  const follow = atBottom();
  const dots = make("div", "dots");
  dots.setAttribute("aria-hidden", "true");
  dots.append(make("i"), make("i"), make("i"));
  $("log").append(dots);
  if (follow) scrollDown();
}

function setStatus(words) {
  if ($("status").textContent !== words) $("status").textContent = words;
}

// The newest message is on the screen, or the end of the log is near.
function atBottom() {
  const log = $("log");
  const newest = log.querySelector("[data-message]:last-of-type");
  const seen = newest && newest.getBoundingClientRect().top < log.getBoundingClientRect().bottom;
  return seen || log.scrollHeight - log.scrollTop - log.clientHeight < 120;
}

// At once: a smooth scroll that is still under way would undo the next one.
function scrollDown() {
  $("log").scrollTo({ top: $("log").scrollHeight, behavior: "instant" });
}

let toastTimer = 0;

function toast(words) {
  clearTimeout(toastTimer);
  $("toast").textContent = words;
  $("toast").dir = "auto";
  $("toast").hidden = false;
  toastTimer = setTimeout(() => ($("toast").hidden = true), 4000);
}

function showAlert(words) {
  $("alert-text").textContent = words;
  $("alert").showModal();
}

// --- writing ---

function sendText() {
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  fitText();
  if (editing) act("edit", { message: editing, text });
  else say("write", { text });
  stopEditing();
}

function startEditing(message) {
  editing = message.id;
  $("editing").hidden = false;
  $("text").value = message.text;
  fitText();
  $("text").focus();
}

function stopEditing() {
  if (editing) $("text").value = "";
  editing = 0;
  $("editing").hidden = true;
  fitText();
}

function fitText() {
  $("text").style.height = "auto";
  $("text").style.height = `${Math.min($("text").scrollHeight, 140)}px`;
}

function editLast() {
  const mine = [...(chats.get(current)?.messages.values() ?? [])].filter((m) => !m.from_bot && m.kind === "text");
  if (mine.length) startEditing(mine.at(-1));
}

const KEYS = {
  Enter: (event) => {
    if (event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendText();
  },
  ArrowUp: () => {
    if (!$("text").value) editLast();
  },
  Escape: stopEditing,
};

// --- menus ---

function showCommands(chat) {
  $("commands").hidden = !chat.commands.length;
  $("command-menu").replaceChildren(
    ...chat.commands.map(({ command, description }) => {
      const button = make("button");
      button.type = "button";
      const words = make("span", "", description);
      words.dir = "auto";
      button.append(make("b", "", `/${command}`), words);
      button.addEventListener("click", () => say("write", { text: `/${command}` }));
      return button;
    }),
  );
}

const MENUS = [
  ["commands", "command-menu"],
  ["attach", "attach-menu"],
  ["more", "more-menu"],
];

function openMenu(button, menu, open) {
  $(menu).hidden = !open;
  $(button).setAttribute("aria-expanded", String(open));
  if (open) $(menu).querySelector("button")?.focus();
}

function closeMenus() {
  for (const [button, menu] of MENUS) {
    if ($(menu).contains(document.activeElement)) $(button).focus();
    openMenu(button, menu, false);
  }
}

function openChats(open) {
  document.body.classList.toggle("chats-open", open);
  $("open-chats").setAttribute("aria-expanded", String(open));
  if (open) $("chat-list").querySelector("button")?.focus();
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage may be off; the choice then lasts as long as the page.
  }
}

function savedTheme() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

// --- wiring ---

function fillLanguages(select, chosen) {
  select.replaceChildren(...LANGUAGES.map(([code, name]) => new Option(code ? `${code} ${name}` : "no language", code)));
  select.value = chosen;
}

function wire() {
  fillLanguages($("phone-language"), "");
  fillLanguages($("new-language"), phoneLanguage());
  $("phone-language").addEventListener("change", (event) => act("phone", { language: event.target.value }));
  $("new-chat").addEventListener("submit", (event) => {
    event.preventDefault();
    newChat($("new-name").value.trim(), $("new-language").value);
    $("new-name").value = "";
    openChats(false);
  });
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    sendText();
  });
  $("text").addEventListener("input", fitText);
  $("text").addEventListener("keydown", (event) => KEYS[event.key]?.(event));
  $("stop-editing").addEventListener("click", stopEditing);
  $("start").addEventListener("click", pressStart);
  $("restart").addEventListener("click", () => say("start", {}));
  $("block").addEventListener("click", () => act("block", { blocked: !chats.get(current).blocked }));
  $("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
  $("open-chats").addEventListener("click", () => openChats(!document.body.classList.contains("chats-open")));
  $("close-chats").addEventListener("click", () => openChats(false));
  $("attach-menu").addEventListener("click", ({ target }) => {
    if (target.dataset.kind) say("send", { kind: target.dataset.kind });
  });
  MENUS.forEach(([button, menu]) => $(button).addEventListener("click", (event) => toggleMenu(event, button, menu)));
  document.addEventListener("click", closeMenus);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    closeMenus();
    openChats(false);
  });
}

function toggleMenu(event, button, menu) {
  event.stopPropagation();
  const open = $(menu).hidden;
  closeMenus();
  openMenu(button, menu, open);
}

const theme = savedTheme();
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
wire();
listen();
