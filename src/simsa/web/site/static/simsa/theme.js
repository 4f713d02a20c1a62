/* What the reader chose is restored before the first paint, so that nothing flashes or jumps: appearance, text size,
   and the layout of the other kind of device. Without it the page follows the system. */
(function () {
  var root = document.documentElement, chosen = {};
  try {
    ["theme", "read", "view"].forEach(function (name) { chosen[name] = localStorage.getItem(name); });
  } catch (refused) { /* storage switched off: follow the system */ }
  if (chosen.theme === "light" || chosen.theme === "dark") root.dataset.theme = chosen.theme;
  if (/^[134]$/.test(chosen.read)) root.dataset.read = chosen.read;
  if (!root.dataset.view && (chosen.view === "pc" || chosen.view === "mobile")) root.dataset.view = chosen.view;
  if (root.dataset.view === "pc") document.querySelector("meta[name=viewport]").content = "width=1280";
})();
