/* Keeps the reviewer's pages, what they look like, and the entry's pictures on the device, and hands them out where there
   is no network. What a page shows is kept encrypted, only for whom it was made, and only where the server says so. */
"use strict";
var LOOKS = "simsa-looks", KEPT_FOR = "X-Kept-For";

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

function isPicture(url) { return /^\/evidence\/[0-9a-f-]+\/pages\//.test(url.pathname); }
function isPage(url) { return url.href.startsWith(self.registration.scope); }
function name(url) { return url.origin + url.pathname; }

self.addEventListener("fetch", function (event) {
  var request = event.request, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(look(event));
  else if (request.mode === "navigate" && isPage(url)) event.respondWith(page(event, url));
  else if (isPicture(url)) event.respondWith(fetch(request).catch(function () { return opened(url); }));
});

/* A disk that takes nothing more keeps nobody from a style or a script. */
async function look(event) {
  try {
    var answer = await fetch(event.request);
    if (answer.ok && answer.type === "basic") event.waitUntil(keepLook(event.request, answer.clone()));
    return answer;
  } catch (away) {
    return await (await caches.open(LOOKS)).match(event.request) || Response.error();
  }
}
async function keepLook(request, answer) {
  try { await (await caches.open(LOOKS)).put(request, answer); } catch (full) { /* then it is not there without a network */ }
}

async function page(event, url) {
  try {
    var answer = await fetch(event.request);
    if (answer.type === "basic") event.waitUntil(keep(url, answer.clone()).catch(function () { /* not kept, then */ }));
    return answer;
  } catch (away) {
    return opened(url);
  }
}

/* What the server wants kept is kept; a page that it answers otherwise by now is no longer. */
async function keep(url, answer) {
  var whose = answer.headers.get(KEPT_FOR), person = await Device.person();
  if (!person) return; /* signed out: no store is made again */
  var wanted = answer.ok && (isPicture(url) || whose !== null);
  if (!wanted || (whose !== null && whose !== person)) {
    if (!isPicture(url)) await (await caches.open(Device.NAME)).delete(name(url));
    return;
  }
  var sealed = await Device.seal(await answer.arrayBuffer());
  if (!await Device.person()) return; /* signed out meanwhile */
  await (await caches.open(Device.NAME)).put(name(url), new Response(new Blob([sealed.iv, sealed.data]), {
    headers: {
      "Content-Type": "application/octet-stream", "X-Kind": answer.headers.get("Content-Type") || "",
      "X-Policy": answer.headers.get("Content-Security-Policy") || "default-src 'none'"
    }
  }));
}

async function opened(url) {
  try {
    var found = await (await caches.open(Device.NAME)).match(name(url));
    if (!found) return Response.error();
    var bytes = new Uint8Array(await found.arrayBuffer()), kind = found.headers.get("X-Kind");
    var plain = await Device.unseal({ iv: bytes.slice(0, 12), data: bytes.slice(12) });
    if (kind.startsWith("text/html")) {
      plain = new TextDecoder().decode(plain).replace("<html ", "<html data-from-device ");
    }
    return new Response(plain, {
      headers: { "Content-Type": kind, "Content-Security-Policy": found.headers.get("X-Policy") }
    });
  } catch (gone) {
    return Response.error();
  }
}

/* Pages and pictures that a page asks to be kept ahead, or no longer, and the styles and scripts that it loaded before
   there was a worker. What is there already is left as it is. */
self.addEventListener("message", function (event) {
  event.waitUntil((async function () {
    var kept = await caches.open(Device.NAME), looks = await caches.open(LOOKS), asked = event.data;
    for (var gone of asked.drop || []) await kept.delete(name(new URL(gone, self.location.href)));
    try {
      for (var style of asked.looks || []) {
        if (!new URL(style).pathname.startsWith("/static/") || await looks.match(style)) continue;
        var answer = await fetch(style);
        if (answer.ok) await looks.put(style, answer);
      }
      for (var address of asked.keep || []) {
        var url = new URL(address, self.location.href);
        if (!(isPage(url) || isPicture(url)) || await kept.match(name(url))) continue;
        await keep(url, await fetch(url.href, { credentials: "same-origin", redirect: "error" }));
      }
    } catch (away) { /* what is not there yet is asked for by the next page */ }
  })());
});
