// What each check does with a bundle.

import { BALLOTS, BATCHES, checkAsides, checkCount, checkUncounted, readBallots, voteText } from "./ballots.js";
import { base64, decode, equal, hex } from "./bytes.js";
import { calibratedScores } from "./calibration.js";
import { demand } from "./faults.js";
import { firstPage } from "./firstpage.js";
import { parseCanonical } from "./json.js";
import { readLog } from "./merkle.js";
import { COSIGNER, parseCheckpoint, parseKey, parseNote, SIGNER, signers } from "./notes.js";
import { readComponents, readOpenings, readSheets } from "./openings.js";
import { parsePolicy } from "./policy.js";
import { checkReceipts } from "./receipts.js";
import { checkCalibrated, checkSelection, checkTally, countingSheets, statedEntries } from "./result.js";
import { Rules } from "./rules.js";
import { sha256 } from "./sha256.js";
import { isCount, isDigest, isObject, isText, keys } from "./shapes.js";
import { checkSeed, checkSlots, keyChanges, readRecord } from "./statements.js";
import { isNumber, Tally } from "./tally.js";
import { unzip } from "./zip.js";

const OPENINGS = ["sheets", "slots", "panel", "events"].map((name) => `openings/${name}.json`);
const COMPONENTS = "openings/components.json";
const AUDITORS = [...OPENINGS, COMPONENTS, BATCHES];
const PATHS = [
  /^README\.txt$/,
  /^log\/checkpoint$/,
  /^log\/checkpoints\/[1-9][0-9]{0,15}$/,
  /^log\/tile\/.+$/, // which ones: `readLog`
  /^rules\/[0-9a-f]{64}\.json$/,
  /^statements\/[0-9a-f]{64}\.json$/,
  /^sheets\.json$/,
  /^ballots\.json$/,
  /^timestamps\/[1-9][0-9]{0,15}\.tsr$/,
];

// `reason`: of words.json; `more`: what it is about; `why`: in full, where there is more to say.
export class NotShown {
  constructor(reason, more = "", why = "") {
    Object.assign(this, { reason, more, why });
  }
}

const passed = (...remarks) => remarks;

// [name, what it builds on, what it does with the bundle]. It returns remarks, or NotShown, or throws.
export const CHECKS = [
  ["archive", [], checkArchive],
  ["manifest", ["archive"], checkManifest],
  ["log", ["manifest"], checkLog],
  ["keys", ["log"], checkKeys],
  ["witnesses", ["keys"], checkWitnesses],
  ["timestamps", ["manifest"], (bundle) => new NotShown(bundle.paths("timestamps/").length ? "certificates" : "untimed")],
  ["statements", ["keys"], checkStatements],
  ["rules", ["statements"], checkRules],
  ["slots", ["statements"], (bundle) => (bundle.close ? checkSlots(bundle.record) : new NotShown("unclosed"))],
  ["sheets", ["rules", "slots"], checkSheets],
  ["ballots", ["rules"], checkVote],
  ["seed", ["slots"], checkDrawn],
  ["tally", ["sheets"], checkTallied],
  ["selection", ["rules", "seed"], checkSelected],
  ["first-page", ["rules"], checkFirstPage],
  ["openings", ["rules", "slots", "sheets", "ballots"], checkOpenings],
  ["calibration", ["openings"], checkCalibration],
  ["receipts", ["statements", "sheets", "ballots"], checkHeld],
];

export class Bundle {
  constructor(data, listed, given) {
    Object.assign(this, { data, listed, given, files: null, manifest: null, log: null, record: null, closing: null, ballots: null });
  }

  paths(start) {
    return [...this.files.keys()].filter((path) => path.startsWith(start));
  }

  get close() {
    return this.record.last.close;
  }

  get full() {
    return this.manifest.tier === "full";
  }

  // The log's key for a checkpoint of `size`, or all that came before the leaf at that index.
  keysBefore(size) {
    return [this.firstKey, ...this.keyChanges.filter(({ index }) => index < size).map(({ key }) => key)];
  }

  // Rules by which the result was made, or will be.
  get rulesOfResult() {
    const { result } = this.record.last;
    return this.rules.get(result ? result.rules_hash : this.record.rulesAt());
  }

  get rulesInForce() {
    return this.rules?.get(this.record?.rulesAt()) ?? null;
  }

  get stated() {
    return statedEntries(this.rulesOfResult, this.record.last.result, this.record.last.entries.entries);
  }
}

async function checkArchive(bundle) {
  bundle.files = await unzip(bundle.data, bundle.listed);
}

