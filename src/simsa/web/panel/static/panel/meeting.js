// The room of a meeting: shows what happens while the page is open, by server-sent events, or by asking where there is no
// place for a stream. When the meeting has gone on, the page is loaded again, unless something was written in it.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live?.dataset.stream) return;
  const moved = document.querySelector(".meeting-moved");
  const turnOf = (root) => root.querySelector("[data-turn]")?.dataset.turn;
  const turn = turnOf(live);
  const PAUSE = 3000, ASKED = 20; // after so many questions a stream is tried again
  let seen = live.dataset.seen, asked = 0, written = false;
  document.querySelector(".meeting-reload").hidden = true;
  document.addEventListener("input", (event) => { if (event.target.form) written = true; });
  document.addEventListener("submit", () => { written = false; });

  const show = (text, key) => {
    seen = key;
    const fresh = document.createElement("template");
    fresh.innerHTML = text;
    if (turnOf(fresh.content) !== turn) {
      if (written) moved.hidden = false;
      else { location.reload(); return; }
    }
    const opened = [...live.querySelectorAll("details")].map((one) => one.open);
    live.replaceChildren(fresh.content);
    live.querySelectorAll("details").forEach((one, n) => { one.open = Boolean(opened[n]); });
  };

  const listen = () => {
    const source = new EventSource(`${live.dataset.stream}?seen=${seen}`);
    source.addEventListener("room", (event) => show(event.data, event.lastEventId));
    source.addEventListener("gone", () => { source.close(); location.reload(); });
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) { asked = 0; ask(); } });
    addEventListener("pagehide", () => source.close(), { once: true });
  };

  const ask = () => setTimeout(async () => {
    try {
      const answer = await fetch(`${live.dataset.live}?seen=${seen}`, { headers: { Accept: "text/html" } });
      if (answer.status === 200 && answer.headers.has("X-Seen")) show(await answer.text(), answer.headers.get("X-Seen"));
      else if (answer.status !== 204) { location.reload(); return; }
    } catch { /* no network: asked again */ }
    asked += 1;
    if (asked < ASKED) ask(); else listen();
  }, PAUSE);

  listen();
  document.documentElement.dataset.meeting = "ready";
})();
