/* The task form: what is not right is said beside its field as one types, and what went wrong on the way is said too. */
(() => {
  const form = document.getElementById("task-form");
  if (!form) return;

  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const meaning = document.getElementById("meaning");

  function inputs(field) {
    return [...form.querySelectorAll(`[name="${field}"]:not([type=hidden])`)];
  }

  function unmark() {
    for (const said of form.querySelectorAll("[data-said]")) said.remove();
    for (const input of form.querySelectorAll("[data-marked]")) {
      input.removeAttribute("aria-invalid");
      delete input.dataset.marked;
    }
  }

  function mark(item) {
    const [input] = inputs(item.dataset.field);
    const place = input && input.closest(".field");
    if (!place || place.querySelector(".error")) return;
    if (input.value === "" && input.defaultValue === "" && document.activeElement !== input) return; // not come to yet
    const said = document.createElement("p");
    said.className = "error";
    said.dataset.said = "";
    said.textContent = item.querySelector("span").textContent;
    place.insertBefore(said, place.querySelector(".hint"));
    if (input.type === "checkbox") return;
    input.setAttribute("aria-invalid", "true");
    input.dataset.marked = "";
    const fold = input.closest("details");
    if (fold) fold.open = true;
  }

  /* An answer that is a whole page says why there is no part: somebody is logged out, or does too much at once. */
  function refusal(page) {
    const read = new DOMParser().parseFromString(page, "text/html");
    const said = read.querySelector("main .lead") || read.querySelector("main h1");
    return said ? said.textContent.trim() : "That did not work just now: try again in a moment.";
  }

  function tell(part, sentence) {
    const said = document.createElement("p");
    said.className = "notice bad";
    said.textContent = sentence;
    part.replaceChildren(said);
  }

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail;
    const part = target.closest("[data-form-part]");
    if (!part || !(xhr.status >= 400 || /^\s*<!doctype/i.test(xhr.response))) return;
    event.detail.shouldSwap = false;
    tell(part, refusal(xhr.response));
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    const part = event.detail.target.closest("[data-form-part]");
    if (part) tell(part, "Punctual does not answer just now: look whether you are on-line.");
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const part = event.detail.target.closest("[data-form-part]");
    if (!part) return;
    if (part === meaning || part.querySelector(".unclear")) {
      unmark();
      part.querySelectorAll("[data-field]").forEach(mark);
    }
    if (part !== meaning) part.scrollIntoView({ block: "nearest" });
  });

  /* What was reviewed or tried is not what stands in the form any more. */
  form.addEventListener("input", () => {
    const review = document.getElementById("review");
    if (review.firstChild) review.replaceChildren();
  });

  /* Who never named a time zone is in that of their browser. */
  for (const field of form.querySelectorAll("input[list=zones]")) {
    if (form.dataset.fresh !== undefined && field.value === "UTC") field.value = own;
  }
  document.addEventListener("DOMContentLoaded", () => form.dataset.zone === own || htmx.trigger(meaning, "renew"));
})();