function checkManifest(bundle) {
  const { files } = bundle;
  const place = "manifest.json";
  const manifest = parseCanonical(files.get(place), place);
  keys(manifest, ["simsa_bundle", "tier", "round", "origin", "key", "files"], place);
  demand(manifest.simsa_bundle === 1, "is of another version", place);
  demand(manifest.tier === "public" || manifest.tier === "full", "is of no known tier", place);
  demand([manifest.round, manifest.origin, manifest.key].every(isText), "is not as it should be", place);
  demand(isObject(manifest.files), "lists no files", place);
  for (const path of files.keys()) {
    const own = path === place || path === "manifest.note";
    demand(own !== path in manifest.files, own ? "is listed" : "is not listed", path);
  }
  for (const [path, entry] of Object.entries(manifest.files)) {
    demand(files.has(path), "is not there", path);
    keys(entry, ["sha256", "size"], `${place}, ${path}`);
    demand(isDigest(entry.sha256) && isCount(entry.size), "is not as it should be", `${place}, ${path}`);
    demand(files.get(path).length === entry.size, "has another size than listed", path);
    demand(hex(sha256(files.get(path))) === entry.sha256, "is not what was listed", path);
    const opened = AUDITORS.includes(path);
    demand(opened ? manifest.tier === "full" : PATHS.some((known) => known.test(path)), "has no place here", path);
  }
  const needed = ["README.txt", "manifest.note", "log/checkpoint", ...(manifest.tier === "full" ? OPENINGS : [])];
  for (const path of needed) demand(files.has(path), "is not there", path);
  bundle.manifest = manifest;
}

function checkLog(bundle) {
  const { files, manifest } = bundle;
  const { origin, round } = manifest;
  demand(origin.endsWith(`/${round}`), "the origin does not end in the round", "manifest.json");
  const last = parseCheckpoint(files.get("log/checkpoint"), "log/checkpoint");
  const log = readLog(files, last.size, last.root);
  bundle.checkpoints = [];
  for (const path of bundle.paths("log/checkpoints/")) {
    const checkpoint = parseCheckpoint(files.get(path), path);
    demand(path === `log/checkpoints/${checkpoint.size}`, "is of another size than its name", path);
    demand(checkpoint.size < last.size, "is not earlier than the last", path);
    demand(equal(log.tree.root(checkpoint.size), checkpoint.root), "has another root: the log was changed", path);
    bundle.checkpoints.push({ ...checkpoint, path });
  }
  bundle.checkpoints.push({ ...last, path: "log/checkpoint" });
  for (const { origin: own, path } of bundle.checkpoints) demand(own === origin, "is of another log", path);
  const sizes = new Set(bundle.checkpoints.map(({ size }) => `timestamps/${size}.tsr`));
  for (const path of bundle.paths("timestamps/")) demand(sizes.has(path), "is of no checkpoint here", path);
  Object.assign(bundle, { log, last });
}

async function checkKeys(bundle) {
  const { files, manifest, given, log } = bundle;
  bundle.firstKey = parseKey(manifest.key, SIGNER, "manifest.json, key");
  demand(bundle.firstKey.name === manifest.origin, "is the key of another log", "manifest.json, key");
  bundle.keyChanges = keyChanges(log.leaves, files, manifest.round, manifest.origin);
  bundle.logKeys = bundle.keysBefore(Infinity);
  const trustedKey = !given.key || bundle.logKeys.some(({ text }) => text === given.key.trim());
  demand(trustedKey, "has no such key as the one that you gave", "the log", "other-key");
  bundle.auditors = auditors(bundle);
  const known = [...bundle.logKeys, ...bundle.auditors, ...trusted(given)];
  const signed = new Map();
  bundle.signed = signed;
  for (const checkpoint of bundle.checkpoints) {
    const { path, size } = checkpoint;
    signed.set(checkpoint, await signers(checkpoint, known, path));
    demand(signed.get(checkpoint).has(bundle.keysBefore(size).at(-1).text), "is not signed by the key of its time", path);
  }
  for (const { index } of bundle.keyChanges) {
    const before = bundle.keysBefore(index).at(-1).text;
    const witnessed = bundle.checkpoints.some((one) => one.size > index && signed.get(one).has(before));
    demand(witnessed, "is a change of key that the key before it did not sign", `leaf ${index}`);
  }
  const place = "manifest.note";
  const note = parseNote(files.get(place), place);
  demand(note.lines.length === 1, "has other signatures than that of the log", place);
  const digest = hex(sha256(files.get("manifest.json")));
  demand(note.text === `simsa bundle v1\n${manifest.origin}\n${digest}\n`, "is of another manifest", place);
  demand((await signers(note, known, place)).has(bundle.logKeys.at(-1).text), "is not signed by the last key", place);
}

