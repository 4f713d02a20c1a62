// The page: takes files, has them checked beside it, and tells what was found.

const TEXTS = {
  ko: {
    heading: "심사 결과 검증",
    introduction:
      "공개된 검증꾸러미로 누구나 심사 결과를 확인할 수 있습니다. 선정 결과가 평가규칙과 채점표에서 그대로 나오는지, 사후에 바뀐 것이 없는지 다시 계산합니다. 파일은 이 기기 밖으로 나가지 않습니다.",
    choose: "확인할 파일",
    pick: "파일 선택",
    pickHelp: "또는 이곳에 끌어 놓으십시오. 검증꾸러미 하나와, 가지고 계신 접수증이나 신뢰하는 증인 목록을 함께 넣을 수 있습니다.",
    key: "기록 관리 기관의 열쇠(선택)",
    keyHelp: "기관이 따로 공표한 열쇠를 넣으면 이 파일이 그 기관의 것인지도 확인합니다.",
    again: "다시 확인",
    clear: "모두 지우기",
    footer: "이 쪽은 서버 없이 동작하며 어떤 것도 내려받거나 보내지 않습니다.",
    bundle: "검증꾸러미",
    receipt: "접수증",
    policy: "증인 목록",
    working: "확인하는 중",
    synthetic: "가상 자료",
    syntheticHelp: "실제 심사가 아니라 가상으로 만든 자료입니다.",
    round: "회차",
    tier: "공개 범위",
    tiers: { public: "일반 공개용", full: "감사용" },
    size: "기록 수",
    usedKey: "기록의 열쇠",
    winners: "선정 결과",
    nobody: "선정된 실적이 없습니다.",
    rank: "순위",
    entry: "실적",
    score: "점수",
    checks: "확인한 항목",
    counts: (passed, failed, open) => `이상 없음 ${passed}건, 불일치 ${failed}건, 확인 안 됨 ${open}건`,
    detail: "위치와 내용(영문)",
    would: "확인되면 알 수 있는 것",
    limits: "이 파일로 알 수 없는 것",
    limit: {
      opinion: "채점표가 위원의 솔직한 판단인지, 평가규칙이 좋은 규칙인지는 알 수 없습니다.",
      outside: "기록에 처음부터 들어오지 않은 일은 알 수 없습니다.",
      publisher: "열쇠를 입력하지 않았으므로 파일을 낸 기관이 누구인지는 확인하지 못하였습니다. 위의 열쇠를 기관이 공표한 것과 견주어 보십시오.",
      fork: "증인의 서명을 확인하지 않았으므로, 다른 사람이 같은 기록을 보고 있는지는 알 수 없습니다.",
      people: "누가 어떤 점수를 주었는지, 이해충돌이 있는 위원이 채점하였는지는 감사용 파일로만 확인할 수 있습니다.",
      sheets: "채점표가 들어 있지 않아, 점수가 채점표에서 나왔는지는 확인하지 못하였습니다.",
      mine: "접수증을 넣지 않았으므로 특정 위원의 제출물이 반영되었는지는 확인하지 못하였습니다.",
      estimate: "동점 구역은 추정값이며 다시 계산하지 않습니다.",
    },
    several: "검증꾸러미는 한 번에 하나만 확인합니다. 마지막 것을 사용합니다.",
    none: "검증꾸러미를 먼저 넣으십시오.",
    broken: "확인을 마치지 못하였습니다",
    old: "이 브라우저는 서명 확인(Ed25519)을 지원하지 않습니다. 최신 브라우저에서 여십시오.",
  },
  en: {
    heading: "Check the result of an evaluation",
    introduction:
      "With a published bundle anyone can check an evaluation: whether the selected follow from the rules and the score sheets, and whether anything was changed afterwards. Your files do not leave this device.",
    choose: "Files to check",
    pick: "Choose files",
    pickHelp: "Or drop them here: one bundle, and with it receipts that you hold or a list of witnesses that you trust.",
    key: "Key of the record's keeper (optional)",
    keyHelp: "With the key that the keeper has published elsewhere it is also checked whose file this is.",
    again: "Check again",
    clear: "Clear all",
    footer: "This page works without a server; it neither fetches nor sends anything.",
    bundle: "bundle",
    receipt: "receipt",
    policy: "list of witnesses",
    working: "Checking",
    synthetic: "Synthetic data",
    syntheticHelp: "This is no real evaluation: its data is invented.",
    round: "Round",
    tier: "Made for",
    tiers: { public: "everyone", full: "auditors" },
    size: "Records",
    usedKey: "Key of the record",
    winners: "Selected",
    nobody: "Nobody was selected.",
    rank: "Rank",
    entry: "Entry",
    score: "Score",
    checks: "What was checked",
    counts: (passed, failed, open) => `${passed} correct, ${failed} wrong, ${open} not shown`,
    detail: "Where and what",
    would: "What it would show",
    limits: "What this file cannot show",
    limit: {
      opinion: "Whether sheets are what reviewers honestly thought, and whether the rules are good rules.",
      outside: "Anything that never came into the record.",
      publisher: "Who published the file: you gave no key. Compare the key above with the one that the keeper has published.",
      fork: "Whether others are shown the same record: no witnesses were asked.",
      people: "Who gave which score, and whether somebody with a conflict did: that takes the auditors' file.",
      sheets: "Whether the scores follow from the sheets, which are not in this file.",
      mine: "Whether a certain reviewer's submission was counted: you gave no receipts.",
      estimate: "Whether the tie zone is right: it is an estimate and not computed again.",
    },
    several: "Only one bundle is checked at a time; the last one is used.",
    none: "Add a bundle first.",
    broken: "The check could not be finished",
    old: "This browser cannot check signatures (Ed25519). Open the page in a current one.",
  },
};
const ICONS = { passed: "✓", failed: "✕", "not shown": "–" };
const VERDICT_ICONS = { verified: "✓", refused: "✕", incomplete: "–", unreadable: "✕" };
const LARGEST_TEXT = 1_000_000;

