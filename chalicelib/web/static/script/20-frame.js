/* The frame: keys, the menu, copying, and whose time zone this browser is in. */
(() => {
  const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
  const keys = document.getElementById("keys");
  const off = keys.querySelector("[data-keys-off]");

  /* Whoever speaks to a browser, or brushes its keys, can do without single keys: this browser remembers it. */
  const KEPT = "punctual-keys";
  try {
    off.checked = localStorage.getItem(KEPT) === "off";
    off.addEventListener("change", () => localStorage.setItem(KEPT, off.checked ? "off" : "on"));
  } catch {
    // A browser that may keep nothing forgets it with the page.
  }

  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
    const active = document.activeElement;
    const at = rows.findIndex((row) => row === active || row.closest("tr, li")?.contains(active));
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
    if (next) next.focus();
  }

  const DEEDS = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    n: () => document.querySelector("[data-new]")?.click(),
    j: () => step(1),
    k: () => step(-1),
    "?": () => keys.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (off.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keys.open) return;
    if (event.target.closest(TYPING) || !(event.key in DEEDS)) return;
    event.preventDefault();
    DEEDS[event.key]();
  });
  document.querySelector("[data-keys]").addEventListener("click", () => keys.showModal());
  keys.querySelector("[data-close]").addEventListener("click", () => keys.close());

  const menu = document.querySelector("details.menu");
  document.addEventListener("click", (event) => {
    if (menu && menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (!menu || !menu.open || event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  for (const field of document.querySelectorAll("[data-own-zone]")) {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const said = button.textContent;
    navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent).then(() => {
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = said; }, 2000);
    });
  });

  document.documentElement.classList.add("scripts");
})();
