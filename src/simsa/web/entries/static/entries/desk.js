/* Saves each field of an entry soon after it was written. What cannot be sent is kept on this device and sent later; what
   a colleague changed at the same time is shown beside one's own and never overwritten unseen. */
(function () {
  "use strict";
  var PAUSE = 900, AGAIN = 5000;
  var form = document.querySelector("#desk-form[data-save]"), main = document.querySelector(".desk-main");
  var clock = document.querySelector(".desk-clock");
  if (clock) tick(clock);
  document.querySelectorAll("textarea[data-limit]").forEach(count);
  if (!form) return;
  var words = document.querySelector(".desk-state").dataset, state = document.querySelector(".desk-state");
  var token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  var waiting = new Map(), sending = null, timer = 0;
  var shelf = "desk|" + form.dataset.person + "|" + form.dataset.entry;

  function fieldName(input) { return input.name.slice("field/".length); }
  function inputOf(name) { return form.elements["field/" + name]; }
  function version(input) { return form.elements["version/" + fieldName(input)]; }
  function say(text) { state.textContent = text; }
  function keep() {
    try {
      if (waiting.size) localStorage.setItem(shelf, JSON.stringify(Array.from(waiting.values())));
      else localStorage.removeItem(shelf);
    } catch (refused) { /* then it is kept for as long as the page is open */ }
  }

  function note(input) {
    waiting.set(input.name, { name: fieldName(input), value: input.value, version: version(input).value });
    if (input.dataset.limit) count(input);
    keep();
    say(words.saving);
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  }
  main.addEventListener("input", function (event) {
    if (event.target.name && event.target.name.startsWith("field/")) note(event.target);
  });
  main.addEventListener("focusout", function () { if (waiting.size) { clearTimeout(timer); send(); } });
  form.addEventListener("submit", function () { clearTimeout(timer); waiting.clear(); keep(); });
  ["focusin", "input"].forEach(function (what) {
    main.addEventListener(what, function (event) { if ("many" in event.target.dataset) suggestNext(event.target); });
  });
  addEventListener("online", send);
  addEventListener("beforeunload", function (event) { if (waiting.size || sending) event.preventDefault(); });

  function send() {
    if (sending || !waiting.size) return;
    var key = waiting.keys().next().value, one = waiting.get(key);
    var body = new URLSearchParams({ name: one.name, value: one.value, version: one.version });
    sending = one;
    fetch(form.dataset.save, {
      method: "POST", body: body, redirect: "manual", credentials: "same-origin",
      headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" }
    }).then(function (answer) {
      if (answer.type === "opaqueredirect") throw new Error("signed out");
      return answer.json().then(function (told) { return [answer.status, told]; });
    }).then(function (both) {
      var status = both[0], told = both[1], input = inputOf(one.name);
      sending = null;
      if (status === 200) {
        version(input).value = told.version;
        var later = waiting.get(key);
        if (later === one) waiting.delete(key); else if (later) later.version = told.version;
        say(words.saved + " " + told.saved);
        document.body.dispatchEvent(new CustomEvent("desk-saved"));
      } else if (status === 409) {
        waiting.delete(key);
        clash(input, one, told);
      } else {
        waiting.delete(key);
        say(status === 403 ? words.closed + " — " + told.error : told.error);
      }
      keep();
      if (waiting.size) send();
    }).catch(function (failure) {
      sending = null;
      say(failure.message === "signed out" ? words.signedOut : words.offline);
      timer = setTimeout(send, AGAIN);
    });
  }

  function clash(input, one, told) {
    var old = input.parentNode.querySelector(".desk-clash");
    if (old) old.remove();
    var box = document.createElement("div"), text = document.createElement("p"), theirs = document.createElement("textarea");
    box.className = "desk-clash"; box.setAttribute("role", "alert");
    text.textContent = words.clash; theirs.value = told.value; theirs.readOnly = true; theirs.rows = 4;
    theirs.setAttribute("aria-label", words.clash);
    function choice(label, act) {
      var button = document.createElement("button");
      button.type = "button"; button.className = "button quiet"; button.textContent = label;
      button.addEventListener("click", function () { box.remove(); version(input).value = told.version; act(); input.focus(); });
      return button;
    }
    box.append(text, theirs,
      choice(words.theirs, function () { input.value = told.value; if (input.dataset.limit) count(input); }), " ",
      choice(words.mine, function () {
        waiting.set(input.name, { name: one.name, value: input.value, version: String(told.version) }); keep(); send();
      }));
    input.parentNode.append(box);
    say(words.clash);
  }

  try {
    var kept = JSON.parse(localStorage.getItem(shelf) || "[]");
    kept.forEach(function (one) {
      var input = inputOf(one.name);
      if (!input || input.value === one.value) return;
      input.value = one.value;
      waiting.set(input.name, one);
      if (input.dataset.limit) count(input);
    });
    if (waiting.size) { say(words.restored); send(); } else keep();
  } catch (unreadable) { /* nothing was kept */ }
  // Whoever was quicker than this script, and what the browser itself brought back.
  main.querySelectorAll("[name^='field/']").forEach(function (input) {
    if (input.value !== input.defaultValue && !waiting.has(input.name)) note(input);
  });

  /* A list of suggestions replaces the whole field: in a field for several names they begin with what is there. */
  function suggestNext(input) {
    var before = input.value.replace(/[^,]*$/, "");
    Array.from(input.list.options).forEach(function (option) {
      option.dataset.name = option.dataset.name || option.value;
      option.value = (before ? before + " " : "") + option.dataset.name;
    });
  }

  function count(input) {
    var line = document.getElementById(input.id + "-count"), length = Array.from(input.value.trim()).length;
    line.firstElementChild.textContent = length;
    line.classList.toggle("over", length > Number(input.dataset.limit));
  }
  function tick(line) {
    var ahead = new Date(line.dataset.serverTime) - Date.now(), now = line.querySelector(".desk-now");
    var left = line.querySelector(".desk-left"), end = line.dataset.deadline ? new Date(line.dataset.deadline) : null;
    function two(n) { return String(n).padStart(2, "0"); }
    function show() {
      var at = new Date(Date.now() + ahead), rest = end ? Math.floor((end - at) / 1000) : 0;
      now.textContent = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: line.dataset.zone || "Asia/Seoul" }).format(at);
      left.textContent = rest > 0 && rest < 172800 ? "(−" + two(Math.floor(rest / 3600)) + ":" + two(Math.floor(rest / 60) % 60) + ":" + two(rest % 60) + ")" : "";
    }
    show(); setInterval(show, 1000);
  }
})();
