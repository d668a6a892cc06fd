/* A file that is chosen is put into the text area that a form sends, and what a link leads to is unfolded. */
(() => {
  document.addEventListener("change", (event) => {
    const chosen = event.target.closest("[data-fills]");
    const file = chosen && chosen.files[0];
    if (!file) return;
    file.text().then((text) => { document.querySelector(chosen.dataset.fills).value = text; });
  });

  function unfold() {
    const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (found && found.matches("details")) found.open = true;
  }
  window.addEventListener("hashchange", unfold);
  unfold();
})();
