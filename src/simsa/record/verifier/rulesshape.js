// The shape of rules in canonical form: keys, kinds of values, and what of one table goes with what. A key that is not
// known here, or a default that is written out, is refused: nobody could say what such rules mean.

import { compareTexts } from "./bytes.js";
import { demand } from "./faults.js";
import { isWord, parseFormula } from "./formulas.js";
import { canonicalText } from "./json.js";
import { ONE, parseDecimal } from "./rationals.js";
import { isCount, isList, isObject, isText, keys } from "./shapes.js";

export const WORDS = ["not_submitted", "not_applicable", "abstained", "recused"];
const MOMENTS = ["call", "deadline", "grace_until", "scoring_from", "scoring_until", "objections_until", "announcement"];

const IDENTIFIER = /^[A-Za-z0-9_\u{a1}-\u{10ffff}][A-Za-z0-9_.\u{a1}-\u{10ffff}-]{0,63}$/u;
const ZONE = /^(?=.{1,64}$)[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/;
const LONGEST = 30; // characters of a number
const MOST = 10 ** 9; // of what is counted

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

// What `read` gives, of which every one of `tests` = {what is wrong: test} holds.
const such = (read, tests) => (value, place) => {
  const found = read(value, place);
  for (const [wrong, test] of Object.entries(tests)) demand(test(found), wrong, place);
  return found;
};

const a = (check, what) => (value, place) => {
  demand(check(value), `is no ${what}`, place);
  return value;
};
const text = a((value) => isText(value) && value !== "", "text, or empty");
const identifier = a((value) => isText(value) && IDENTIFIER.test(value), "identifier");
const flag = a((value) => typeof value === "boolean", "truth value");
const one = (...words) => a((value) => words.includes(value), `word among ${words.join(", ")}`);
const count = (least = 0, most = MOST) =>
  a((value) => isCount(value) && least <= value && value <= most, `whole number from ${least} to ${most}`);
const nullable = (read) => (value, place) => (value === null ? null : read(value, place));
const list = (read) => (value, place) => a(isList, "list")(value, place).map((item, n) => read(item, `${place}[${n}]`));
const map = (read, word = isText) => (value, place) => {
  demand(isObject(value), "is no object", place);
  const pair = (key) => [a(word, "key that is known here")(key, place), read(value[key], `${place}.${key}`)];
  return new Map(Object.keys(value).map(pair));
};
const filled = { "has nothing in it": (found) => found.size > 0 };

const number = (value, place) => {
  demand(isText(value) && value.length <= LONGEST, `is no text of at most ${LONGEST} characters`, place);
  return parseDecimal(value, place);
};
const positive = such(number, { "is not above 0": ({ n }) => n > 0n });
const notNegative = such(number, { "is below 0": ({ n }) => n >= 0n });
const share = such(positive, { "is above 1": ({ n, d }) => n <= d });
const partly = such(positive, { "is not below 1": ({ n, d }) => n < d });

function isMoment(value) {
  if (!isText(value) || !/^\d{4}-/.test(value) || value.startsWith("0000")) return false;
  const at = new Date(`${value}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString() === `${value}.000Z`;
}

const name = table({ by_language: [such(map(text), filled)] });
const rounding = table({ places: [count(0, 12)], mode: [one("half_up", "half_even", "down"), "half_up"] });
const instead = [one("no_result", "mean", "median", "refuse"), "no_result"];
const effects = map(
  such(table({ kind: [one("leave_out", "no_result", "refuse", "value")], value: [number, null] }), {
    "has a value, or none, against its kind": (it) => (it.kind === "value") === (it.value !== null),
  }),
  (key) => WORDS.includes(key),
);
const range = such(table({ min: [count(), null], max: [count(), null] }), {
  "has a least above its most": ({ min, max }) => min === null || max === null || min <= max,
});

const even = { min: [number], max: [number], step: [positive] };
const evenly = {
  "has no max above min": ({ min, max }) => min.compare(max) < 0,
  "has a step that does not lead from min to max": ({ min, max, step }) => max.minus(min).over(step).d === 1n,
};
const scale = such(table(even), evenly);

export const isEven = ({ min, max, step }, mark) =>
  min.compare(mark) <= 0 && mark.compare(max) <= 0 && mark.minus(min).over(step).d === 1n;
const anchor = table({ at: [number], name: [name], description: [name, null] });
const anchored = such(table({ ...even, anchors: [list(anchor), []] }), {
  ...evenly,
  "has an anchor that is not on it": (it) => it.anchors.every(({ at }) => isEven(it, at)),
  "has anchors out of order, or twice": ({ anchors }) =>
    anchors.every(({ at }, n) => !n || anchors[n - 1].at.compare(at) < 0),
});
const LEVEL = /^[!-~\u{a1}-\u{10ffff}]{1,64}$/u;
const level = table({
  id: [a((value) => isText(value) && LEVEL.test(value), "name of a level")],
  name: [name],
  value: [number],
  description: [name, null],
});
const oneWay = (levels, way) => levels.every(({ value }, n) => !n || levels[n - 1].value.compare(value) === way);
const levelled = such(table({ levels: [list(level)] }), {
  "has fewer than two levels": ({ levels }) => levels.length > 1,
  "has two levels of one name": ({ levels }) => new Set(levels.map(({ id }) => id)).size === levels.length,
  "has values that neither only fall nor only rise": ({ levels }) => oneWay(levels, -1) || oneWay(levels, 1),
});
// The marks of a criterion: in even steps, or levels.
const marks = (value, place) => (isObject(value) && "levels" in value ? levelled : anchored)(value, place);

const formula = (value, place) => parseFormula(text(value, place), place);

const step = table({ at: [number], points: [number] });

const stepped = ({ method, steps }) => method === "step" || (method === "percentile" && steps.length > 0);

const indicator = such(
  table({
    method: [one("rank", "percentile", "linear", "target", "step", "formula", "reported")],
    field: [text, null],
    formula: [formula, null],
    better: [one("higher", "lower"), "higher"],
    within: [one("group", "round"), "group"],
    ties: [one("mean", "best"), "mean"],
    counts: [one("worse", "middle", "not_better"), null],
    points_min: [number, "0"],
    points_max: [number, "100"],
    worst: [number, null],
    best: [number, null],
    target: [positive, null],
    cap: [number, "1"],
    steps: [list(step), []],
    boundary: [one("above", "below"), null],
    base: [number, "0"],
    round: [rounding, null],
  }),
  {
    "is not computed from a field or a formula, as its method says": ({ method, field, formula }) =>
      (field === null) !== (formula === null) && (field ? method !== "formula" : method !== "reported"),
    "says what is better and does not ask": ({ method, better }) =>
      ["rank", "percentile", "target"].includes(method) || better === "higher",
    "says how to compare and does not": ({ method, within, ties }) =>
      (["rank", "percentile"].includes(method) || within === "group") && (method === "rank" || ties === "mean"),
    "does not say whom it counts, or counts nobody": ({ method, counts }) => (method === "percentile") === (counts !== null),
    "has points that are never given": (it) =>
      !(stepped(it) || it.method === "formula") || (it.points_min.zero && it.points_max.text === "100"),
    "has no line from worst to best": ({ method, worst, best }) =>
      method === "linear" ? worst && best && !worst.equals(best) : !worst && !best,
    "has no target, or none is asked": ({ method, target, cap }) =>
      (method === "target") === (target !== null) && (target ? cap.n >= cap.d : cap.equals(ONE)),
    "has no steps in order, or takes none": (it) =>
      stepped(it)
        ? it.steps.length && it.boundary && it.steps.every(({ at }, n) => !n || it.steps[n - 1].at.compare(at) < 0)
        : !it.steps.length && !it.boundary && it.base.zero,
  },
);

const combine = table({
  method: [one("sum", "weighted_sum", "mean", "median", "min", "max")],
  weights_sum: [positive, "1"],
  round: [rounding, null],
});

const aggregate = such(
  table({
    method: [one("mean", "median", "trimmed_mean", "consensus")],
    drop_high: [count(), 0],
    drop_low: [count(), 0],
    ties: [one("one", "all"), "one"],
    minimum: [count(1), 1],
    below_minimum: instead,
    spread: [notNegative, "0"],
    otherwise: instead,
    round: [rounding, null],
  }),
  {
    "says what to drop and does not": (it) =>
      it.method === "trimmed_mean" || (!it.drop_high && !it.drop_low && it.ties === "one"),
    "says what consensus is and asks for none": (it) =>
      it.method === "consensus" || (it.spread.zero && it.otherwise === "no_result"),
    "drops as many as it needs": (it) => it.minimum > it.drop_high + it.drop_low,
  },
);

const factor = such(
  table({
    value: [number, null],
    by_group: [such(map(number), filled), null],
    field: [text, null],
    allowed: [list(number), []],
  }),
  {
    "is not one of value, by_group and field": (it) =>
      [it.value, it.by_group, it.field].filter((said) => said !== null).length === 1,
    "allows what is not reported": (it) => it.field !== null || !it.allowed.length,
    "allows numbers out of order": ({ allowed }) => allowed.every((it, n) => !n || allowed[n - 1].compare(it) <= 0),
  },
);

const criterion = table({
  id: [identifier],
  name: [name],
  parent: [nullable(text)],
  weight: [notNegative, null],
  scale: [marks, null],
  indicator: [indicator, null],
  combine: [combine, null],
  panel: [aggregate, null],
  factor: [factor, null],
  round: [rounding, null],
  at_least: [number, null],
  at_most: [number, null],
  missing: [effects, {}],
  description: [name, null],
});

const quota = such(
  table({
    count: [count(), null],
    share: [share, null],
    rounding: [one("down", "half_up", "up"), "down"],
    best: [flag, false],
  }),
  {
    "is not one of count, share and best": (it) =>
      [it.count !== null, it.share !== null, it.best].filter(Boolean).length === 1,
    "rounds what is no share": (it) => it.share !== null || it.rounding === "down",
  },
);

const group = table({
  id: [a((value) => value === "*" || (isText(value) && IDENTIFIER.test(value)), "identifier, nor *")],
  name: [name],
  quota: [quota],
  size: [count(1), null],
  award_floor: [number, null],
  no_award: [flag, false],
  reserve: [count(), 0],
});

const tieBreak = such(
  table({
    criterion: [text, null],
    prefer: [one("higher", "lower"), "higher"],
    exact: [flag, false],
    lot: [flag, false],
  }),
  {
    "is not one of a criterion and a lot": (it) => it.lot === (it.criterion === null),
    "says more than a lot can": (it) => !it.lot || (it.prefer === "higher" && !it.exact),
  },
);

const adjustment = such(
  table({
    id: [identifier],
    name: [name],
    kind: [one("deduction", "bonus")],
    criterion: [text],
    field: [text, null],
    formula: [formula, null],
    each: [notNegative],
    cap: [notNegative, null],
    missing: [one("none", "refuse"), "refuse"],
    round: [rounding, null],
  }),
  { "is not one of field and formula": ({ field, formula }) => (field === null) !== (formula === null) },
);

const ascending = (values) => values.every((value, n) => !n || compareTexts(values[n - 1], value) < 0);
const panelKind = table({
  id: [identifier],
  name: [name],
  reviewer: [text],
  per_entry: [such(range, { "sets no limit": ({ min, max }) => min !== null || max !== null })],
  values: [such(list(text), { "are not in order, or there twice": ascending }), []],
});

const panel = table({
  size: [range, {}],
  sheets_per_entry: [range, {}],
  load: [range, {}],
  kinds: [list(panelKind), []],
});

const conflict = such(
  table({
    id: [identifier],
    name: [name],
    kind: [one("same", "declared")],
    reviewer: [text, null],
    entrant: [text, null],
  }),
  {
    "has fields, or none, against its kind": (it) =>
      [it.reviewer, it.entrant].every((field) => (field !== null) === (it.kind === "same")),
  },
);

const calibration = such(
  table({
    official: [flag, false],
    reviewers: [one("own", "alike"), "own"],
    digits: [count(2, 12), 4],
    round: [rounding, null],
  }),
  { "rounds what is not official, or does not round what is": (it) => it.official === (it.round !== null) },
);

const day = a((value) => isText(value) && /^\d{4}-\d{2}-\d{2}$/.test(value) && isMoment(`${value}T00:00:00`), "day");
const currency = a((value) => isText(value) && /^[A-Z]{3}$/.test(value), "code of a currency");
const entryForm = such(
  table({
    text_limit: [count(1, 100_000), 4000],
    cases: [range, { max: 10, min: 0 }],
    files: [count(0, 100), 10],
    mebibytes: [count(1, 4096), 50],
    zip: [flag, false],
    peers: [one("none", "view", "object"), "none"],
    currency: [currency, null],
    exchange: [list(table({ currency: [currency], rate: [positive], date: [day] })), []],
  }),
  {
    "has rates, and no currency to convert to": (it) => it.currency !== null || !it.exchange.length,
    "has two rates for one currency": (it) => {
      const named = [it.currency, ...it.exchange.map((one) => one.currency)];
      return new Set(named).size === named.length;
    },
  },
);

const others = [one("scoring", "meeting", "closed", "announced", "never"), "never"];
const afterwards = [one("closed", "announced", "never"), "never"];
const fromMeeting = [one("meeting", "closed", "announced", "never"), "never"];
const sight = table({
  reviewer: [
    table({
      entrant: [one("always", "scoring", "meeting", "closed", "announced"), "always"],
      reviewers: others,
      marks: others,
      comments: others,
    }),
    {},
  ],
  entrant: [table({ reviewers: afterwards, marks: afterwards, comments: afterwards }), {}],
  observer: [table({ reviewers: fromMeeting, marks: fromMeeting, comments: fromMeeting }), {}],
});

const moment = a(isMoment, "moment");
const MOST_MARKS = 101;
const vote = such(
  table({
    voters: [one("public", "invited")],
    ballot: [one("ranked", "approval", "score")],
    opens: [moment],
    closes: [moment],
    choices: [range, { max: 3, min: 1 }],
    points: [list(notNegative), []],
    scale: [scale, null],
  }),
  {
    "lets a ballot name nobody": ({ choices }) => choices.min > 0,
    "does not say how many places are ranked": ({ ballot, choices }) =>
      ballot !== "ranked" || (choices.max !== null && choices.max >= 1 && choices.max <= MOST_MARKS),
    "has points for other places than are ranked, or points that rise": ({ ballot, points, choices }) =>
      !points.length ||
      (ballot === "ranked" &&
        points.length === choices.max &&
        points.every((it, n) => !n || points[n - 1].compare(it) >= 0)),
    "has a scale and asks for no marks, or the other way round": ({ ballot, scale }) =>
      (ballot === "score") === (scale !== null),
    "has too many marks": ({ scale }) =>
      scale === null || scale.max.minus(scale.min).over(scale.step).n < BigInt(MOST_MARKS),
    "closes before it opens": ({ opens, closes }) => compareTexts(opens, closes) < 0,
  },
);

const meeting = table({
  criterion: [text, "total"],
  spread: [positive, null],
  marks: [one("stay", "change"), "stay"],
});

export const layout = table({
  simsa_rules: [a((value) => value === 1, "version that is known here")],
  id: [identifier],
  name: [name],
  time_zone: [a((value) => isText(value) && ZONE.test(value), "name of a time zone")],
  language: [one("ko", "en")],
  groups: [
    such(list(group), {
      "has none": (groups) => groups.length > 0,
      "has others beside *": (groups) => groups.length === 1 || groups.every(({ id }) => id !== "*"),
    }),
  ],
  criteria: [list(criterion)],
  missing: [such(effects, { "do not say what each word does": (found) => found.size === WORDS.length })],
  rank_by: [text, "total"],
  tie_breaks: [list(tieBreak), []],
  thresholds: [list(table({ criterion: [text], at_least: [number], groups: [list(text), []] })), []],
  adjustments: [list(adjustment), []],
  adjustment_caps: [map(notNegative, (key) => key === "bonus" || key === "deduction"), {}],
  panel: [panel, {}],
  conflicts: [list(conflict), []],
  schedule: [table({ moments: [map(moment, (key) => MOMENTS.includes(key)), {}] }), {}],
  entries: [entryForm, {}],
  vote: [vote, null],
  sight: [sight, {}],
  meeting: [meeting, null],
  programme: [text, null],
  lottery: [
    table({
      confidence: [such(partly, { "is below 0.5": ({ n, d }) => 2n * n >= d })],
      draws: [count(1000, 1_000_000), 4000],
    }),
    null,
  ],
  adaptive: [
    table({
      held_back: [partly],
      batches: [count(1, 20), 3],
      most_per_entry: [count(1), null],
      least_gain: [notNegative, "0"],
    }),
    null,
  ],
  calibration: [calibration, {}],
  constants: [map(number, isWord), {}],
  units: [map(text), {}],
});
