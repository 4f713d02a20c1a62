/* Reading an article: share, print, text size, read aloud, and films that load when they are asked for.
   Each tool shows only where the browser has what it takes; without this script the links of the services work. */
(function () {
  "use strict";
  var root = document.documentElement;
  var tools = document.querySelector(".reading");
  var told = tools.querySelector("[role=status]");
  var address = document.querySelector("link[rel=canonical]").href;

  function tool(name) { return tools.querySelector('[data-do="' + name + '"]'); }
  function offer(name, act) {
    var button = tool(name);
    if (button.parentNode.tagName === "LI") button.parentNode.hidden = false;
    button.addEventListener("click", act);
    return button;
  }
  function tell(text) {
    told.textContent = ""; /* the same words twice are told twice */
    setTimeout(function () { told.textContent = text; }, 50);
  }

  /* --- share and print --- */

  function selected(text) { /* for pages without https, which have no clipboard */
    var field = document.createElement("textarea");
    field.value = text;
    document.body.appendChild(field);
    field.select();
    var done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject();
  }
  function copy(said, button) {
    (navigator.clipboard ? navigator.clipboard.writeText(address) : selected(address)).then(
      function () { tell(said); },
      function () { tell(tools.dataset.refused); }
    ).then(function () { button.focus(); });
  }
  function sheet() {
    navigator.share({ title: document.querySelector("h1").textContent, url: address }).catch(function () {
      /* closed without sharing */
    });
  }
  offer("copy", function (event) { copy(tools.dataset.copied, event.target); });
  if (navigator.share) offer("sheet", sheet);
  offer("kakao", function (event) {
    if (navigator.share) sheet(); else copy(tools.dataset.paste, event.target);
  });
  offer("print", function () { print(); });

  /* --- text size --- */

  var size = tools.querySelector(".size");
  size.hidden = false;
  size.querySelector('[value="' + (root.dataset.read || "2") + '"]').checked = true;
  size.addEventListener("change", function (event) {
    var chosen = event.target.value;
    root.dataset.read = chosen;
    try { localStorage.setItem("read", chosen); } catch (refused) { /* the choice lasts for this page */ }
  });

  /* --- read aloud: a sentence at a time, since long texts break off in some browsers --- */

  var speech = window.speechSynthesis;
  tools.dataset.ready = "";
  if (speech && window.SpeechSynthesisUtterance) {
    var READ = "h1, .subheads li, .body p, .body h2, .body h3, .body li, .pull";
    var play = offer("play", function () { if (saying) pause(); else start(); });
    var stop = offer("stop", function () { end(); play.focus(); });
    var rate = tools.querySelector("[name=rate]");
    var first = play.textContent, parts = [], at = 0, saying = null;
    tools.querySelector(".aloud").hidden = false;
    rate.addEventListener("change", function () { if (saying) { pause(); start(); } });
    addEventListener("pagehide", function () { speech.cancel(); });
  }
  function sentences() {
    var found = [];
    document.querySelectorAll(".article").forEach(function (article) {
      article.querySelectorAll(READ).forEach(function (part) {
        if (part.closest(".embed, table, svg, .no-print") || part.querySelector("p, li")) return;
        part.innerText.split(/(?<=[.!?])\s+/).forEach(function (text) {
          if (text.trim()) found.push({ part: part, text: text });
        });
      });
    });
    return found;
  }
  function voice() {
    var able = speech.getVoices().filter(function (one) { return one.lang.toLowerCase().indexOf(root.lang) === 0; });
    return able.filter(function (one) { return one.localService; })[0] || able[0] || null;
  }
  function mark(part) {
    document.querySelectorAll(".said").forEach(function (old) { old.classList.remove("said"); });
    if (part) part.classList.add("said");
  }
  function start() {
    if (!at) parts = sentences();
    play.textContent = play.dataset.pause;
    stop.hidden = false;
    say();
  }
  function say() {
    if (at >= parts.length) { end(); tell(tools.dataset.ended); return; }
    var one = new SpeechSynthesisUtterance(parts[at].text);
    one.lang = root.lang;
    one.voice = voice();
    one.rate = Number(rate.value);
    one.onend = function () { if (one === saying) { at += 1; say(); } };
    one.onerror = function () { if (one === saying) { end(); tell(tools.dataset.silent); } };
    saying = one;
    mark(parts[at].part);
    speech.speak(one);
  }
  function pause() {
    saying = null; /* first, so that what is cut off does not count as said */
    speech.cancel();
    play.textContent = play.dataset.goOn;
  }
  function end() {
    pause();
    at = 0;
    mark(null);
    play.textContent = first;
    stop.hidden = true;
  }

  /* --- films --- */

  document.querySelectorAll(".embed[data-frame] a").forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      var film = link.closest(".embed"), frame = document.createElement("iframe");
      frame.title = film.querySelector("strong").textContent;
      frame.allow = "autoplay; fullscreen; picture-in-picture";
      frame.referrerPolicy = "strict-origin-when-cross-origin"; /* players refuse a page that does not say its site */
      frame.src = film.dataset.frame;
      link.parentNode.replaceWith(frame);
      frame.focus();
    });
  });
})();
