// Message text to DOM. Text only ever becomes text nodes; entities become elements around them.

const STYLES = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code" };
const SAFE_LINK = /^(https?|tg|mailto|tel):/i;

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

// Entity offsets are UTF-16 units, as are the indices of a JavaScript string.
export function formatted(text, entities, actions) {
  const root = make("div", "text");
  root.dir = "auto";
  fill(root, text, [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length), 0, text.length, actions);
  return root;
}

function fill(parent, text, entities, from, to, actions) {
  let at = from;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const begin = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (begin >= end) continue;
    plain(parent, text.slice(at, begin));
    const inside = entities.slice(index + 1).filter((e) => e.offset < end && e.offset + e.length > begin);
    const element = wrap(entity, text.slice(begin, end), actions);
    fill(element.inner ?? element, text, inside, begin, end, actions);
    append(parent, element);
    at = end;
  }
  plain(parent, text.slice(at, to));
}

// A block brings its own line break: the one beside it in the text would be an empty line.
function plain(parent, text) {
  const afterBlock = parent.lastChild?.classList?.contains("block");
  const shown = afterBlock ? text.replace(/^\n/, "") : text;
  if (shown) parent.append(document.createTextNode(shown));
}

function append(parent, element) {
  const before = parent.lastChild;
  if (element.classList.contains("block") && before?.nodeType === Node.TEXT_NODE) {
    before.data = before.data.replace(/\n$/, "");
  }
  parent.append(element);
}

function wrap(entity, text, actions) {
  const kinds = {
    text_link: () => link(entity.url, actions),
    url: () => link(SAFE_LINK.test(text) ? text : `http://${text}`, actions),
    email: () => link(`mailto:${text}`, actions),
    phone_number: () => link(`tel:${text.replace(/[^+\d]/g, "")}`, actions),
    bot_command: () => commandLink(text, actions),
    mention: () => make("span", "mention"),
    hashtag: () => make("span", "mention"),
    spoiler: spoiler,
    pre: () => make("pre", "block"),
    blockquote: () => quote(false),
    expandable_blockquote: () => quote(true),
  };
  if (STYLES[entity.type]) return make(STYLES[entity.type]);
  return (kinds[entity.type] ?? (() => make("span")))();
}

function link(url, actions) {
  if (!SAFE_LINK.test(url)) return make("span");
  const anchor = make("a");
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  anchor.addEventListener("click", (event) => {
    if (actions.deepLink(url)) event.preventDefault();
  });
  return anchor;
}

function commandLink(text, actions) {
  const button = make("button", "command");
  button.type = "button";
  button.addEventListener("click", () => actions.write(text));
  return button;
}

function spoiler() {
  const span = make("span", "spoiler");
  span.tabIndex = 0;
  span.role = "button";
  span.setAttribute("aria-label", "Hidden text, press to show");
  const show = () => {
    span.classList.add("shown");
    span.removeAttribute("aria-label");
  };
  span.addEventListener("click", show);
  span.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") show();
  });
  return span;
}

function quote(expandable) {
  const block = make("blockquote", "block");
  block.dir = "auto";
  block.inner = make("div", "quoted");
  block.append(block.inner);
  if (expandable) block.append(expander(block));
  return block;
}

function expander(block) {
  const button = make("button", "expander", "Show all");
  button.type = "button";
  block.classList.add("folded");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    const folded = block.classList.toggle("folded");
    button.textContent = folded ? "Show all" : "Show less";
    button.setAttribute("aria-expanded", String(!folded));
  });
  return button;
}
