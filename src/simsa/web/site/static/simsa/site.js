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
  document.querySelectorAll("a[data-language]").forEach(function (link) {
    link.addEventListener("click", function () {
      var secure = location.protocol === "https:" ? ";secure" : "";
      document.cookie = "django_language=" + link.dataset.language + ";path=/;max-age=31536000;samesite=lax" + secure;
    });
  });
})();
