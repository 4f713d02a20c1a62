// The rules of a round, from rules/<hash>.json: what the verifier has to compute by. A key that it does not know, or a
// default that is written out, is refused: it could not say what such rules mean.

import { demand } from "./faults.js";
import { canonicalText } from "./json.js";
import { parseDecimal } from "./rationals.js";
import { isCount, isFilled, isList, isObject, isText, keys } from "./shapes.js";

export const WORDS = ["not_submitted", "not_applicable", "abstained", "recused"];
const DEEPEST = 50;

// An object with these keys: `fields[key]` = [reader] where the key has to be there, [reader, default] where not.
const table = (fields) => (value, place) => {
  const names = Object.keys(fields);
  keys(value, names.filter((name) => fields[name].length === 1), place, names);
  const found = {};
  for (const name of names) {
    const [read, otherwise] = fields[name];
    if (name in value) {
      const written = otherwise !== undefined && canonicalText(value[name]) === canonicalText(otherwise);
      demand(!written, `${name} has its default written out`, place);
      found[name] = read(value[name], `${place}, ${name}`);
    } else {
      found[name] = otherwise === null ? null : read(otherwise, place);
    }
  }
  return found;
};

const a = (check, what) => (value, place) => {
  demand(check(value), `is no ${what}`, place);
  return value;
};
const text = a(isText, "text");
const count = a(isCount, "count");
const flag = a((value) => typeof value === "boolean", "truth value");
const anything = (value) => value;
const one = (...words) => a((value) => words.includes(value), `word among ${words.join(", ")}`);
const number = parseDecimal;
const nullable = (read) => (value, place) => (value === null ? null : read(value, place));
const list = (read) => (value, place) => a(isList, "list")(value, place).map((item, n) => read(item, `${place}[${n}]`));
const map = (read) => (value, place) => {
  demand(isObject(value), "is no object", place);
  return new Map(Object.keys(value).map((key) => [key, read(value[key], `${place}.${key}`)]));
};

const filled = a(isFilled, "text that says something");
const name = table({
  by_language: [
    (value, place) => {
      const read = map(filled)(value, place);
      demand(read.size, "has no name", place);
      return read;
    },
  ],
});
const MOST_PLACES = 100;
const places = a((value) => isCount(value) && value <= MOST_PLACES, "number of places");
const rounding = table({ places: [places], mode: [one("half_up", "half_even", "down"), "half_up"] });
const instead = [one("no_result", "mean", "median", "refuse"), "no_result"];
const effect = table({ kind: [one("leave_out", "no_result", "refuse", "value")], value: [number, null] });
const effects = map(effect);

const criterion = table({
  id: [text],
  name: [name],
  parent: [nullable(text)],
  weight: [number, null],
  scale: [table({ min: [number], max: [number], step: [number] }), null],
  indicator: [
    table({
      method: [one("rank", "linear", "reported")],
      field: [text],
      better: [one("higher", "lower"), "higher"],
      within: [one("group", "round"), "group"],
      ties: [one("mean", "best"), "mean"],
      points_min: [number, "0"],
      points_max: [number, "100"],
      worst: [number, null],
      best: [number, null],
    }),
    null,
  ],
  combine: [
    table({
      method: [one("sum", "weighted_sum", "mean", "median", "min", "max")],
      weights_sum: [number, "1"],
      round: [rounding, null],
    }),
    null,
  ],
  panel: [
    table({
      method: [one("mean", "median", "trimmed_mean", "consensus")],
      drop_high: [count, 0],
      drop_low: [count, 0],
      ties: [one("one", "all"), "one"],
      minimum: [count, 1],
      below_minimum: instead,
      spread: [number, "0"],
      otherwise: instead,
      round: [rounding, null],
    }),
    null,
  ],
  factor: [
    table({ value: [number, null], by_group: [map(number), null], field: [text, null], allowed: [list(number), []] }),
    null,
  ],
  round: [rounding, null],
  at_least: [number, null],
  at_most: [number, null],
  missing: [effects, null],
  description: [name, null],
});

const group = table({
  id: [text],
  name: [name],
  quota: [
    table({
      count: [count, null],
      share: [number, null],
      rounding: [one("down", "half_up", "up"), "down"],
      best: [flag, false],
    }),
  ],
  size: [count, null],
  award_floor: [number, null],
  no_award: [flag, false],
  reserve: [count, 0],
});

const layout = table({
  simsa_rules: [a((value) => value === 1, "version that is known here")],
  id: [text],
  name: [name],
  time_zone: [text],
  language: [one("ko", "en")],
  groups: [list(group)],
  criteria: [list(criterion)],
  missing: [effects],
  rank_by: [text, "total"],
  tie_breaks: [
    list(
      table({
        criterion: [text, null],
        prefer: [one("higher", "lower"), "higher"],
        exact: [flag, false],
        lot: [flag, false],
      }),
    ),
    [],
  ],
  thresholds: [list(table({ criterion: [text], at_least: [number], groups: [list(text), []] })), []],
  adjustments: [
    list(
      table({
        id: [text],
        name: [name],
        kind: [one("deduction", "bonus")],
        criterion: [text],
        field: [text],
        each: [number],
        cap: [number, null],
        missing: [one("none", "refuse"), "refuse"],
        round: [rounding, null],
      }),
    ),
    [],
  ],
  adjustment_caps: [map(number), null],
  panel: [anything, {}],
  conflicts: [anything, []],
  schedule: [anything, {}],
  programme: [text, null],
  lottery: [table({ confidence: [number], draws: [count, 4000] }), null],
  adaptive: [anything, null],
  calibration: [
    table({
      official: [flag, false],
      reviewers: [one("own", "alike"), "own"],
      digits: [count, 4],
      round: [rounding, null],
    }),
    null,
  ],
});

