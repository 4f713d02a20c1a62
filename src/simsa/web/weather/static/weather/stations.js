/* The region that is chosen on this page is kept in the browser, for the strip of every page and for the next visit. */
(function () {
  "use strict";
  var asked = new URLSearchParams(location.search), select = document.getElementById("region");
  try {
    if (asked.has("region")) {
      if (select.value) localStorage.setItem("weather-region", select.value);
      else localStorage.removeItem("weather-region");
    } else if (localStorage.getItem("weather-region")) {
      asked.set("region", localStorage.getItem("weather-region"));
      location.replace("?" + asked + location.hash);
    }
  } catch (refused) { /* storage switched off: the choice stays in the address */ }
})();
