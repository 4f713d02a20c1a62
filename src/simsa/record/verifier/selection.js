// Who is selected, and why: the standings, groups and lots that follow from values and scores.

import { compareBytes, compareTexts, lot } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { whole } from "./rationals.js";

const TIED_NAMED = 20;
const BARRED = ["no_result", "threshold", "award_floor"];

const same = (left, right) => (left === null ? right === null : left.equals(right));
const textOf = (number) => (number === null ? null : number.text);

// How many places a quota gives a group.
export function placesOf(quota, size) {
  if (quota.best) return Math.min(1, size);
  if (quota.count !== null) return Math.min(quota.count, size);
  const wanted = quota.share.times(whole(size));
  const down = wanted.n / wanted.d;
  const rest = wanted.n % wanted.d;
  const up = quota.rounding === "up" ? rest > 0n : quota.rounding === "half_up" && 2n * rest >= wanted.d;
  return Math.min(Number(up ? down + 1n : down), size);
}

// `entries`: [{id, group, score, values: {node: number}, exact, zone}] by id, numbers Rationals or null. Returns
// {standings: [{entry, group, outcome, rank, score, reason}], groups, lots} with numbers as texts.
export function select(rules, entries, seed) {
  const members = new Map(rules.groups.filter(({ id }) => id !== "*").map(({ id }) => [id, []]));
  const others = [...new Set(entries.map((entry) => entry.group))].filter((id) => !members.has(id)).sort(compareTexts);
  for (const id of others) members.set(id, []);
  for (const entry of entries) members.get(entry.group).push(entry);
  const found = { standings: [], groups: [], lots: [] };
  const lotteries = [];
  for (const [id, own] of members) {
    const rule = rules.group(id);
    demand(rule, "is not in the rules", `the group ${id}`);
    const desk = new Desk(rules, rule, id, own, seed);
    desk.fill();
    if (rules.lottery) lotteries.push(...tieZone(desk));
    found.standings.push(...desk.standings);
    found.groups.push(desk.result);
    found.lots.push(...desk.lots);
  }
  return { ...found, lots: [...found.lots, ...lotteries] };
}

class Desk {
  constructor(rules, rule, name, members, seed) {
    Object.assign(this, { rules, rule, name, members, seed });
    this.places = placesOf(rule.quota, members.length);
    this.scored = members.filter((entry) => entry.score !== null);
    this.size = this.scored.length;
    this.lots = [];
    this.alike = new Map();
  }

  fill() {
    this.bars = new Map(this.scored.map((entry) => [entry, this.bar(entry)]).filter(([, bar]) => bar));
    const ranking = this.ranking();
    this.order = ranking.map(([, entry]) => entry).filter((entry) => !this.bars.has(entry));
    this.position = new Map(this.order.map((entry, position) => [entry, position]));
    const chosen = this.order.slice(0, this.places);
    const line = chosen.length ? textOf(chosen.at(-1).score) : null;
    const { reserve } = this.rule;
    this.lines = this.linesThatCount();
    const sharing = new Map();
    for (const [rank] of ranking) sharing.set(rank, (sharing.get(rank) ?? 0) + 1);
    const tallyRanks = this.tallyRanks();
    this.standings = ranking.map(([rank, entry]) => {
      const at = this.position.get(entry) ?? Infinity;
      const position = at >= this.places && at < this.places + reserve ? at - this.places + 1 : null;
      const outcome = at < this.places ? "selected" : position !== null ? "reserve" : "not_selected";
      const why = this.bars.get(entry) ?? this.why(entry);
      const score = textOf(entry.score);
      const own = { rank, score, line, position, shared: sharing.get(rank) - 1, ...tallyRanks.get(entry) };
      return { entry: entry.id, group: this.name, outcome, rank, score, reason: this.reason({ ...why, ...own }) };
    });
    for (const entry of this.members.filter((one) => one.score === null)) {
      const reason = this.reason({ cause: "no_result", line, criterion: this.rules.rank_by });
      this.standings.push({
        entry: entry.id, group: this.name, outcome: "not_selected", rank: null, score: null, reason,
      });
    }
    const empty = this.places - chosen.length;
    this.result = { group: this.name, size: this.members.length, places: this.places, empty, line };
  }

