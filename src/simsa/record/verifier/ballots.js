// The ballots of a vote: whether they are those that the record names, whether the rules allow them, what they give.

import { compareTexts, hex, unhex } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { canonicalText, parseCanonical } from "./json.js";
import { Tree, leafHash } from "./merkle.js";
import { ONE, parseNumber, whole, ZERO } from "./rationals.js";
import { sha256 } from "./sha256.js";
import { ascending, compareRows, isBoolean, isCount, isDigest, isFilled, isList, isText, rows } from "./shapes.js";

export const BALLOTS = "ballots.json";
export const BATCHES = "openings/ballots.json";
const POINTS = "vote_points";
const NAMED = "vote_named";
const COUNTED = "vote_ballots";
const FIELDS = [POINTS, NAMED, COUNTED];

// What the rules said of the vote, as text.
export const voteText = (files, hash) => canonicalText(parseCanonical(files.get(`rules/${hash}.json`), "the rules").vote ?? null);

// The numbers of a vote that are reported, {entry, criterion, field in one text: number}.
function reportedOf(record) {
  const found = new Map();
  for (const [entry, criterion, field, number] of record.last.entries?.reported ?? []) {
    if (FIELDS.includes(field)) found.set(key(entry, criterion, field), number);
  }
  return found;
}

const key = (...parts) => JSON.stringify(parts);

export function checkUncounted(record) {
  demand(!reportedOf(record).size, "reports numbers of a vote that was not counted", "the last entries");
}

// Whether as many ballots do not count as were put aside for good.
export function checkAsides(said, place) {
  const out = said.asides.filter(([, , counts]) => !counts).reduce((sum, [, number]) => sum + number, 0);
  demand(said.ballots - said.counted === out, "does not say why so many ballots do not count", place);
}

// The ballots by commitment: {counts, says}.
export function readBallots(bytes, said, rules) {
  demand(hex(sha256(bytes)) === said.sha256, "are not the ballots that the record names", BALLOTS);
  const read = parseCanonical(bytes, BALLOTS);
  rows(read, [isDigest, isBoolean, isList], BALLOTS);
  ascending(read, 1, BALLOTS);
  const onBallot = new Set(said.entries);
  const known = new Map(); // a ballot that says the same is looked at once
  const found = new Map();
  for (const [own, counts, ballot] of read) {
    const says = canonicalText(ballot);
    if (!known.has(says)) {
      const place = `${BALLOTS}, ${own}`;
      rows(ballot, [isFilled, isText], place);
      const given = ballot.map(([entry, points]) => [entry, parseNumber(points, place)]);
      demand(allowed(rules, onBallot, given), "is not a ballot that the rules allow", place);
      known.set(says, given);
    }
    found.set(own, { counts, says, given: known.get(says) });
  }
  const counted = [...found.values()].filter(({ counts }) => counts).length;
  demand(found.size === said.ballots && counted === said.counted, "are more or fewer than the record says", BALLOTS);
  return found;
}

function allowed(rules, onBallot, given) {
  const { ballot: kind, choices, points, scale } = rules.vote;
  const chosen = given.map(([entry]) => entry);
  if (new Set(chosen).size < chosen.length || !chosen.every((entry) => onBallot.has(entry))) return false;
  if (chosen.length < (choices.min ?? 1) || (choices.max !== null && chosen.length > choices.max)) return false;
  if (kind === "ranked") {
    const worth = (n) => (points.length ? points[n] : whole(choices.max - n));
    return given.every(([, own], n) => own.equals(worth(n)));
  }
  if (chosen.some((entry, n) => n && compareTexts(chosen[n - 1], entry) > 0)) return false;
  return given.every(([, own]) => (scale ? rules.onScale({ scale }, own) : own.equals(ONE)));
}

// Whether the entries have the numbers that the ballots give.
export function checkCount(record, said, ballots) {
  const { entries } = record.last;
  if (!entries) return;
  const place = `leaf ${entries.index} (entries)`;
  const totals = new Map(said.entries.map((entry) => [entry, { points: ZERO, named: 0 }]));
  for (const [given, times] of timesOf(ballots)) {
    for (const [entry, points] of given) {
      const own = totals.get(entry);
      own.points = own.points.plus(points.times(whole(times)));
      own.named += times;
    }
  }
  const known = new Set(entries.entries.map(({ id }) => id));
  for (const entry of said.entries) demand(known.has(entry), `${entry} was on the ballot, and does not take part`, place);
  const reported = reportedOf(record);
  demand(reported.size === FIELDS.length * known.size, "does not report the vote of every entry, or more", place);
  for (const id of known) {
    const { points, named } = totals.get(id) ?? { points: ZERO, named: 0 };
    const wanted = { [POINTS]: points, [NAMED]: whole(named), [COUNTED]: whole(said.counted) };
    for (const field of FIELDS) {
      const number = reported.get(key(id, "", field));
      const same = number !== undefined && parseNumber(number, place).equals(wanted[field]);
      if (!same) throw new Fault(`reports ${number} as ${field}; the ballots give ${wanted[field].text}`, `the entry ${id}`);
    }
  }
}

// What the ballots that count say, and how many of them say it.
function timesOf(ballots) {
  const times = new Map();
  for (const { counts, given } of ballots.values()) if (counts) times.set(given, (times.get(given) ?? 0) + 1);
  return times;
}

// Whether every ballot was sealed once, before the count. `events`: those that the auditors see, by leaf.
export function checkBatches(files, record, ballots, events) {
  const { vote } = record.last;
  if (!vote) return;
  const read = parseCanonical(files.get(BATCHES), BATCHES);
  rows(read, [isCount, isList], BATCHES);
  ascending(read, 1, BATCHES);
  const sealing = new Map([...events].filter(([, { verb }]) => verb === "ballots.sealed"));
  demand(read.length === sealing.size, "opens more or fewer batches than were sealed", BATCHES);
  const all = [];
  for (const [index, commitments] of read) {
    const place = `${BATCHES}, leaf ${index}`;
    demand(sealing.has(index) && commitments.every(isDigest), "is of no event that seals ballots", place);
    const root = hex(new Tree(commitments.map((one) => leafHash(unhex(one)))).root());
    const same = canonicalText(sealing.get(index).payload) === canonicalText({ ballots: commitments.length, root });
    demand(same, "does not hold the ballots that were sealed", place);
    demand(index < vote.index, "seals ballots after the vote was counted", place);
    for (const one of commitments) all.push([one]);
  }
  all.sort((left, right) => compareRows(left, right, 1));
  const own = [...ballots.keys()];
  const same = all.length === own.length && all.every(([one], n) => one === own[n]);
  demand(same, "seals other ballots than those of the vote", BATCHES);
}