// The witnesses of the user's policy. What is wrong with it is told by `witnesses`.
function trusted({ policy }) {
  try {
    return policy ? parsePolicy(policy).witnesses : [];
  } catch {
    return [];
  }
}

// Those who are to countersign. What is wrong with the freeze is told by `statements`.
function auditors({ files, log }) {
  try {
    const { sha256: own } = parseCanonical(log.leaves[0], "leaf 0");
    const freeze = parseCanonical(files.get(`statements/${own}.json`), "the freeze");
    return freeze.auditors.map((text) => parseKey(text, COSIGNER, "the freeze"));
  } catch {
    return [];
  }
}

async function checkWitnesses({ given, last, auditors: named, signed: all, checkpoints }) {
  if (!given.policy) {
    if (!named.length) return new NotShown("no-policy");
    const signed = named.filter((key) => all.get(checkpoints.at(-1)).has(key.text)).map(({ name }) => name);
    return new NotShown("auditors", `${signed.length} / ${named.length}${signed.map((name) => `, ${name}`).join("")}`);
  }
  const policy = parsePolicy(given.policy);
  const signed = await signers(last, [...policy.logs, ...policy.witnesses], "log/checkpoint");
  const byLog = !policy.logs.length || policy.logs.some((key) => signed.has(key.text));
  demand(byLog, "is not signed by a log that you trust", "log/checkpoint", "no-quorum");
  demand(policy.met(signed), "is not countersigned by those whom you trust", "log/checkpoint", "no-quorum");
  return passed();
}

function checkStatements(bundle) {
  const { log, files, manifest } = bundle;
  bundle.record = readRecord(log, files, manifest.round, (index) => bundle.keysBefore(index));
  const { close, result } = bundle.record.last;
  const components = Boolean(bundle.full && result && result.components !== null);
  demand(files.has(COMPONENTS) === components, components ? "is not there" : "has no place here", COMPONENTS);
  const sheets = files.has("sheets.json");
  demand(close || !sheets, "is there before the close", "sheets.json");
  demand(sheets || !bundle.full || !close, "is not there", "sheets.json");
  const { forgotten, vote } = bundle.record.last;
  demand(vote || !files.has(BALLOTS), "is there, and no vote was counted", BALLOTS);
  demand(!vote || !bundle.full || files.has(BALLOTS), "is not there", BALLOTS);
  const batches = Boolean(vote && bundle.full);
  demand(files.has(BATCHES) === batches, batches ? "is not there" : "has no place here", BATCHES);
  demand(!forgotten || (!sheets && !bundle.full), "holds what was forgotten", "manifest.json");
}

function checkRules(bundle) {
  const { files, record } = bundle;
  bundle.rules = new Map();
  for (const path of bundle.paths("rules/")) {
    const hash = hex(sha256(files.get(path)));
    demand(path === `rules/${hash}.json`, "is not what its name says", path);
    const rules = new Rules(parseCanonical(files.get(path), path), path);
    demand(rules.id === record.round, "is of another round", path);
    bundle.rules.set(hash, rules);
  }
  const wanted = new Set(record.ruleChanges.map(({ hash }) => hash));
  for (const hash of wanted) demand(bundle.rules.has(hash), "is not there", `rules/${hash}.json`);
  for (const hash of bundle.rules.keys()) demand(wanted.has(hash), "was never in force", `rules/${hash}.json`);
  record.ruleChanges.forEach(({ index, previous }, n) => {
    const sound = n === 0 || previous === record.ruleChanges[n - 1].hash;
    demand(sound, "does not change the rules that were in force", `leaf ${index} (amendment)`);
  });
  for (const { index, rules_hash: hash } of record.results) {
    demand(hash === record.rulesAt(index), "was made by rules that are not in force", `leaf ${index} (result)`);
  }
  const names = new Map([...bundle.rules].map(([hash, rules]) => [hash, new Set(rules.leaves.map(({ id }) => `mark/${id}`))]));
  for (const { index, fields } of record.sheets) {
    const marks = names.get(record.rulesAt(index));
    const own = Object.keys(fields).filter((name) => name.startsWith("mark/"));
    const sound = own.length === marks.size && own.every((name) => marks.has(name));
    demand(sound, "is a sheet with other marks than the rules ask for", `leaf ${index}`);
  }
}

function checkSheets(bundle) {
  const { files, record, rulesOfResult: rules } = bundle;
  if (!files.has("sheets.json")) return new NotShown(bundle.close ? "no-sheets" : "unclosed");
  const hidden = rules.calibration.official || rules.lottery;
  demand(bundle.full || !hidden, "has no place where sheets alone do not lead to the result", "sheets.json");
  bundle.closing = readSheets(files.get("sheets.json"), record, rules);
  return passed();
}

