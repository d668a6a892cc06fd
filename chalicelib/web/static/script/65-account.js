/* A file that is chosen is put into the text area that a form sends: the page works by pasting as well. */
(() => {
  document.addEventListener("change", (event) => {
    const chosen = event.target.closest("[data-fills]");
    const file = chosen && chosen.files[0];
    if (!file) return;
    file.text().then((text) => { document.querySelector(chosen.dataset.fills).value = text; });
  });
})();
