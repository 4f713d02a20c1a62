/* Sends evidence in pieces (tus 1.0), so that a lost network, a closed page or a restarted server costs one piece at most.
   Without this, the same form sends a file as a whole. Uploads that are not complete are remembered in this browser by
   what identifies a file: its name, size and time, and where it goes. */
(function () {
  "use strict";
  var SMALLEST = 256 * 1024, LARGEST = 8 * 1024 * 1024, AIM = 4000, TOGETHER = 2, PATIENCE = 30000;
  var BYTES = "application/offset+octet-stream";

  function remembered(key, value) {
    try {
      if (value === undefined) return localStorage.getItem(key);
      if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
    } catch (refused) { /* then it goes on for as long as the page is open */ }
    return null;
  }
  function encoded(text) {
    var bytes = new TextEncoder().encode(text), binary = "";
    bytes.forEach(function (byte) { binary += String.fromCharCode(byte); });
    return btoa(binary);
  }

  function Upload(part, file) {
    this.part = part; this.file = file; this.offset = 0; this.size = SMALLEST; this.failures = 0;
    this.key = ["tus", part.root.dataset.uploads, part.root.dataset.criterion, file.name, file.size, file.lastModified].join("|");
    this.url = remembered(this.key);
    this.row(part);
  }
  Upload.prototype = {
    row: function (part) {
      var words = part.root.dataset, upload = this, row = this.element = document.createElement("li");
      var left = row.appendChild(document.createElement("div")), right = row.appendChild(document.createElement("div"));
      var name = left.appendChild(document.createElement("p"));
      name.className = "evidence-name"; name.textContent = this.file.name;
      this.bar = left.appendChild(document.createElement("progress"));
      this.bar.max = this.file.size; this.bar.value = 0; this.bar.setAttribute("aria-label", this.file.name);
      this.status = left.appendChild(document.createElement("p"));
      this.status.className = "soft small"; this.status.setAttribute("role", "status");
      right.className = "evidence-actions";
      function button(text, act) {
        var made = right.appendChild(document.createElement("button"));
        made.type = "button"; made.className = "link"; made.addEventListener("click", act);
        made.say = function (word) {
          made.textContent = word;
          var of = made.appendChild(document.createElement("span"));
          of.className = "hidden-text"; of.textContent = " " + upload.file.name;
        };
        made.say(text);
        return made;
      }
      this.pause = button(words.pause, function () { if (upload.state === "going") upload.stop(); else upload.go(); });
      button(words.cancel, function () { upload.giveUp(); });
      part.sending.hidden = false; part.sending.appendChild(row);
    },
    tell: function (state, text) {
      var words = this.part.root.dataset;
      this.state = state;
      this.status.textContent = text || words[{ going: "going", paused: "paused", failed: "failed", done: "done", waiting: "waiting", queued: "paused" }[state]];
      this.pause.say(state === "going" || state === "waiting" ? words.pause : state === "failed" ? words.retry : words.resume);
      if (state === "waiting") this.state = "going";
    },
    go: function () { this.failures = 0; this.tell("going"); this.part.next(); },
    stop: function () { this.halt(); this.tell("paused"); this.part.next(); },
    halt: function () {
      this.running = false; clearTimeout(this.timer);
      if (this.request) { this.request.onloadend = null; this.request.abort(); this.request = null; }
    },
    giveUp: function () {
      this.halt();
      if (this.url) this.ask("DELETE", this.url, {}, null, function () {});
      this.leave(); this.part.next();
    },
    leave: function () {
      this.state = "done"; remembered(this.key, null); this.element.remove();
      this.part.uploads = this.part.uploads.filter(function (one) { return one !== this; }, this);
      this.part.sending.hidden = !this.part.uploads.length;
    },
    run: function () { this.running = true; if (this.url) this.look(); else this.create(); },
    ask: function (method, url, headers, body, then) {
      var request = this.request = new XMLHttpRequest(), upload = this;
      request.open(method, url);
      headers["Tus-Resumable"] = "1.0.0";
      headers["X-CSRFToken"] = this.part.token;
      Object.keys(headers).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
      if (body) request.upload.onprogress = function (event) { upload.bar.value = upload.offset + event.loaded; };
      request.onloadend = function () { upload.request = null; then(request); };
      request.send(body);
    },
    create: function () {
      var upload = this, criterion = this.part.root.dataset.criterion;
      var told = "filename " + encoded(this.file.name) + (criterion ? ",criterion " + encoded(criterion) : "");
      this.ask("POST", this.part.root.dataset.uploads, { "Upload-Length": this.file.size, "Upload-Metadata": told }, null, function (answer) {
        if (answer.status !== 201) return upload.trouble(answer);
        upload.url = answer.getResponseHeader("Location"); upload.offset = 0; upload.failures = 0;
        remembered(upload.key, upload.url);
        upload.send();
      });
    },
    look: function () {
      var upload = this;
      this.ask("HEAD", this.url, {}, null, function (answer) {
        if (answer.status === 404 || answer.status === 410) { upload.url = null; remembered(upload.key, null); return upload.create(); }
        var offset = answer.getResponseHeader("Upload-Offset");
        if (answer.status !== 200 || offset === null) return upload.trouble(answer);
        upload.reached(+offset);
      });
    },
    reached: function (offset) {
      this.offset = this.bar.value = offset; this.tell("going");
      if (offset < this.file.size) return this.send();
      this.part.arrived(this);
    },
    send: function () {
      var upload = this, began = Date.now(), piece = this.file.slice(this.offset, this.offset + this.size);
      this.part.hide(this.url);
      this.ask("PATCH", this.url, { "Content-Type": BYTES, "Upload-Offset": this.offset }, piece, function (answer) {
        if (answer.status !== 204) return upload.trouble(answer);
        var rate = piece.size / Math.max(1, Date.now() - began);
        upload.size = Math.min(LARGEST, Math.max(SMALLEST, Math.round(rate * AIM)));
        upload.failures = 0;
        upload.reached(+answer.getResponseHeader("Upload-Offset"));
      });
    },
    trouble: function (answer) {
      var status = answer.status, upload = this, words = this.part.root.dataset;
      if (answer.responseURL && status && !answer.getResponseHeader("Tus-Resumable") && status < 500) return this.fail(status < 400 ? words.signIn : "");
      if (status === 0 || status === 409 || status === 423 || status === 429 || status === 460 || status >= 500 && status !== 507) {
        var wait = +answer.getResponseHeader("Retry-After") * 1000 || Math.min(PATIENCE, 1000 * Math.pow(2, this.failures));
        this.failures += 1; this.size = SMALLEST;
        if (status === 0 || status >= 500) this.tell("waiting");
        this.timer = setTimeout(function () { upload.run(); }, status === 409 ? 0 : wait * (0.75 + Math.random() / 2));
        return undefined;
      }
      return this.fail(answer.responseText.trim());
    },
    fail: function (text) { this.running = false; this.tell("failed", text); this.part.next(); }
  };

  function Part(root) {
    var part = this, form = root.querySelector(".evidence-add"), input = form.querySelector('input[type="file"]');
    this.root = root; this.uploads = []; this.sending = root.querySelector(".evidence-sending");
    this.token = form.querySelector('[name="csrfmiddlewaretoken"]').value;
    form.querySelector(".evidence-with-script").hidden = false;
    form.querySelector("button").hidden = true;
    input.multiple = true; input.required = false;
    input.addEventListener("change", function () { part.add(input.files); input.value = ""; });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    ["dragenter", "dragover"].forEach(function (kind) {
      root.addEventListener(kind, function (event) {
        if (Array.prototype.indexOf.call(event.dataTransfer.types, "Files") < 0) return;
        event.preventDefault(); form.classList.add("over");
      });
    });
    root.addEventListener("dragleave", function (event) { if (!root.contains(event.relatedTarget)) form.classList.remove("over"); });
    root.addEventListener("drop", function (event) {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault(); form.classList.remove("over"); part.add(event.dataTransfer.files);
    });
    addEventListener("online", function () {
      part.uploads.forEach(function (one) { if (one.timer && one.state === "going" && !one.request) { clearTimeout(one.timer); one.run(); } });
    });
    addEventListener("beforeunload", function (event) {
      if (part.uploads.some(function (one) { return one.state === "going"; })) event.preventDefault();
    });
  }
  Part.prototype = {
    add: function (files) {
      Array.prototype.forEach.call(files, function (file) {
        var upload = new Upload(this, file), words = this.root.dataset;
        if (this.uploads.some(function (one) { return one.key === upload.key; })) return upload.element.remove();
        this.uploads.push(upload);
        if (!file.size) upload.fail(words.empty);
        else if (file.size > +words.largest) upload.fail(words.tooLarge);
        else upload.go();
      }, this);
    },
    next: function () {
      var going = this.uploads.filter(function (one) { return one.state === "going"; });
      var free = TOGETHER - going.filter(function (one) { return one.running; }).length;
      going.filter(function (one) { return !one.running; }).slice(0, Math.max(0, free)).forEach(function (one) { one.run(); });
    },
    hide: function (url) {
      var row = this.root.querySelector('[data-evidence="' + url.split("/").slice(-2)[0] + '"]');
      if (row) row.hidden = true;
    },
    arrived: function (upload) {
      upload.leave();
      this.root.querySelector(".evidence-files").dispatchEvent(new CustomEvent("arrived"));
      this.next();
    }
  };
  document.querySelectorAll(".evidence[data-uploads]").forEach(function (root) { new Part(root); });
})();