const at = (id) => document.getElementById(id);
const words = JSON.parse(at("words").textContent);
const state = { language: "en", bundle: null, receipts: [], policy: null, notices: [], found: null, run: 0, checker: null };

const say = () => TEXTS[state.language];

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

const sentence = (reason, language) => words.reasons[reason]?.[language] ?? "";

// For programs that drive this page, one call after another: a bundle and receipts in base64, the reasons in English.
let driven = null;
window.simsaVerify = async (bundle, options = {}) => {
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  driven ??= new Checker();
  const given = { ...options, receipts: (options.receipts ?? []).map(bytes) };
  const found = await driven.check(bytes(bundle), given);
  const why = ({ outcome, why: told, reason }) => (outcome === "failed" ? told : sentence(reason, "en"));
  return { ...found, checks: found.checks.map((one) => ({ ...one, why: why(one) })) };
};

// Files.

async function take(files) {
  state.notices = [];
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const text = bytes.length < LARGEST_TEXT ? new TextDecoder().decode(bytes) : "";
    const given = { name: file.name, bytes };
    if (/^(c2sp\.org\/tlog-proof@v1|simsa\.promise@v1)\n/.test(text)) state.receipts.push(given);
    else if (!text.startsWith("PK") && /^[ \t]*quorum[ \t]/m.test(text)) state.policy = { ...given, text };
    else {
      if (state.bundle) state.notices.push("several");
      state.bundle = given;
    }
  }
  showChosen();
  await start();
}

async function start() {
  stop();
  if (!state.bundle) {
    state.notices = state.receipts.length || state.policy ? ["none"] : [];
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
  at("chosen").replaceChildren(...rows, ...state.notices.map((notice) => element("li", {}, say()[notice])));
  at("again").disabled = !state.bundle;
  at("clear").disabled = !rows.length;
}

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
  if (found.checks.length) parts.push(about(found), winners(found), checks(found), limits(found));
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
  return element(
    "section",
    { class: `verdict ${found.verdict}` },
    element("h2", {}, element("span", { "aria-hidden": "true" }, `${VERDICT_ICONS[found.verdict]} `), title),
    element("p", {}, meaning),
    found.checks.length ? element("p", {}, say().counts(count("passed"), count("failed"), count("not shown"))) : null,
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

function checks(found) {
  const rows = found.checks.map((one) => {
    const { title, meaning, failed } = words.checks[one.name][state.language];
    const kind = one.outcome === "not shown" ? "open" : one.outcome;
    const because = sentence(one.reason, state.language);
    const about = one.reason === "depends" ? `${because}: ${words.checks[one.more][state.language].title}` : because;
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
        one.outcome === "failed" ? element("p", { class: "detail" }, `${say().detail}: `, element("code", { lang: "en" }, one.why)) : null,
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
    shown("receipts") ? null : "mine",
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
