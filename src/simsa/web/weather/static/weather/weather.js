/* The strip: the reader's own region first, and a slow movement that anybody can stop. Without it the strip is a list
   to be scrolled. It never moves for a reader who asked the system for less motion, nor under a pointer or the focus. */
(function () {
  "use strict";
  var SPEED = 24, REST = 4000; /* pixels a second; milliseconds at either end and after a touch */
  var strip = document.querySelector(".weather");
  if (!strip) return;
  var view = strip.querySelector(".stations"), list = view.querySelector("ul"), button = strip.querySelector("button");

  function kept(name) {
    try { return localStorage.getItem(name); } catch (refused) { return null; }
  }

  function ownFirst() {
    var region = (kept("weather-region") || "").slice(0, 2), first = list.firstElementChild;
    if (!region) return;
    Array.prototype.slice.call(list.children).forEach(function (item, place) {
      if (list.dataset.regions.substr(2 * place, 2) === region) list.insertBefore(item, first);
    });
  }

  var calm = matchMedia("(prefers-reduced-motion: reduce)");
  var held = { pointer: false, focus: false }, stopped = kept("weather-stopped") === "yes";
  var wordPause = button.textContent, until = 0, before = 0, place = 0, asked = false;

  /* Nothing runs while nothing moves: whoever ends a pause wakes it. */
  function wake() {
    if (asked || calm.matches || stopped || held.pointer || held.focus) return;
    asked = true;
    before = performance.now();
    place = view.scrollLeft;
    setTimeout(function () { requestAnimationFrame(step); }, Math.max(until - before, 0));
  }

  function step(now) {
    if (calm.matches || stopped || held.pointer || held.focus || now < until) {
      asked = false;
      wake();
      return;
    }
    if (Math.abs(view.scrollLeft - place) > 2) place = view.scrollLeft; /* somebody else moved it */
    place += SPEED * Math.min(now - before, 100) / 1000;
    before = now;
    if (place >= view.scrollWidth - view.clientWidth) { place = 0; rest(); }
    view.scrollLeft = place;
    requestAnimationFrame(step);
  }

  function rest() { until = performance.now() + REST; }

  function hold(what, value) { held[what] = value; wake(); }

  function show() {
    button.hidden = calm.matches;
    button.textContent = stopped ? button.dataset.move : wordPause;
    wake();
  }

  ownFirst();
  view.addEventListener("pointerenter", function (event) { hold("pointer", event.pointerType === "mouse"); });
  view.addEventListener("pointerleave", function () { hold("pointer", false); });
  view.addEventListener("focusin", function () { hold("focus", true); });
  view.addEventListener("focusout", function () { hold("focus", false); });
  ["touchstart", "touchmove", "touchend", "wheel"].forEach(function (kind) {
    view.addEventListener(kind, rest, { passive: true });
  });
  button.addEventListener("click", function () {
    stopped = !stopped;
    try { localStorage.setItem("weather-stopped", stopped ? "yes" : "no"); } catch (refused) { /* for this page */ }
    show();
  });
  calm.addEventListener("change", show);
  rest();
  show();
})();
