"use strict";
// Filters and searches each ledger. Without it every entry is shown and the controls are not.
for (const controls of document.querySelectorAll("[data-ledger]")) {
  const entries = [...document.getElementById(controls.dataset.ledger).children];
  const search = controls.querySelector("input");
  const selects = [...controls.querySelectorAll("select")];
  const status = controls.querySelector("[role=status]");
  // Letters without their marks, so that a search needs no Vietnamese keyboard.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/đ/g, "d");
  const texts = entries.map((entry) => plain(entry.textContent.replace(/\s+/g, " ")));

  const show = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    entries.forEach((entry, at) => {
      const chosen = selects.every(
        ({ value, dataset }) => !value || entry.dataset[dataset.attribute] === value,
      );
      entry.hidden = !(chosen && words.every((word) => texts[at].includes(word)));
      shown += !entry.hidden;
    });
    status.textContent = status.dataset.words
      .replace("{shown}", shown)
      .replace("{all}", entries.length);
  };

  const reset = () => {
    for (const control of [search, ...selects]) control.value = "";
    show();
  };
  search.addEventListener("input", show);
  for (const select of selects) select.addEventListener("change", show);
  controls.querySelector("button").addEventListener("click", reset);
  controls.hidden = false;
  // A browser may put back what stood in the controls before a reload.
  show();

  // A link to an entry opens it, and shows it if a filter hides it.
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    const entry = target && entries.find((each) => each.contains(target));
    if (!entry) return;
    if (entry.hidden) reset();
    target.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();
}