function checkVote(bundle) {
  const { files, record, rulesInForce: rules } = bundle;
  const { vote } = record.last;
  if (!rules.vote) {
    demand(!vote, "counts a vote that the rules do not have", `leaf ${vote?.index}`);
    return new NotShown("unvoted");
  }
  if (!vote) {
    checkUncounted(record);
    return new NotShown("uncounted");
  }
  const place = `leaf ${vote.index} (vote)`;
  const same = voteText(files, record.rulesAt(vote.index)) === voteText(files, record.rulesAt());
  demand(same, "was counted by rules that were changed afterwards", place);
  checkAsides(vote, place);
  if (!files.has(BALLOTS)) return new NotShown("no-ballots");
  bundle.ballots = readBallots(files.get(BALLOTS), vote, rules);
  checkCount(record, vote, bundle.ballots);
  return passed();
}

function checkDrawn({ record }) {
  checkSeed(record);
  const { kind } = record.last.freeze.seed;
  return kind === "none" || (kind === "beacon" && !record.last.seed) ? new NotShown("unseeded") : passed();
}

function checkTallied(bundle) {
  const { record, closing, rulesOfResult: rules } = bundle;
  if (!record.last.result) return new NotShown("no-result");
  if (!closing) return new NotShown(record.last.forgotten ? "forgotten" : "no-sheets");
  checkTally(rules, record, countingSheets(rules, record, closing), bundle.stated);
  return passed();
}

function checkSelected(bundle) {
  const { record, rulesOfResult: rules } = bundle;
  const { result } = record.last;
  if (!result) return new NotShown("no-result");
  const { stated } = bundle;
  const calibrated = stated.some((entry) => entry.calibrated !== null);
  const named = (result.components !== null) === calibrated;
  demand(named, "names components where no score rests on them, or none", `leaf ${result.index} (result)`);
  checkSelection(rules, result, stated);
  return rules.lottery ? passed({ reason: "zones", place: "" }) : passed();
}

function checkFirstPage({ files, manifest, record, rulesInForce, last }) {
  const { entries, result, freeze } = record.last;
  const page = firstPage({
    tier: manifest.tier,
    round: manifest.round,
    rules: rulesInForce,
    hash: record.rulesAt(),
    synthetic: freeze.synthetic,
    entries: entries?.entries ?? [],
    result,
    size: last.size,
    root: base64(last.root),
  });
  const written = decode(files.get("README.txt"), "README.txt").split("\n");
  const line = page.split("\n").findIndex((expected, n) => expected !== written[n]);
  demand(line < 0 && written.length === page.split("\n").length, `line ${line + 1} is not as it follows`, "README.txt");
}

async function checkOpenings(bundle) {
  if (!bundle.full) return new NotShown("public");
  bundle.reviewers = await readOpenings(bundle);
  return passed();
}

function checkCalibration(bundle) {
  const { files, record, closing, reviewers, rulesOfResult: rules } = bundle;
  const { result, entries } = record.last;
  if (!result) return new NotShown("no-result");
  if (!rules.calibration.official) return new NotShown("uncalibrated");
  if (!bundle.full) return new NotShown("public");
  const tally = new Tally(rules, entries.entries, [], entries.reported);
  const sheets = countingSheets(rules, record, closing).map((sheet) => ({
    entry: sheet.entry,
    reviewer: reviewers.get(sheet.slot),
    total: tally.sheetTotal(sheet),
  }));
  const panel = new Set(reviewers.values());
  const { stated } = bundle;
  const given = { rules, hash: result.rules_hash, entries: entries.entries, sheets, reviewers: panel };
  const named = result.components !== null;
  const scores = named ? calibratedScores(readComponents(files, record), given) : stated.map(() => null);
  const unscored = !named && sheets.some(({ total }) => isNumber(total));
  demand(!unscored, "there are sheets, but no components", `leaf ${result.index} (result)`);
  checkCalibrated(result, stated, scores);
  return passed();
}

async function checkHeld(bundle) {
  const { given, log, manifest, record, closing, ballots, logKeys } = bundle;
  if (!given.receipts.length) return new NotShown("no-receipts");
  const keyOf = (size) => bundle.keysBefore(size).at(-1);
  const { origin, round } = manifest;
  const context = { log, origin, round, keys: logKeys, keyOf, record, closing, ballots };
  const { unproven: [open], remarks } = await checkReceipts(given.receipts, context);
  return open ? new NotShown(open.reason ?? "receipt-foreign", open.place, open.message) : passed(...remarks);
}
