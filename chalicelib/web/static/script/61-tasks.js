/* Lists of which several lines can be ticked: all at once, a stretch of them with Shift, and how many are. */
(() => {
  const boxes = () => [...document.querySelectorAll("input[name=task][form=bulk]")];
  let last = null;

  function tell() {
    const bulk = document.getElementById("bulk");
    if (!bulk) return;
    const ticked = boxes().filter((box) => box.checked).length;
    const all = document.querySelector("[data-tick-all] input");
    bulk.classList.toggle("any", ticked > 0);
    bulk.querySelector("[data-ticked]").textContent = ticked ? `${ticked} ticked:` : "With the ticked tasks:";
    for (const button of bulk.querySelectorAll("button")) button.disabled = ticked === 0;
    if (all) {
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
    }
  }

  /* The box that ticks all is made here: without a script it would do nothing. */
  function begin() {
    const place = document.querySelector("[data-tick-all]");
    if (place && !place.querySelector("input")) {
      const all = document.createElement("input");
      all.type = "checkbox";
      all.setAttribute("aria-label", place.dataset.tickAll);
      place.append(all);
    }
    tell();
  }

  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.name !== "task" || box.getAttribute("form") !== "bulk") return;
    const known = boxes();
    const [from, to] = [known.indexOf(last), known.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) for (const one of known.slice(from, to + 1)) one.checked = box.checked;
    last = box;
    tell();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.closest("[data-tick-all]")) return;
    for (const box of boxes()) box.checked = event.target.checked;
    tell();
  });
  // What a browser brings back is as it was left; what is put in place anew has no box for all yet.
  addEventListener("pageshow", begin);
  document.body.addEventListener("htmx:afterSettle", begin);
})();