  reason(told) {
    return {
      cause: "rank", rank: null, size: this.size, places: this.places, score: null, line: null, criterion: null,
      limit: null, position: null, tied_with: [], tied: 0, shared: 0, drawn: 0, tally: null, tally_rank: null, ...told,
    };
  }

  bar(entry) {
    for (const { criterion, at_least: limit, groups } of this.rules.thresholds) {
      if (groups.length && !groups.includes(this.name)) continue;
      const value = entry.values[criterion];
      if (value === null || value.compare(limit) < 0) return { cause: "threshold", criterion, limit: limit.text };
    }
    const floor = this.rule.award_floor;
    return floor && entry.score.compare(floor) < 0 ? { cause: "award_floor", limit: floor.text } : null;
  }

  // Ranks and entries, best first.
  ranking() {
    const ranking = [];
    let before = 0;
    for (const block of this.blocks()) {
      const able = block.filter((entry) => !this.bars.has(entry));
      const matters = before < this.places + this.rule.reserve && before + able.length > this.places;
      let rest = block;
      if (able.length > 1 && matters) {
        for (const entry of this.draw(able)) ranking.push([ranking.length + 1, entry]);
        rest = block.filter((entry) => this.bars.has(entry));
      }
      const rank = ranking.length + 1;
      for (const entry of rest) ranking.push([rank, entry]);
      before += able.length;
    }
    return ranking;
  }

  draw(able) {
    if (this.seed === null) throw new Fault("a lot has to be drawn and there is no seed", `the group ${this.name}`);
    const drawn = drawnOrder(able.map(({ id }) => id), this.seed, this.name);
    this.lots.push(drawn);
    const entries = new Map(able.map((entry) => [entry.id, entry]));
    return drawn.map((id) => entries.get(id));
  }

  // Entries with a score, best first, in blocks that only a lot could part.
  blocks() {
    const steps = this.rules.tie_breaks.filter((step) => !step.lot);
    const order = (a, b) => {
      const byScore = b.score.compare(a.score);
      if (byScore) return byScore;
      for (const step of steps) {
        const [x, y] = [this.asked(step, a), this.asked(step, b)];
        if (same(x, y)) continue;
        if (x === null || y === null) return x === null ? 1 : -1;
        return (step.prefer === "higher" ? -1 : 1) * x.compare(y);
      }
      return 0;
    };
    const blocks = [];
    for (const entry of [...this.scored].sort(order)) { // stable: equals stay by id
      const last = blocks.at(-1);
      if (last && order(last[0], entry) === 0) last.push(entry);
      else blocks.push([entry]);
    }
    return blocks;
  }

  asked(step, entry) {
    return (step.exact ? entry.exact : entry.values)[step.criterion];
  }

  linesThatCount() {
    const found = [];
    const last = Math.min(this.places + this.rule.reserve, this.order.length - 1);
    for (let line = Math.max(1, this.places); this.places && line <= last; line += 1) {
      if (same(this.order[line - 1].score, this.order[line].score)) found.push(line);
    }
    return found;
  }

  // What parted an unbarred entry from those with its score.
  why(entry) {
    const position = this.position.get(entry);
    const away = (line) => Math.abs(2 * line - 2 * position - 1);
    const lines = this.lines.filter((line) => same(this.order[line].score, entry.score));
    if (!lines.length) return {};
    const nearest = Math.min(...lines.map(away));
    const steps = lines
      .filter((line) => away(line) === nearest)
      .map((line) => this.parting(entry, this.order[position < line ? line : line - 1]));
    const step = steps.find((one) => one.lot) ?? steps[0];
    const level = this.level(entry, step);
    const told = { tied: level.length - 1, tied_with: namesBut(entry.id, level.map(({ id }) => id)) };
    return step.lot ? { ...told, cause: "lot" } : { ...told, cause: "tie_break", criterion: step.criterion };
  }

