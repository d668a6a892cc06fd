/* Live pages: asked again every five seconds, while somebody looks and is not in the middle of something. */
(() => {
  const EVERY = 5000;
  const TYPING = "input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select";
  let etag = document.querySelector("meta[name=etag]")?.content || "";

  const live = () => document.getElementById("live");

  /* What tells an element from its neighbours, also when its part of the page has been put in anew. */
  const FOCUSABLE = "a[href], button, summary, input, select, textarea, [tabindex]";
  const mark = (one) => one.getAttribute("href") || [one.tagName, one.name, one.value, one.form?.action, one.textContent].join();
  let left = null;

  function leave() {
    const part = live();
    const active = document.activeElement;
    left = part.contains(active) ? mark(active) : null;
  }

  function comeBack() {
    const same = left === null ? null : [...live().querySelectorAll(FOCUSABLE)].find((one) => mark(one) === left);
    left = null;
    if (same && document.activeElement !== same) same.focus({ preventScroll: true });
  }

  function busy(part) {
    const active = document.activeElement;
    const selected = window.getSelection();
    return (
      (part.contains(active) && active.matches(TYPING)) ||
      [...part.querySelectorAll(TYPING)].some((one) => "defaultValue" in one && one.value !== one.defaultValue) ||
      part.querySelector("[type=checkbox]:checked, details[open]:not([data-stays]), dialog[open]") !== null ||
      (selected && !selected.isCollapsed && part.contains(selected.anchorNode))
    );
  }

  function ask() {
    const part = live();
    if (part && !document.hidden && !busy(part)) htmx.trigger(part, "renew");
  }

  function told(instant) {
    const renewed = document.getElementById("renewed");
    const timeZone = renewed.dataset.zone;
    renewed.textContent = instant.toLocaleTimeString("en-GB", { timeZone });
  }

  if (!("live" in document.body.dataset)) return;
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);

  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === live() && etag) event.detail.headers["If-None-Match"] = etag;
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, xhr } = event.detail;
    if (elt !== live()) return;
    // Who is not logged in any more is led elsewhere: the whole page goes there.
    if (xhr.status === 200 && !new DOMParser().parseFromString(xhr.response, "text/html").getElementById("live")) {
      event.detail.shouldSwap = false;
      location.reload();
      return;
    }
    leave();
  });
  document.body.addEventListener("htmx:afterSwap", () => live() && comeBack());
  document.body.addEventListener("htmx:afterRequest", (event) => {
    // The element that asked may be gone by now, and another one be told in its place: the target says who it was.
    const { target, xhr } = event.detail;
    if (target.id !== "live" || (xhr.status !== 200 && xhr.status !== 304)) return;
    etag = xhr.getResponseHeader("ETag") || "";
    told(new Date(xhr.getResponseHeader("Date") || Date.now()));
  });
})();
