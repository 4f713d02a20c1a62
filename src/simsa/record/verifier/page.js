// The page: takes files, has them checked beside it, and tells what was found.

const ICONS = { passed: "✓", failed: "✕", "not shown": "–" };
const VERDICT_ICONS = { verified: "✓", refused: "✕", incomplete: "–", unreadable: "✕" };
const LARGEST_TEXT = 1_000_000;

const at = (id) => document.getElementById(id);
const words = JSON.parse(at("words").textContent);
const texts = JSON.parse(at("texts").textContent);
const state = { language: "en", bundle: null, receipts: [], policy: null, notices: [], found: null, run: 0, checker: null };

const say = () => texts[state.language];
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// The checker, in a worker of its own: checks one bundle after another.
class Checker {
  constructor() {
    const address = URL.createObjectURL(new Blob([at("checker").textContent], { type: "text/javascript" }));
    this.worker = new Worker(address);
    URL.revokeObjectURL(address);
  }

  // What `verify` returns.
  check(bundle, options, progress = () => {}) {
    return new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data }) => {
        if (data.progress) progress(data.progress);
        else if (data.found) resolve(data.found);
        else reject(new Error(data.error));
      };
      this.worker.onerror = (event) => reject(new Error(event.message));
      this.worker.postMessage({ bundle, options });
    });
  }

  stop() {
    this.worker.terminate();
  }
}

// Why a check came out as it did, where there is a sentence for it.
function sentence({ reason, more, outcome }, language) {
  const said = words.reasons[reason]?.[language] ?? "";
  const about = reason === "depends" ? words.checks[more][language].title : outcome === "failed" ? "" : more;
  return about ? `${said}: ${about}` : said;
}

// For programs that drive this page, one call after another: a bundle and receipts in base64, the reasons in English.
let driven = null;
window.simsaVerify = async (bundle, options = {}) => {
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  driven ??= new Checker();
  const given = { ...options, receipts: (options.receipts ?? []).map(bytes) };
  const found = await driven.check(bytes(bundle), given);
  return { ...found, checks: found.checks.map((one) => ({ ...one, why: one.why || sentence(one, "en") })) };
};

// Files.