  parting(one, other) {
    return this.rules.tie_breaks.find((step) => step.lot || !same(this.asked(step, one), this.asked(step, other)));
  }

  // The unbarred that were still equal to an entry when a step was asked, in their order.
  level(entry, step) {
    const before = this.rules.tie_breaks.slice(0, this.rules.tie_breaks.indexOf(step));
    const key = (one) => JSON.stringify([one.score.text, ...before.map((asked) => textOf(this.asked(asked, one)))]);
    if (!this.alike.has(step)) {
      const levels = new Map();
      for (const one of this.order) {
        if (!levels.has(key(one))) levels.set(key(one), []);
        levels.get(key(one)).push(one);
      }
      this.alike.set(step, levels);
    }
    return this.alike.get(step).get(key(entry));
  }

  // Where the calibrated score is official: the tally, and the rank in it.
  tallyRanks() {
    if (!this.rules.calibration.official) return new Map();
    const value = (entry) => entry.values[this.rules.rank_by];
    const ordered = [...this.scored].sort((a, b) => value(b).compare(value(a)));
    const found = new Map();
    ordered.forEach((entry, n) => {
      const equal = n > 0 && same(value(entry), value(ordered[n - 1]));
      const tally_rank = equal ? found.get(ordered[n - 1]).tally_rank : n + 1;
      found.set(entry, { tally: value(entry).text, tally_rank });
    });
    return found;
  }
}

// Identifiers of entries in the order of their lots.
function drawnOrder(ids, seed, label) {
  const lots = new Map(ids.map((id) => [id, lot(seed, label, id)]));
  return [...ids].sort((a, b) => compareBytes(lots.get(a), lots.get(b)));
}

// The first of the others: so many are named, how many there were is told beside them.
const namesBut = (own, names) => names.slice(0, TIED_NAMED + 1).filter((name) => name !== own).slice(0, TIED_NAMED);

// Fills the places of the tie zone by lot, in the desk's standings; returns the order drawn, if lots were.
function tieZone(desk) {
  if (desk.seed === null) throw new Fault("lots have to be drawn and there is no seed", `the group ${desk.name}`);
  const zones = new Map(desk.members.map((entry) => [entry.id, entry.zone]));
  const able = desk.standings.filter(({ reason }) => !BARRED.includes(reason.cause));
  for (const { entry } of able) demand(zones.get(entry), "has no zone", `the entry ${entry}`);
  const agreed = ({ entry, outcome }) => zones.get(entry) === (outcome === "selected" ? "certain" : "out");
  const drawing = able.filter((standing) => !agreed(standing)).map(({ entry }) => entry);
  const agreeing = able.filter(agreed);
  const certain = agreeing.filter(({ outcome }) => outcome === "selected").length;
  const left = desk.result.places - desk.result.empty - certain;
  if (!(left > 0 && left < drawing.length)) return [];
  const drawn = drawnOrder(drawing, desk.seed, `tie zone ${desk.name}`);
  const out = agreeing.filter(({ outcome }) => outcome !== "selected").map(({ entry }) => entry);
  const behind = new Map([...drawn.slice(left), ...out].map((entry, n) => [entry, n + 1]));
  const drew = new Set(drawing);
  for (const { reason } of desk.standings) Object.assign(reason, { line: null, position: null });
  for (const standing of able) {
    const { entry, reason } = standing;
    const position = behind.get(entry) ?? null;
    const reserve = position !== null && position <= desk.rule.reserve;
    standing.outcome = position === null ? "selected" : reserve ? "reserve" : "not_selected";
    reason.cause = drew.has(entry) ? "lottery" : position === null ? "certain" : "out";
    const tied = drew.has(entry) ? { tied: drawing.length - 1, tied_with: namesBut(entry, drawing) } : {};
    Object.assign(reason, { criterion: null, drawn: left, tied: 0, tied_with: [], ...tied });
    if (reserve) reason.position = position;
  }
  desk.result.line = null;
  return [drawn];
}
