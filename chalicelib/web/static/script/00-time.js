/* Punctual's one script, served in one piece. Every page works without it; it saves reloading and typing. */

/* Times that are told from now on: "in 30 s" becomes "in 29 s". */
(() => {
  const SECOND = 1000;
  const UNITS = [[86400 * SECOND, "d"], [3600 * SECOND, "h"], [60 * SECOND, "min"], [SECOND, "s"]];
  const rendered = document.querySelector("meta[name=now]");
  // The server's clock counts: a browser's may be wrong.
  const ahead = rendered ? Date.now() - Date.parse(rendered.content) : 0;

  function relative(instant, now) {
    const distance = Math.abs(instant - now);
    if (distance < SECOND) return "now";
    const [unit, name] = UNITS.find(([length]) => distance >= length);
    const size = `${Math.floor(distance / unit)} ${name}`;
    return instant > now ? `in ${size}` : `${size} ago`;
  }

  function move() {
    const now = Date.now() - ahead;
    for (const one of document.querySelectorAll("[data-moving][data-at]")) {
      const text = relative(Date.parse(one.dataset.at), now);
      if (one.textContent !== text) one.textContent = text;
    }
  }

  setInterval(() => document.hidden || move(), SECOND);
})();
