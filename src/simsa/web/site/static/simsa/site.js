/* Comforts of every page: the choice of appearance, and the language that is kept for the next visit. */
(function () {
  "use strict";
  var root = document.documentElement;
  var theme = document.querySelector(".theme");
  if (theme) {
    theme.hidden = false;
    theme.querySelector('[value="' + (root.dataset.theme || "system") + '"]').checked = true;
    theme.addEventListener("change", function (event) {
      var chosen = event.target.value;
      if (chosen === "system") delete root.dataset.theme; else root.dataset.theme = chosen;
      try {
        if (chosen === "system") localStorage.removeItem("theme"); else localStorage.setItem("theme", chosen);
      } catch (refused) { /* the choice lasts for this page */ }
    });
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-language]");
    if (!link) return;
    var secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = "django_language=" + link.dataset.language + ";path=/;max-age=31536000;samesite=lax" + secure;
  });
  /* What a page asks for changes without the page being loaded: its other languages ask for the same. */
  ["htmx:after:history:push", "htmx:after:history:replace"].forEach(function (moved) {
    document.addEventListener(moved, function () {
      document.querySelectorAll("a[data-language]").forEach(function (link) { link.search = location.search; });
    });
  });
})();
