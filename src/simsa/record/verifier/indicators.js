// Indicators: the number of each entry, and its points.

import { NOT_SUBMITTED, evaluate } from "./formulas.js";
import { ONE, Rational, ZERO, limited, rounded, whole } from "./rationals.js";

// The number of `source` (an indicator or an adjustment) for one entry: a Rational, or the word for why there is none.
export function numberOf(rules, criterion, { field, formula }, entry, reported) {
  const ask = (name) => reported.get(entry, criterion, name) ?? NOT_SUBMITTED;
  if (!formula) return ask(field);
  return evaluate(formula, (name) => rules.constants.get(name) ?? ask(name), `entry ${entry}, criterion ${criterion}`);
}

// The points of each entry's number; the word stays where there is none.
export function pointsOf(rule, numbers, entries) {
  const compared = rule.method === "rank" || rule.method === "percentile" ? fieldsOf(rule, numbers, entries) : null;
  return numbers.map((number, entry) => {
    if (!(number instanceof Rational)) return number;
    return rounded(compared ? byPlace(rule, compared(entry)) : alone(rule, number), rule.round);
  });
}

const byPlace = (rule, share) => (rule.steps.length ? inSteps(rule, share.times(whole(100))) : between(rule, share));

function alone(rule, number) {
  if (rule.method === "linear") return between(rule, onLine(rule, number));
  if (rule.method === "target") return between(rule, ofTarget(rule, number));
  return rule.method === "step" ? inSteps(rule, number) : number;
}

const between = ({ points_min, points_max }, share) => points_min.plus(points_max.minus(points_min).times(share));

const onLine = ({ worst, best }, number) => limited(number.minus(worst).over(best.minus(worst)), ZERO, ONE);

function ofTarget({ better, target, cap }, number) {
  if (better === "higher") return limited(number.over(target), ZERO, cap);
  return number.n > 0n ? limited(target.over(number), ZERO, cap) : cap;
}

function inSteps({ steps, boundary, base }, number) {
  const reached = steps.filter(({ at }) => number.compare(at) > (boundary === "above" ? -1 : 0));
  return reached.length ? reached.at(-1).points : base;
}

// A function of the entry's position: its share of the points, by its place among the others.
function fieldsOf(rule, numbers, entries) {
  const fields = new Map();
  numbers.forEach((number, entry) => {
    if (!(number instanceof Rational)) return;
    const field = rule.within === "group" ? entries[entry].group : "";
    if (!fields.has(field)) fields.set(field, []);
    fields.get(field).push(entry);
  });
  const shares = new Map();
  const sign = rule.better === "higher" ? -1 : 1;
  for (const members of fields.values()) {
    members.sort((a, b) => sign * numbers[a].compare(numbers[b]));
    for (let start = 0, end = 0; start < members.length; start = end) {
      while (end < members.length && numbers[members[end]].equals(numbers[members[start]])) end += 1;
      const share = (rule.method === "rank" ? byRank : byPercentile)(rule, start, end, members.length);
      for (const entry of members.slice(start, end)) shares.set(entry, share);
    }
  }
  return (entry) => shares.get(entry);
}

// Equals at positions from `start` to before `end`, the best first, of `size` numbers.
function byRank({ ties }, start, end, size) {
  if (size === 1) return ONE;
  const rank = ties === "best" ? whole(start + 1) : Rational.of(BigInt(start + 1 + end), 2n);
  return whole(size).minus(rank).over(whole(size - 1));
}

function byPercentile({ counts }, start, end, size) {
  const twice = { worse: 2 * (size - end), middle: 2 * size - start - end, not_better: 2 * (size - start) };
  return Rational.of(BigInt(twice[counts]), BigInt(2 * size));
}
