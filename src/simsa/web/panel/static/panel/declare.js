// Finds entries in the list of a declaration while one types, and says how many are chosen. Without it the whole list is there.
"use strict";
(() => {
  const search = document.querySelector("[data-declare-search]");
  const rows = [...document.querySelectorAll(".declare-list li")];
  const count = document.querySelector("[data-declare-count]");
  if (!search || !count) return;
  const folded = (text) => text.normalize("NFC").toLocaleLowerCase().replace(/\s+/g, "");
  const texts = rows.map((row) => folded(row.dataset.text));
  const boxes = rows.map((row) => row.querySelector("[type=checkbox]"));
  const tell = () => { count.value = `${boxes.filter((box) => box.checked).length} ${count.dataset.words}`; };
  search.hidden = false;
  const input = search.querySelector("input");
  input.addEventListener("input", () => {
    const wanted = folded(input.value);
    rows.forEach((row, n) => { row.hidden = !texts[n].includes(wanted); });
  });
  // Enter in the search field sends nothing.
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  rows.forEach((row, n) => {
    row.querySelector("input[name^='reason/']").addEventListener("input", (event) => {
      if (event.target.value) boxes[n].checked = true;
      tell();
    });
    boxes[n].addEventListener("change", tell);
  });
  tell();
})();
