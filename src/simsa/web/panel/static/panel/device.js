/* What a reviewer's device keeps: sheets that were not sent yet, and pages to open without a network. All of it is
   encrypted with a key that no script can read out and that is made anew for each person; it goes with everything else
   when somebody signs out. Shared by the pages (sheet.js) and their service worker (worker.js). */
var Device = (function () {
  "use strict";
  var NAME = "simsa-panel", able = Boolean(self.indexedDB && self.crypto && self.crypto.subtle), memory = new Map();

  /* Only `begin` makes the store: who has signed out in another page leaves none behind. */
  function open(made) {
    return new Promise(function (done, failed) {
      var asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = function () {
        if (!made) { asked.transaction.abort(); return; }
        asked.result.createObjectStore("session");
        asked.result.createObjectStore("sheets");
      };
      asked.onerror = function () { failed(asked.error); };
      asked.onsuccess = function () {
        asked.result.onversionchange = function () { asked.result.close(); };
        done(asked.result);
      };
    });
  }
  /* One transaction on one store; the result of `act` once it is on the disk. */
  async function within(store, mode, act) {
    var base = await open();
    try {
      return await new Promise(function (done, failed) {
        var work = base.transaction(store, mode, { durability: "strict" }), asked = act(work.objectStore(store));
        work.oncomplete = function () { done(asked.result); };
        work.onerror = work.onabort = function () { failed(work.error); };
      });
    } finally { base.close(); }
  }
  function session() { return within("session", "readonly", function (store) { return store.get("now"); }); }
  async function key() { var now = await session(); return now && now.key; }

  /* Begin for a person; what somebody else left on this device goes. */
  async function begin(person) {
    if (!able) return false;
    try {
      (await open(true)).close();
      var now = await session();
      if (now && now.person !== person) { await wipe(); (await open(true)).close(); now = null; }
      if (!now) {
        var made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
        await within("session", "readwrite", function (store) { return store.add({ person: person, key: made }, "now"); })
          .catch(function () { /* another page was first: its key holds */ });
      }
      able = Boolean(await key());
    } catch (refused) { able = false; /* storage switched off: kept as long as the page is open */ }
    return able;
  }
  async function person() {
    var now = await session().catch(function () { return null; });
    return now ? now.person : null;
  }

  async function seal(bytes) {
    var iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv: iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv: iv }, await key(), bytes) };
  }
  async function unseal(sealed) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await key(), sealed.data);
  }

  /* On the disk; or in memory, once the disk is refused or was wiped: kept as long as the page is open. */
  async function kept(onDisk, inMemory) {
    if (able) {
      try { return await onDisk(); } catch (gone) { able = false; }
    }
    return inMemory();
  }
  function get(slot) {
    return kept(async function () {
      var sealed = await within("sheets", "readonly", function (store) { return store.get(slot); });
      return sealed && JSON.parse(new TextDecoder().decode(await unseal(sealed)));
    }, function () { return memory.get(slot); });
  }
  function put(slot, record) {
    return kept(async function () {
      var sealed = await seal(new TextEncoder().encode(JSON.stringify(record)));
      await within("sheets", "readwrite", function (store) { return store.put(sealed, slot); });
    }, function () { memory.set(slot, record); });
  }
  function remove(slot) {
    return kept(function () {
      return within("sheets", "readwrite", function (store) { return store.delete(slot); });
    }, function () { memory.delete(slot); });
  }
  function slots() {
    return kept(function () {
      return within("sheets", "readonly", function (store) { return store.getAllKeys(); });
    }, function () { return Array.from(memory.keys()); });
  }
  /* Read, change and write a record while no other page does. */
  function change(slot, act) {
    async function work() {
      var record = act(await get(slot));
      if (record) await put(slot, record);
      return record;
    }
    return locked("sheet/" + slot, work);
  }
  function locked(name, work) {
    return self.navigator.locks ? navigator.locks.request(NAME + "/" + name, work) : work();
  }
  async function wipe() {
    memory.clear();
    if (self.caches) await caches.delete(NAME);
    await new Promise(function (done) {
      var asked = indexedDB.deleteDatabase(NAME);
      asked.onsuccess = asked.onerror = asked.onblocked = done;
    });
  }
  return {
    NAME: NAME, begin: begin, person: person, seal: seal, unseal: unseal, get: get, remove: remove, slots: slots,
    change: change, locked: locked, durable: function () { return able; }
  };
})();