// What a text is, by what it looks like.
const KINDS = {
  receipt: /^(c2sp\.org\/tlog-proof@v1|simsa\.promise@v1)\n/,
  ballot: /^\{"ballot":\[/,
  key: /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\s*$/,
  policy: /^[ \t]*quorum[ \t]/m,
};

async function take(files) {
  state.notices = [];
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { name } = file;
    if (bytes[0] === 0x50 && bytes[1] === 0x4b) takeBundle({ name, bytes });
    else takeText(name, bytes.length < LARGEST_TEXT ? bytes : new Uint8Array());
  }
  showChosen();
  await start();
}

function takeBundle(given) {
  if (state.bundle) state.notices.push({ key: "several" });
  state.bundle = given;
}

// Editors and mail programs may have put other line ends and a mark of the byte order (which the decoder leaves out).
function takeText(name, bytes) {
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  const kind = Object.keys(KINDS).find((one) => KINDS[one].test(text));
  const keep = (held) => state.receipts.push({ name, bytes: new TextEncoder().encode(held) });
  if (kind === "receipt") keep(text);
  else if (kind === "ballot") keep(text.trimEnd());
  else if (kind === "policy") state.policy = { name, text };
  else if (kind === "key") at("key").value = text.trim();
  else state.notices.push({ key: "unknown", name });
}

async function start() {
  stop();
  if (!state.bundle) {
    if (state.receipts.length || state.policy) state.notices.push({ key: "none" });
    showChosen();
    return;
  }
  const run = state.run;
  at("working").hidden = false;
  const options = {
    receipts: state.receipts.map(({ bytes }) => bytes),
    key: at("key").value.trim() || null,
    policy: state.policy?.text ?? null,
  };
  state.checker = new Checker();
  const progress = ({ check, share }) => {
    if (run !== state.run) return;
    at("progress").value = share;
    at("working-text").textContent = `${say().working}: ${words.checks[check][state.language].title}`;
  };
  let found = null;
  try {
    found = { ...(await state.checker.check(state.bundle.bytes, options, progress)), options };
  } catch (error) {
    found = { error: error.message };
  }
  if (run !== state.run) return; // stopped, or begun anew
  stop();
  state.found = found;
  showFound();
  at("found").firstElementChild?.scrollIntoView({ block: "nearest" });
}

function stop() {
  state.checker?.stop();
  state.run += 1;
  state.checker = null;
  state.found = null;
  at("working").hidden = true;
  showFound();
}

function clear() {
  Object.assign(state, { bundle: null, receipts: [], policy: null, notices: [] });
  at("files").value = "";
  at("key").value = "";
  stop();
  showChosen();
  at("files").focus();
}

// What is shown.

function showTexts() {
  document.documentElement.lang = state.language;
  document.title = `${say().heading} - simsa`;
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = say()[one.dataset.text];
  for (const one of document.querySelectorAll("[data-language]")) {
    one.setAttribute("aria-pressed", String(one.dataset.language === state.language));
  }
  showChosen();
  showFound();
}

function showChosen() {
  const kinds = [["bundle", [state.bundle]], ["receipt", state.receipts], ["policy", [state.policy]]];
  const rows = kinds.flatMap(([kind, files]) =>
    files.filter(Boolean).map(({ name }) => element("li", {}, element("strong", {}, say()[kind]), ` ${name}`)),
  );
  at("chosen").replaceChildren(...rows, ...state.notices.map(notice));
  at("again").disabled = !state.bundle;
  at("clear").disabled = !rows.length;
}

const notice = ({ key, name }) => element("li", {}, name ? element("strong", {}, name) : "", ` ${say()[key]}`);

function showFound() {
  const { found } = state;
  at("found").hidden = !found;
  at("said").textContent = "";
  if (!found) return at("found").replaceChildren();
  if (found.error) {
    const told = element("div", { class: "verdict refused", role: "alert" }, `${say().broken}: ${found.error}`);
    return at("found").replaceChildren(told);
  }
  const parts = [synthetic(found), verdict(found)];
  if (found.checks.length) parts.push(about(found), winners(found), changes(found), checks(found), limits(found));
  at("found").replaceChildren(...parts.filter(Boolean));
  at("said").textContent = words.verdicts[found.verdict][state.language].title;
}

function synthetic({ synthetic: told }) {
  if (!told) return null;
  return element("p", { class: "notice" }, element("strong", {}, `${say().synthetic}: `), told, ` (${say().syntheticHelp})`);
}

function verdict(found) {
  const { title, meaning } = words.verdicts[found.verdict][state.language];
  const count = (outcome) => found.checks.filter((one) => one.outcome === outcome).length;
  const numbers = { passed: count("passed"), failed: count("failed"), open: count("not shown") };
  const counts = filled(say().counts, numbers);
  const wrong = found.checks.filter((one) => one.outcome === "failed");
  const named = wrong.map((one) => element("li", {}, words.checks[one.name][state.language].failed));
  return element(
    "section",
    { class: `verdict ${found.verdict}` },
    element("h2", {}, element("span", { "aria-hidden": "true" }, `${VERDICT_ICONS[found.verdict]} `), title),
    element("p", {}, meaning),
    found.checks.length ? element("p", {}, counts) : null,
    named.length ? element("ul", {}, ...named) : null,
  );
}

const named = (names, otherwise) => names[state.language] || names.en || Object.values(names)[0] || otherwise;

function about(found) {
  const rows = [
    [say().round, named(found.name, found.round)],
    [say().tier, say().tiers[found.tier]],
    [say().size, found.size?.toLocaleString(state.language)],
    [say().usedKey, found.key ? element("code", {}, found.key) : null],
  ];
  const told = rows.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  return told.length ? element("dl", { class: "about" }, ...told) : null;
}

function winners(found) {
  if (!["verified", "incomplete"].includes(found.verdict) || !found.decided) return null;
  const groups = new Map();
  for (const winner of found.winners) groups.set(winner.group, [...(groups.get(winner.group) ?? []), winner]);
  const heads = [["number", "rank"], ["", "entry"], ["number", "score"]];
  const tables = [...groups].map(([group, rows]) =>
    element(
      "table",
      {},
      element("caption", {}, named(found.groups[group] ?? {}, group)),
      element("thead", {}, element("tr", {}, ...heads.map(([kind, key]) => element("th", { class: kind, scope: "col" }, say()[key])))),
      element(
        "tbody",
        {},
        ...rows.map(({ rank, entry, name, score }) =>
          element(
            "tr",
            {},
            element("td", { class: "number" }, String(rank)),
            element("td", {}, named(name, entry)),
            element("td", { class: "number" }, score),
          ),
        ),
      ),
    ),
  );
  const told = tables.length ? tables : [element("p", {}, say().nobody)];
  return element("section", {}, element("h2", {}, say().winners), ...told);
}

function changes(found) {
  if (!found.changes.length) return null;
  const rows = found.changes.map(({ kind, leaf, rules, reason, entry, name }) => {
    const text = say().changed[kind === "amendment" && !rules ? "inputs" : kind];
    return element("li", {}, filled(text, { leaf, reason, entry: named(name, entry) }));
  });
  return element("section", {}, element("h2", {}, say().changes), element("ul", {}, ...rows));
}

function checks(found) {
  const rows = found.checks.map((one) => {
    const { title, meaning, failed } = words.checks[one.name][state.language];
    const kind = one.outcome === "not shown" ? "open" : one.outcome;
    const about = sentence(one, state.language);
    return element(
      "li",
      {},
      element(
        "p",
        { class: `outcome ${kind}` },
        element("span", { "aria-hidden": "true" }, ICONS[one.outcome]),
        words.outcomes[one.outcome][state.language],
      ),
      element(
        "div",
        {},
        element("h3", {}, title),
        about ? element("p", { class: "why" }, about) : null,
        element("p", {}, { passed: meaning, failed, "not shown": `${say().would}: ${meaning}` }[one.outcome]),
        one.why ? element("p", { class: "detail" }, `${say().detail}: `, element("code", { lang: "en" }, one.why)) : null,
      ),
    );
  });
  return element("section", {}, element("h2", {}, say().checks), element("ul", { class: "checks" }, ...rows));
}

function limits(found) {
  const shown = (name) => found.checks.find((one) => one.name === name)?.outcome === "passed";
  const said = [
    "opinion",
    "outside",
    found.options.key ? null : "publisher",
    shown("witnesses") ? null : "fork",
    shown("openings") ? null : "people",
    shown("tally") ? null : "sheets",
    found.options.receipts.length ? null : "mine",
    found.checks.some((one) => one.reason === "zones") ? "estimate" : null,
  ];
  const rows = said.filter(Boolean).map((key) => element("li", {}, say().limit[key]));
  return element("section", {}, element("h2", {}, say().limits), element("ul", {}, ...rows));
}

// Beginning.

async function supported() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch (error) {
    return error.name !== "NotSupportedError" && Boolean(globalThis.crypto?.subtle);
  }
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    state.language = button.dataset.language;
    showTexts();
  });
}
at("files").addEventListener("change", ({ target }) => take([...target.files]));
at("again").addEventListener("click", start);
at("clear").addEventListener("click", clear);
const drop = at("drop");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  take([...event.dataTransfer.files]);
});
state.language = navigator.language.startsWith("ko") ? "ko" : "en";
showTexts();
supported().then((able) => {
  if (!able) at("choose").before(element("p", { class: "notice", role: "alert" }, say().old));
});