const isStep = ({ min, step }, mark) => mark.minus(min).over(step).d === 1n;
const isScale = (scale) => scale.step.n > 0n && scale.min.compare(scale.max) < 0 && isStep(scale, scale.max);

export class Rules {
  constructor(content, place) {
    Object.assign(this, layout(content, place));
    this.calibration ??= { official: false, digits: 4, round: null };
    this.adjustment_caps ??= new Map();
    this.byId = new Map(this.criteria.map((node) => [node.id, node]));
    demand(this.byId.size === this.criteria.length, "name a criterion twice", place);
    this.below = new Map(this.criteria.map((node) => [node.id, []]));
    for (const node of this.criteria.filter((one) => one.parent !== null)) {
      demand(this.below.has(node.parent), `${node.parent} is no criterion`, place);
      this.below.get(node.parent).push(node);
    }
    const roots = this.criteria.filter((node) => node.parent === null);
    demand(roots.length === 1, "have no root, or several", place);
    [this.root] = roots;
    this.leaves = this.criteria.filter((node) => !this.children(node).length && !node.indicator);
    this.entryNodes = [];
    this.check(place);
  }

  children(node) {
    return this.below.get(node.id);
  }

  // The effect of a missing mark.
  effect(leaf, word) {
    return leaf.missing?.get(word) ?? this.missing.get(word);
  }

  group(id) {
    return this.groups.find((known) => known.id === id) ?? this.groups.find((known) => known.id === "*") ?? null;
  }

  // Names of a round, an entry: in the rules' language, else English, else the first by code.
  nameOf(names) {
    return names[this.language] || names.en || names[Object.keys(names).sort()[0]];
  }

  onScale({ scale }, mark) {
    return scale.min.compare(mark) <= 0 && mark.compare(scale.max) <= 0 && isStep(scale, mark);
  }

  // Whether the panel marks anything at or below a node.
  marked(node) {
    const children = this.children(node);
    return children.length ? children.some((child) => this.marked(child)) : !node.indicator;
  }

  check(place) {
    const seen = new Set();
    const walk = (node, sheet, depth) => {
      const where = `${place}, criterion ${node.id}`;
      demand(depth <= DEEPEST, "is nested too deeply", where);
      seen.add(node.id);
      if (!sheet) this.entryNodes.push(node);
      demand(!(sheet && (node.panel || node.indicator)), "a sheet's value has a panel or an indicator", where);
      const children = this.children(node);
      demand(children.length ? node.combine : node.scale || node.indicator, "has nothing to be computed from", where);
      demand(!node.scale || isScale(node.scale), "has no scale", where);
      const below = sheet || node.panel !== null;
      demand(children.length || node.indicator || below, "is never aggregated over the panel", where);
      demand(!(node.panel && node.indicator), "has a panel and an indicator", where);
      if (node.combine?.method === "weighted_sum") {
        demand(children.every((child) => child.weight), "combines children without a weight", where);
      }
      if (node.indicator?.method === "linear") {
        const { best, worst } = node.indicator;
        demand(best && worst && !best.equals(worst), "has no line from worst to best", where);
      }
      children.forEach((child) => walk(child, below, depth + 1));
    };
    walk(this.root, false, 0);
    demand(seen.size === this.criteria.length, "have criteria that lead nowhere", place);
    const entryLevel = new Set(this.entryNodes.map((node) => node.id));
    const named = [this.rank_by, ...this.thresholds.map((rule) => rule.criterion)];
    for (const step of this.tie_breaks) if (!step.lot) named.push(step.criterion);
    for (const rule of this.adjustments) named.push(rule.criterion);
    for (const id of named) demand(entryLevel.has(id), `${id} is no criterion of the entries`, place);
    const lots = this.tie_breaks.filter((step) => step.lot);
    demand(lots.length === 1 && this.tie_breaks.at(-1).lot, "have tie-breaks that do not end in a lot", place);
    for (const word of WORDS) demand(this.missing.has(word), `do not say what ${word} does`, place);
    const all = [this.missing, ...this.criteria.map((node) => node.missing ?? new Map())];
    for (const [word, rule] of all.flatMap((found) => [...found])) {
      const sound = WORDS.includes(word) && (rule.kind === "value") === (rule.value !== null);
      demand(sound, `say something of ${word} that is not understood`, place);
    }
    for (const { id, quota } of this.groups) {
      const ways = [quota.count !== null, quota.share !== null, quota.best].filter(Boolean).length;
      demand(ways === 1, `say nothing clear of how many are selected in ${id}`, place);
    }
    if (this.calibration.official) demand(this.calibration.round, "do not say how scores are rounded", place);
  }
}
