/* Comforts of every page: the choice of appearance and of layout, and the language that is kept for the next visit. */
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
  /* The layout of a phone on a wide screen: questions about the width are answered as a phone answers them. */
  var PHONE = 430, em = parseFloat(getComputedStyle(root).fontSize);
  function asOnPhone(rules) {
    Array.prototype.forEach.call(rules, function (rule) {
      if (rule.media) {
        rule.media.mediaText = rule.media.mediaText.replace(
          /\((min|max)-width: *([\d.]+)(px|r?em)\)/g,
          function (asked, bound, number, unit) {
            var width = number * (unit === "px" ? 1 : em);
            return (bound === "min" ? PHONE >= width : PHONE <= width) ? "(min-width: 0px)" : "(max-width: 0px)";
          }
        );
      }
      if (rule.cssRules) asOnPhone(rule.cssRules);
    });
  }
  if (root.dataset.view === "mobile" && innerWidth > PHONE) {
    Array.prototype.forEach.call(document.styleSheets, function (sheet) { asOnPhone(sheet.cssRules); });
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    try { localStorage.setItem("view", link.dataset.view); } catch (refused) { return; /* the address says it */ }
    event.preventDefault();
    var here = new URL(location.href);
    if (here.searchParams.has("view")) {
      here.searchParams.delete("view");
      location.replace(here);
    } else location.reload();
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-language]");
    if (!link) return;
    var secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = "django_language=" + link.dataset.language + ";path=/;max-age=31536000;samesite=lax" + secure;
  });
  /* Who signs out leaves nothing of a panel on this device (simsa.web.panel); what was not sent yet is asked about. */
  document.addEventListener("submit", function (event) {
    var form = event.target, NAME = "simsa-panel", waiting = 0;
    if (!/\/account\/logout\/$/.test(form.action) || !window.indexedDB) return;
    event.preventDefault();
    try { waiting = Number(localStorage.getItem("panel-waiting")); } catch (refused) { /* nothing is kept */ }
    if (waiting && !confirm(document.querySelector("[data-sign-out]").dataset.signOut)) return;
    try { localStorage.removeItem("panel-waiting"); } catch (refused) { /* nothing is kept */ }
    var gone = new Promise(function (done) {
      var asked = indexedDB.deleteDatabase(NAME);
      asked.onsuccess = asked.onerror = done;
    });
    var wiped = Promise.all([gone, window.caches && caches.delete(NAME)]).catch(function () { /* it is not there */ });
    Promise.race([wiped, new Promise(function (done) { setTimeout(done, 2000); })]).then(function () { form.submit(); });
  });
  /* What a page asks for changes without the page being loaded: its other languages ask for the same. */
  ["htmx:after:history:push", "htmx:after:history:replace"].forEach(function (moved) {
    document.addEventListener(moved, function () {
      document.querySelectorAll("a[data-language]").forEach(function (link) { link.search = location.search; });
    });
  });
})();
