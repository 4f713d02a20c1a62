/* Runs before the first paint, so that a chosen scheme never flashes. Without it the page follows the system. */
(function () {
  var chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch (refused) { /* storage switched off: follow the system */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
