/* A sheet that cannot be lost: every change is kept on the device first (device.js), sent as soon as there is a network,
   and told apart in words: kept here, saved, submitted. What another device wrote is never overwritten unseen.

   The record of a slot on the device: `base` (what the server had last, with its version), `edits` (fields that it does
   not have yet), `sent` (what was sent of them without an answer so far), `clashes` (fields that another device wrote
   differently), `refused` (why it took nothing). The field `recused` says that the reviewer steps back, and why: the
   server makes the withdrawal of it, whatever else is in the record. */
(async function () {
  "use strict";
  var PAUSE = 700, AGAIN = 5000, LONGEST = 20000, AHEAD = 12, GONE = "gone/";
  var panel = document.getElementById("panel"), form = document.getElementById("sheet-form"), words = panel.dataset;
  var state = document.querySelector(".sheet-state"), brief = document.querySelector(".sheet-brief");
  var leaving = document.querySelector(".sheet-withdraw");
  var slot = words.slot, editable = Boolean(form && "editable" in form.dataset), token = words.token;
  var fromDevice = "fromDevice" in document.documentElement.dataset, timer = 0;
  var known = {}; /* what the form and the record last agreed on, by field */
  var quiet = Promise.resolve(), queued = 0; /* changes on their way into the record */
  var going = Promise.resolve(), submitting = false; /* one sends at a time; a form is sent once */
  var opened = null; /* what the page brought: the base of a record that is not there yet */
  var channel = self.BroadcastChannel ? new BroadcastChannel("simsa-panel") : null;
  var told = startClock();

  function say(text) { state.textContent = text; if (brief) brief.textContent = text; }
  /* Of sending: says nothing while something is on its way to the disk. */
  function tell(text) { if (!queued) say(text); }
  function addressOf(name) { return words.address.replace("NAME", name); }
  function current(record) { return Object.assign({}, record.base.values, record.edits); }
  function isDirty(record) { return Boolean(record) && Object.keys(record.edits).length > 0; }
  function leaves(record) { return Boolean(record && record.edits.recused); }
  /* Who steps back may do so after the sheet takes no marks any more. */
  function mayBeTaken(record) { return editable || leaves(record) && words.state !== "recused"; }
  function isTorn(record) { return Boolean(record) && !leaves(record) && Object.keys(record.clashes).length > 0; }
  function fresh(values, version) {
    return { base: { values: values, version: version }, edits: {}, sent: {}, clashes: {}, order: 0 };
  }
  /* Every slot of which the device has a record, with it. */
  async function records() {
    return Promise.all((await Device.slots()).map(async function (name) { return [name, await Device.get(name)]; }));
  }

  /* --- the form ---------------------------------------------------------------------------------------------------- */

  /* Of a mark that is one of several levels the first button stands for all; it is a field of its own otherwise. */
  function fields() {
    return Array.from(form.querySelectorAll("[name^='mark/'], [name^='comment/'], [name='recused']"))
      .filter(function (input) { return partsOf(input)[0] === input; });
  }
  function fieldOf(name) { var found = form.elements[name]; return found && (found.type ? found : found[0]); }
  function partsOf(input) { return input.type === "radio" ? Array.from(form.elements[input.name]) : [input]; }
  function isLevels(input) { return input.type === "radio"; }
  function written(input) {
    var part = isLevels(input) ? partsOf(input).find(function (one) { return one.checked; }) : input;
    return part ? part.value : "";
  }
  function put(input, value) {
    if (isLevels(input)) partsOf(input).forEach(function (one) { one.checked = one.value === value; });
    else input.value = value;
  }
  /* Where the keyboard is to be: at the level that is chosen, or at the first. */
  function focusOn(input) {
    (partsOf(input).find(function (one) { return one.checked; }) || input).focus();
  }
  function whyOf(input) { return form.elements["why/" + input.name.slice(5)]; }
  function valueOf(input) {
    var why = input.name.startsWith("mark/") && whyOf(input), value = written(input);
    return why && why.value ? why.value : value.trim() ? value : "";
  }
  function first(input) {
    var why = input.name.startsWith("mark/") && whyOf(input);
    var chosen = why && Array.from(why.options).find(function (one) { return one.defaultSelected; });
    var part = isLevels(input) ? partsOf(input).find(function (one) { return one.defaultChecked; }) : input;
    var value = part ? "defaultValue" in part ? part.defaultValue : part.value : "";
    return chosen && chosen.value ? chosen.value : value.trim() ? value : "";
  }
  /* A value in words: of a mark its level, or why there is none. */
  function inWords(name, value) {
    var input = fieldOf(name), why = input && name.startsWith("mark/") && whyOf(input);
    var level = input && isLevels(input) && partsOf(input).find(function (one) { return one.value === value; });
    var reason = why && value && Array.from(why.options).find(function (one) { return one.value === value; });
    return level ? level.dataset.sign : reason ? reason.text : value || words.empty;
  }
  function read(of) {
    var found = {};
    fields().forEach(function (input) { found[input.name] = of(input); });
    return found;
  }
  function write(name, value) {
    var input = fieldOf(name);
    if (!input) return;
    var why = name.startsWith("mark/") && whyOf(input);
    var reason = why && Array.from(why.options).some(function (one) { return one.value === value && value; });
    if (why) why.value = reason ? value : "";
    put(input, reason ? "" : value);
    if (name === "recused") showRecused(Boolean(value)); else if (name.startsWith("mark/")) showMark(input);
    if (name.startsWith("comment/") && value) input.closest("details").open = true;
  }
  function showEdited() {
    var badge = document.querySelector(".sheet-badge");
    badge.textContent = badge.dataset.edited;
    badge.classList.remove("good");
  }
  function showRecused(recused) {
    form.querySelector(".sheet-recused").hidden = !recused;
    form.querySelector(".sheet-marks").hidden = recused;
    if (leaving) leaving.hidden = recused;
  }
  function showMark(input) {
    var box = input.closest(".mark"), slider = box.querySelector(".mark-slider"), fault = box.querySelector(".mark-fault");
    if (isLevels(input)) {
      if (written(input)) fault.textContent = "";
      return;
    }
    var why = whyOf(input), wrong = Boolean(input.value) && !input.validity.valid || input.validity.badInput;
    var without = Boolean(why && why.value), means = showMeaning(box, wrong ? "" : input.value);
    var said = input.value && means ? input.value + ", " + means : input.value;
    slider.classList.toggle("unset", !input.value);
    slider.setAttribute("aria-valuetext", said || (without ? why.selectedOptions[0].text : words.noMark));
    if (input.value && !wrong) slider.value = input.value;
    input.setAttribute("aria-invalid", String(wrong));
    fault.textContent = wrong ? words.offScale : "";
  }
  /* What a mark means: its anchor, or those that it lies between. */
  function showMeaning(box, value) {
    var line = box.querySelector(".mark-means"), anchors = Array.from(box.querySelectorAll(".mark-anchors li"));
    if (!line) return "";
    var below = "", above = "", means = "", at = value ? Number(value) : NaN;
    anchors.forEach(function (one) {
      var mark = Number(one.dataset.mark);
      one.classList.toggle("here", mark === at);
      if (mark === at) means = one.dataset.name;
      if (mark < at) below = one.dataset.name;
      if (mark > at && !above) above = one.dataset.name;
    });
    if (value && !means) means = fill(below && above ? words.between : above ? words.below : words.above, below, above);
    line.textContent = means;
    line.hidden = false;
    return means;
  }
  function fill(text, below, above) {
    return text.replace("LOW", function () { return below || above; }).replace("HIGH", function () { return above || below; });
  }

  /* --- keeping ----------------------------------------------------------------------------------------------------- */

  /* Whatever in the form is not what it last agreed on goes to the device, field by field. */
  function note() {
    var now = read(valueOf), changed = Object.keys(now).filter(function (name) { return now[name] !== known[name]; });
    if (!changed.length) return quiet;
    var seen = {};
    changed.forEach(function (name) { seen[name] = known[name]; known[name] = now[name]; });
    queued++;
    state.textContent = "…"; /* not kept before it is on the disk */
    quiet = quiet.then(async function () {
      var order = await nextOrder();
      var record = await Device.change(slot, function (record) {
        record = record || fresh(opened.values, opened.version);
        record.order = record.order || order;
        delete record.refused; /* it is tried again */
        changed.forEach(function (name) {
          var there = current(record)[name] || "";
          if (there !== seen[name] && there !== now[name]) record.clashes[name] = there; /* another page of this device */
          if (now[name] === (record.base.values[name] || "") && !record.sent[name]) delete record.edits[name];
          else record.edits[name] = now[name];
        });
        if (!isDirty(record)) record.order = 0;
        return record;
      });
      if (queued === 1) say(Device.durable() ? words.kept : words.keptInPage);
      showEdited();
      if (channel) channel.postMessage(slot);
      showClashes(record);
      await countWaiting();
    }).catch(function (failure) {
      console.error(failure);
      changed.forEach(function (name) { if (known[name] === now[name]) known[name] = seen[name]; }); /* the next time */
      say(words.keptInPage);
    }).then(function () { queued--; });
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
    return quiet;
  }
  async function nextOrder() {
    var orders = (await records()).map(function (one) { return one[1] ? one[1].order : 0; });
    return 1 + Math.max.apply(null, [0].concat(orders));
  }
  /* How many are still to be sent. Who signs out is also asked about what was refused: it is nowhere else. */
  async function countWaiting() {
    var kept = (await records()).filter(function (one) { return isDirty(one[1]); });
    try { localStorage.setItem("panel-waiting", kept.length); } catch (refused) { /* nothing is asked then */ }
    return kept.filter(function (one) { return !one[1].refused; }).length;
  }
  /* What the server has by now, under edits that it does not have: where both changed a field, a person chooses. What
     was sent from here and arrived, though its answer did not, is nobody else's. */
  function rebase(record, values, version) {
    Object.keys(record.edits).forEach(function (name) {
      var theirs = values[name] || "", was = record.base.values[name] || "";
      if (theirs === record.edits[name]) { delete record.edits[name]; delete record.clashes[name]; }
      else if (theirs !== was && !(record.sent[name] || []).includes(theirs)) record.clashes[name] = theirs;
    });
    record.base = { values: values, version: version };
    record.sent = {};
    return record;
  }
  /* The form shows what the record says. What was typed and is on its way into the record comes first. */
  async function refresh() {
    if (!form) return;
    do {
      await quiet;
      var record = await Device.get(slot);
    } while (queued);
    if (!record) return;
    var now = current(record), here = read(valueOf);
    Object.keys(here).forEach(function (name) {
      var value = now[name] || "";
      if (here[name] === known[name] && here[name] !== value) { known[name] = value; write(name, value); }
    });
    if (record.base.version > Number(form.elements.version.value) || isDirty(record)) showEdited();
    form.elements.version.value = record.base.version;
    showClashes(record);
    showRefused(record);
  }

  /* --- sending ----------------------------------------------------------------------------------------------------- */

  function send() {
    going = going.then(sendAll, sendAll);
    return going;
  }
  async function sendAll() {
    clearTimeout(timer);
    await quiet;
    var all = (await records()).filter(function (one) {
      return isDirty(one[1]) && !isTorn(one[1]) && !one[1].refused;
    });
    all.sort(function (one, other) { return one[1].order - other[1].order; });
    for (var one of all) {
      if (!await Device.locked("send", sendOne.bind(null, one[0]))) { timer = setTimeout(send, AGAIN); break; }
    }
    await countWaiting();
    await markRows();
  }
  /* Whether to go on with the next: not where there is no network, or nobody is signed in. */
  async function sendOne(name) {
    for (var tries = 0; tries < 4; tries++) {
      var record = await Device.change(name, function (record) {
        if (record) Object.keys(record.edits).forEach(function (field) {
          var before = record.sent[field] || [];
          record.sent[field] = before.includes(record.edits[field]) ? before : before.concat(record.edits[field]);
        });
        return record;
      });
      if (!isDirty(record) || isTorn(record) || record.refused) return true;
      var sent = current(record), answer, said;
      try {
        if (fromDevice) await newToken(name);
        answer = await fetch(addressOf(name), {
          method: "PUT", credentials: "same-origin", redirect: "manual", body: JSON.stringify({ values: sent }),
          signal: AbortSignal.timeout ? AbortSignal.timeout(LONGEST) : undefined,
          headers: { "Content-Type": "application/json", "X-CSRFToken": token, "If-Match": '"' + record.base.version + '"' }
        });
        if (answer.type === "opaqueredirect") { tell(words.signedOut); return false; }
        said = await answer.json().catch(function () { return null; });
        if (answer.status === 403 && !said) {
          var there = await newToken(name);
          if (there === 200 && !tries) continue;
          if (there !== 403) { tell(words.signedOut); return false; }
        } /* signed in, and the sheet is theirs no more: it was replaced */
      } catch (away) {
        tell(words.offline);
        return false;
      }
      if (said) told(said.now);
      if (answer.status === 200 && said.recused) {
        await Device.remove(name);
        if (channel) channel.postMessage(name);
        if (name === slot) location.reload(); /* shows what it is now, and where to go on */
        return true;
      }
      var says = Boolean(said) || answer.status === 403 || answer.status === 404;
      if (answer.status >= 500 || !says) { tell(words.offline); return false; }
      await Device.change(name, function (record) {
        if (!record) return record;
        if (answer.status === 200) {
          Object.keys(record.edits).forEach(function (field) {
            if (record.edits[field] === sent[field]) delete record.edits[field];
          });
          record.base = { values: sent, version: said.version };
          record.sent = {};
          if (!isDirty(record)) record.order = 0;
          return record;
        }
        if (answer.status === 412) return rebase(record, said.values, said.version);
        record.refused = said && said.error || words.refused;
        return record;
      });
      if (channel) channel.postMessage(name);
      if (name === slot) await refresh();
      if (answer.status === 200) { if (name === slot) tell(words.saved + " " + said.saved); return true; }
      if (answer.status !== 412) { if (name === slot) tell(words.refused); return true; }
    }
    return false; /* others write faster: after a pause */
  }
  /* A page from the device has the token of a session that may be over. The status of what was asked; 0: signed out. */
  async function newToken(name) {
    var answer = await fetch(addressOf(name), { credentials: "same-origin", redirect: "manual" });
    if (!answer.ok) return answer.status;
    var said = await answer.json();
    token = said.token;
    fromDevice = false;
    told(said.now);
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach(function (input) { input.value = token; });
    return answer.status;
  }

  /* --- what people have to know ------------------------------------------------------------------------------------ */

  function button(label, act) {
    var made = document.createElement("button");
    made.type = "button"; made.className = "button quiet"; made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }
  function placeOf(name) {
    var input = fieldOf(name);
    return name === "recused" ? form.querySelector(".sheet-marks") : input && input.closest(".mark");
  }
  function showClashes(record) {
    if (!form) return;
    form.querySelectorAll(".sheet-clash").forEach(function (box) {
      if (record.clashes[box.dataset.field] !== box.dataset.theirs) box.remove();
    });
    Object.keys(record.clashes).forEach(function (name) {
      if (!placeOf(name) || form.querySelector('.sheet-clash[data-field="' + CSS.escape(name) + '"]')) return;
      var box = document.createElement("div"), text = document.createElement("p"), theirs = document.createElement("p");
      var value = record.clashes[name];
      box.className = "sheet-clash"; box.dataset.field = name; box.dataset.theirs = value; box.setAttribute("role", "alert");
      text.textContent = words.clash; theirs.className = "sheet-theirs";
      theirs.textContent = inWords(name, value);
      async function settle(take) {
        var asked = false; /* what is settled is what was shown */
        await Device.change(slot, function (record) {
          asked = Boolean(record) && record.clashes[name] === value;
          if (asked) delete record.clashes[name];
          return record;
        });
        box.remove();
        if (asked && take) { write(name, value); await note(); }
        focusOn(fieldOf(name));
        await refresh();
        send();
      }
      var take = button(words.theirs, settle.bind(null, true)), leave = button(words.mine, settle.bind(null, false));
      box.append(text, theirs, take, " ", leave);
      if (name === "recused") placeOf(name).before(box); else placeOf(name).append(box);
    });
    if (isTorn(record)) say(words.two);
  }
  function showRefused(record) {
    var box = document.querySelector(".sheet-refused");
    if (!box) return;
    box.hidden = !record.refused || !isDirty(record);
    if (box.hidden) return;
    var kept = document.createElement("dl"), text = document.createElement("p"), lines = [];
    var before = box.querySelector("a");
    if (before) URL.revokeObjectURL(before.href);
    kept.className = "facts";
    text.textContent = words.refused + " — " + record.refused;
    Object.keys(record.edits).forEach(function (name) {
      var place = placeOf(name), title = place && place.querySelector("legend"), input = fieldOf(name);
      var called = input.dataset.called || input.getAttribute("aria-label") || title && title.textContent || name;
      called = called.trim().replace(/\s+/g, " ");
      var term = document.createElement("dt"), value = document.createElement("dd");
      term.textContent = called; value.textContent = inWords(name, record.edits[name]);
      kept.append(term, value);
      lines.push(called + ": " + value.textContent);
    });
    var link = document.createElement("a");
    var file = new Blob([document.title + "\n" + lines.join("\n") + "\n"], { type: "text/plain" });
    link.href = URL.createObjectURL(file); link.download = "sheet-" + slot.slice(0, 8) + ".txt";
    link.className = "button quiet"; link.textContent = words.export;
    box.replaceChildren(text, kept, link, " ", button(words.discard, discard));
    say(words.refused);
  }
  /* What was refused goes from the device, once a person says so; the page is then as the server has it. */
  async function discard() {
    if (!confirm(words.discardAsk)) return;
    await quiet;
    var record = await Device.get(slot);
    if (!record || !record.refused) return; /* changed meanwhile, and tried again */
    await Device.remove(slot);
    if (channel) channel.postMessage(GONE + slot);
    startAgain();
  }
  /* The form is put back before the page is loaded again: what a browser restores is then no change. */
  function startAgain() {
    Object.keys(opened.values).forEach(function (name) {
      known[name] = opened.values[name];
      write(name, known[name]);
    });
    location.reload();
  }
  async function markRows() {
    for (var row of document.querySelectorAll("[data-slot][data-state]:not(#panel)")) {
      var record = await Device.get(row.dataset.slot), badge = row.querySelector(".sheet-kept");
      if (!badge) continue;
      var why = row.querySelector(".sheet-why"), dirty = isDirty(record), torn = dirty && isTorn(record);
      var refused = dirty && !torn && record.refused;
      badge.hidden = !dirty;
      if (dirty) badge.textContent = torn ? words.two : refused ? words.refused : words.waiting;
      why.textContent = torn ? words.twoWhy : refused ? refused + " " + words.refusedWhy : leaves(record) ? words.leaving : "";
      why.hidden = !why.textContent;
    }
  }
  /* The server's time runs on by a clock that nobody can set; a page from the device does not know it. */
  function startClock() {
    var line = document.querySelector(".sheet-clock"), at = 0, since = 0;
    function set(text) { at = new Date(text).getTime(); since = performance.now(); show(); }
    function show() {
      if (!line || !at) return;
      var zone = line.dataset.zone || "Asia/Seoul";
      var clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone });
      line.querySelector(".sheet-now").textContent = clock.format(at + performance.now() - since);
    }
    if (line && fromDevice) line.querySelector(".sheet-now").textContent = "–";
    else if (line) set(line.dataset.serverTime);
    setInterval(show, 1000);
    return set;
  }

  /* --- at work ----------------------------------------------------------------------------------------------------- */

  function follow() {
    form.addEventListener("input", function (event) {
      var target = event.target, box = target.closest(".mark"), input = box && box.querySelector("[name^='mark/']");
      if (target.classList.contains("mark-slider")) {
        input.value = target.value;
        if (whyOf(input)) whyOf(input).value = "";
      } else if (target.name && target.name.startsWith("why/") && target.value) put(input, "");
      else if (input && target.name === input.name && target.value && whyOf(input)) whyOf(input).value = "";
      if (input) showMark(input);
      note();
    });
    form.addEventListener("keydown", function (event) {
      var box = event.target.closest(".mark"), input = box && box.querySelector("[name^='mark/']");
      if (!input || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.classList.contains("mark-slider") && /^[-.0-9]$/.test(event.key)) {
        input.value = "";  /* the digit goes on into the field */
        input.focus();
      } else if (event.target.type === "radio" && event.key !== " " && event.key !== "Enter") {
        var erase = event.key === "Delete" || event.key === "Backspace", level = erase ? null : levelAt(input, event);
        if (!level && !erase) return;
        event.preventDefault();
        put(input, level ? level.value : "");
        focusOn(level || event.target);
        event.target.dispatchEvent(new Event("input", { bubbles: true }));
      } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
        event.preventDefault();
        var inputs = fields().filter(function (one) { return one.name.startsWith("mark/"); });
        var next = inputs[inputs.indexOf(input) + 1];
        if (next) focusOn(next); else if (editable) form.querySelector("[formaction]").focus();
      }
    });
    /* Who scrolls on means the page, not the number that the pointer happens to be over. */
    form.addEventListener("wheel", function (event) {
      if (event.target.type === "number" && event.target === document.activeElement) event.target.blur();
    }, { passive: true });
    form.addEventListener("focusout", function () { note().then(send); });
    form.addEventListener("submit", async function (event) {
      var pressed = event.submitter;
      event.preventDefault();
      note();
      await send();
      var record = await Device.get(slot);
      if (isTorn(record)) { say(words.choose); return; }
      if (isDirty(record)) { if (!record.refused) say(words.cannot); return; }
      if (!pressed || !pressed.hasAttribute("formaction")) return;
      if (submitting) return; /* pressed twice */
      submitting = true;
      if (record) form.elements.version.value = record.base.version;
      form.action = pressed.formAction;
      form.submit();
    });
    if (leaving) leaving.querySelector("form").addEventListener("submit", function (event) {
      if (!event.submitter || !editable) return;
      event.preventDefault();
      var more = event.target.elements.more.value.trim();
      write("recused", event.submitter.value + (more ? ":" + more : ""));
      note().then(send);
    });
    var undo = form.querySelector(".sheet-undo");
    if (undo) undo.addEventListener("click", function () { write("recused", ""); note().then(send); });
    form.querySelectorAll(".mark-slider, .mark-keys").forEach(function (one) { one.hidden = false; });
    fields().filter(function (one) { return one.name.startsWith("mark/"); }).forEach(showMark);
    var save = form.querySelector(".sheet-save");
    if (save) save.hidden = true;
  }
  /* The level that a key chooses: its number from 1, its name, or the next whose name begins so. */
  function levelAt(input, event) {
    var parts = partsOf(input), key = event.key.toLowerCase();
    /* Where the keyboard writes Hangul, the key tells which Latin letter is on it. */
    if (/^Key[A-Z]$/.test(event.code) && !/^[a-z]$/.test(key)) key = event.code.slice(3).toLowerCase();
    function nameOf(one) { return one.dataset.sign.toLowerCase(); }
    var named = parts.find(function (one) { return nameOf(one) === key; });
    if (named || /^[1-9]$/.test(key)) return named || parts[Number(key) - 1];
    var begin = parts.filter(function (one) { return nameOf(one).startsWith(key); });
    return begin[(begin.findIndex(function (one) { return one.checked; }) + 1) % begin.length];
  }
  async function beginSheet() {
    var page = read(first), version = Number(form.elements.version.value), restored = false;
    opened = { values: Object.assign({}, page), version: version };
    var record = await Device.change(slot, function (record) {
      restored = isDirty(record);
      if (record && mayBeTaken(record)) delete record.refused;
      return record && version > record.base.version ? rebase(record, page, version) : record;
    });
    if (record && !isDirty(record) && (words.state === "submitted" || words.state === "recused")) {
      await Device.remove(slot);
      record = null;
    }
    if (isDirty(record) && !mayBeTaken(record) && !record.refused && !fromDevice) {
      record = await Device.change(slot, function (record) {
        var bound = document.querySelector(".sheet-bound p"), clock = document.querySelector(".sheet-clock strong");
        var why = words.state === "recused" ? document.querySelector(".sheet-recused p") : bound || clock;
        record.refused = why.textContent;
        return record;
      });
    }
    known = page;
    follow();
    await note(); /* whoever was quicker than this script */
    await refresh();
    if (!state.textContent) say(restored ? words.restored : document.querySelector(".sheet-badge").textContent);
  }
  async function keepAhead() {
    if (!self.navigator.serviceWorker || !Device.durable() || fromDevice) return;
    try {
      var registered = await navigator.serviceWorker.register(words.worker);
      await navigator.serviceWorker.ready;
      var pictures = Array.from(document.querySelectorAll(".seen-pages img"), function (img) { return img.src; });
      var here = [form ? form.getAttribute("action") : location.pathname].concat(pictures);
      var open = "li:is([data-state=new], [data-state=saved], [data-state=changed]) a, .sheet-around a";
      var next = Array.from(document.querySelectorAll(open), function (link) { return link.pathname; })
        .slice(0, AHEAD);
      var over = form && (words.state === "submitted" || words.state === "recused");
      var looks = performance.getEntriesByType("resource").map(function (one) { return one.name; })
        .filter(function (name) { return new URL(name).origin === location.origin; });
      registered.active.postMessage({ keep: over ? next : here.concat(next), drop: over ? here : [], looks: looks });
    } catch (refused) { /* then pages are not there without a network; what is written is kept all the same */ }
  }

  await Device.begin(words.person);
  if (form) await beginSheet();
  var signing = document.getElementById("sign-form");
  if (signing) signing.addEventListener("submit", async function (event) {
    event.preventDefault();
    await send();
    if (await countWaiting()) { say(words.cannot); return; }
    /* What was refused holds up nothing but its own sheet: nobody signs what they did not write last. */
    var other = (await records()).find(function (one) {
      return isDirty(one[1]) && signing.querySelector('[data-slot="' + CSS.escape(one[0]) + '"]');
    });
    if (other) { say(other[1].refused + " " + words.refusedWhy); return; }
    signing.submit();
  });
  document.querySelectorAll("[data-slot]:not(#panel)").forEach(async function (row) {
    var record = row.dataset.state === "submitted" && await Device.get(row.dataset.slot);
    if (record && !isDirty(record)) await Device.remove(row.dataset.slot);
  });
  if (channel) channel.onmessage = function (event) {
    if (event.data === slot) refresh(); else if (event.data === GONE + slot) startAgain(); else markRows();
  };
  addEventListener("online", send);
  addEventListener("pageshow", function (event) { if (event.persisted) { submitting = false; refresh().then(send); } });
  addEventListener("pagehide", function () { if (form) note(); });
  document.documentElement.dataset.panel = "ready";
  await keepAhead();
  var waited = await countWaiting();
  await send();
  if (!form && waited && !await countWaiting()) location.reload(); /* the page was made before the server had it */
})();
