// Calibrated scores, given their components, rounded: proven to their last place.

import { compareTexts, hex } from "./bytes.js";
import { Fault, demand } from "./faults.js";
import { canonicalBytes } from "./json.js";
import { ONE, Rational, ZERO, parseDecimal, rounded } from "./rationals.js";
import { sha256 } from "./sha256.js";
import { isObject, keys } from "./shapes.js";
import { isNumber } from "./tally.js";

const PLACE = "openings/components.json";
const EDGE = 40n; // a score nearer to an edge of the rounding than 10^-40 of the last place lies on it
const BITS = [256, 512, 1024]; // beyond those of the last place
const MOST_STEPS = 20_000;
const SLACK = 1.001; // for what floating point loses in a bound

// Scores by entry (position), as Rationals or null. `read`: the components; `sheets`: [{entry, reviewer, total}], a
// total being any cell.
export function calibratedScores(read, { rules, hash, entries, sheets, reviewers }) {
  const counting = sheets.filter(({ total }) => isNumber(total));
  const components = parseComponents(read, rules.calibration.digits, reviewers, new Set(counting.map((s) => s.reviewer)));
  demand(components.rules_hash === hash, "is of other rules", PLACE);
  const rows = counting.map(({ entry, reviewer, total }) => [entries[entry].id, entries[entry].group, reviewer, total.text]);
  rows.sort((a, b) => a.map((text, n) => compareTexts(text, b[n])).find(Boolean) ?? 0);
  demand(components.sheets_hash === hex(sha256(canonicalBytes(rows))), "is of other sheets", PLACE);
  const scores = entries.map(() => null);
  if (!counting.length) return scores;
  const equations = new Equations(components, counting, entries);
  const { round } = rules.calibration;
  for (const bits of BITS) {
    const found = equations.solve(bits + 4 * round.places + 8).rounded(round);
    if (!found) continue;
    found.forEach((score, n) => {
      scores[equations.entries[n]] = score;
    });
    return scores;
  }
  throw new Fault("leads to a score whose rounding cannot be told", PLACE);
}

function parseComponents(read, digits, panel, counting) {
  const numbers = ["entrant", "reviewer", "residual", "scale_spread", "noise_spread"];
  keys(read, ["simsa_components", "rules_hash", "sheets_hash", ...numbers], PLACE, ["reviewers"]);
  demand(read.simsa_components === 1, "is of another version", PLACE);
  const number = (text, name) => {
    const found = parseDecimal(text, `${PLACE}, ${name}`);
    const significant = text.replace(".", "").replace(/^0+|0+$/g, "");
    demand(found.n >= 0n && significant.length <= digits, `${name} is below 0 or has too many digits`, PLACE);
    return found;
  };
  const found = { rules_hash: read.rules_hash, sheets_hash: read.sheets_hash };
  for (const name of numbers) {
    const open = read[name] === null && !name.endsWith("_spread");
    found[name] = open ? null : number(read[name], name);
  }
  const listed = read.reviewers ?? {};
  demand(isObject(listed), "has no list of reviewers", PLACE);
  const own = ["scale", "noise"].filter((name) => Object.values(listed).some((one) => isObject(one) && name in one));
  demand(!("reviewers" in read) || own.length, "lists reviewers without numbers", PLACE);
  found.of = new Map();
  for (const [code, one] of Object.entries(listed)) {
    demand(panel.has(code), `lists ${code}, who has no slot`, PLACE);
    keys(one, own, `${PLACE}, reviewer ${code}`);
    found.of.set(code, Object.fromEntries(own.map((name) => [name, number(one[name], `${name} of ${code}`)])));
  }
  for (const code of own.length ? counting : []) {
    const one = found.of.get(code);
    demand(one && own.every((name) => one[name].n > 0n), `has no number above 0 for ${code}, who wrote a sheet`, PLACE);
  }
  return found;
}

// The equations of means by group, qualities by entry, levels by reviewer. Given numbers are exact; the solution is in
// whole multiples of 2^-bits, solved in floating point and corrected by its exact residual.
class Equations {
  constructor(components, sheets, entries) {
    const index = (values) => new Map([...new Set(values)].map((value, n) => [value, n]));
    const byEntry = index(sheets.map((sheet) => sheet.entry));
    const byReviewer = index(sheets.map((sheet) => sheet.reviewer));
    const byGroup = index(sheets.map((sheet) => entries[sheet.entry].group));
    this.entries = [...byEntry.keys()];
    this.group = this.entries.map((entry) => byGroup.get(entries[entry].group));
    this.sizes = [byGroup.size, byEntry.size, byReviewer.size];
    const { residual } = components;
    const varies = residual !== null && !residual.zero;
    this.kq = varies ? (components.entrant ?? ZERO).over(residual) : ZERO;
    this.kl = varies ? (components.reviewer ?? ZERO).over(residual) : ZERO;
    const own = [...byReviewer.keys()].map((code) => components.of.get(code) ?? {});
    this.weight = own.map(({ noise }) => (varies && noise ? residual.over(noise) : ONE));
    this.scale = own.map(({ scale }) => (varies && scale ? scale : ONE));
    this.rows = sheets.map(({ entry, reviewer, total }) => {
      const [q, l] = [byEntry.get(entry), byReviewer.get(reviewer)];
      const [u, b] = [this.weight[l], this.scale[l]];
      // With residual (y - m - b q - l) over `unit`, and u = numerator / denominator.
      const unit = total.d * b.d;
      return { m: this.group[q], q, l, y: total.n * b.d, unit, slope: total.d * b.n, u, b };
    });
    this.counts = this.sizes.map((size) => new Float64Array(size));
    for (const { m, q, l } of this.rows) {
      this.counts[0][m] += 1;
      this.counts[1][q] += 1;
      this.counts[2][l] += 1;
    }
    this.floats();
  }

  floats() {
    const float = (number) => Number(number.n) / Number(number.d);
    const [kq, kl] = [float(this.kq), float(this.kl)];
    const [weight, scale] = [Float64Array.from(this.weight, float), Float64Array.from(this.scale, float)];
    const [groups, qualities, levels] = this.sizes;
    const size = groups + qualities + levels;
    const diagonal = new Float64Array(size);
    for (const { m, q, l } of this.rows) {
      diagonal[m] += weight[l];
      diagonal[groups + q] += weight[l] * scale[l] * scale[l];
      diagonal[groups + qualities + l] += weight[l];
    }
    const mass = diagonal.slice(0, groups);
    const most = (part) => part.reduce((a, b) => Math.max(a, b));
    const steepest = most(diagonal.slice(groups, groups + qualities));
    const fullest = most(diagonal.slice(groups + qualities));
    // See `bound`.
    this.most = 1 + kq * steepest + kl * fullest;
    this.load = Math.sqrt(this.most / mass.reduce((a, b) => Math.min(a, b))) + Math.sqrt(kq);
    demand(Number.isFinite(this.load), "has numbers that lie too far apart", PLACE);
    for (let i = 0; i < qualities; i += 1) diagonal[groups + i] += kq ? 1 / kq : 0;
    for (let i = 0; i < levels; i += 1) diagonal[groups + qualities + i] += kl ? 1 / kl : 0;
    Object.assign(this, { float: { kq, kl, weight, scale, diagonal, mass }, size });
  }

  solve(bits) {
    this.bits = BigInt(bits);
    this.solution = this.sizes.map((size) => Array(size).fill(0n));
    let before = Infinity;
    for (;;) {
      const residual = this.residual();
      const digits = bitsOf(residual.flat());
      if (digits <= 8 || digits > before - 3) return this;
      before = digits;
      // The residual's leading bits as floats; what they change, back in whole multiples.
      const shift = BigInt(Math.max(0, digits - 60));
      const change = this.conjugate(Float64Array.from(residual.flat(), (n) => Number(n >> shift)));
      const widest = change.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const fine = Math.max(0, 60 - Math.ceil(Math.log2(widest + 1)));
      let at = 0;
      this.solution = this.solution.map((part) =>
        part.map((n) => {
          const step = BigInt(Math.round(change[at] * 2 ** fine)) << shift;
          at += 1;
          return n + (step >> BigInt(fine));
        }),
      );
    }
  }

  // Right minus left side, each term rounded down to a whole multiple.
  residual() {
    const [means, qualities, levels] = this.solution;
    const found = this.sizes.map((size) => Array(size).fill(0n));
    for (const { m, q, l, y, unit, slope, u, b } of this.rows) {
      const left = (y << this.bits) - unit * (means[m] + levels[l]) - slope * qualities[q];
      const weighed = left * u.n;
      const over = unit * u.d;
      const term = floor(weighed, over);
      found[0][m] += term;
      if (this.kq.n) found[1][q] += floor(weighed * b.n, over * b.d);
      if (this.kl.n) found[2][l] += term;
    }
    if (this.kq.n) qualities.forEach((n, q) => (found[1][q] -= floor(n * this.kq.d, this.kq.n)));
    if (this.kl.n) levels.forEach((n, l) => (found[2][l] -= floor(n * this.kl.d, this.kl.n)));
    return found;
  }

  // How far a score may be from the solution, in multiples of 2^-bits. The error is A^-1 p of a residual p, a score's at
  // most the norm of its coefficients (1 at a mean, 1 at a quality) times that of p, in the metric of A^-1; and this is
  // at most `most` / mass for the means, and kq and kl for the others.
  bound() {
    const residual = this.residual();
    const squares = (n) => residual[n].map((one, i) => (Math.abs(Number(one)) + this.counts[n][i] + 1) ** 2);
    const { kq, kl, mass } = this.float;
    const total = (numbers) => numbers.reduce((a, b) => a + b, 0);
    const alone = total(squares(0).map((square, m) => square / mass[m]));
    const both = kq * total(squares(1)) + kl * total(squares(2));
    return SLACK * this.load * (Math.sqrt(this.most * alone) + Math.sqrt(both));
  }

  // Scores rounded as `rounding` says, by position in `entries`; null where the bound does not tell one.
  rounded(rounding) {
    const bound = this.bound();
    if (!Number.isFinite(bound)) return null;
    const step = 10n ** BigInt(rounding.places);
    const one = 1n << this.bits;
    const blur = BigInt(Math.ceil(bound)) * step;
    const width = one / 10n ** EDGE + 1n;
    const found = [];
    for (const [q, m] of this.group.entries()) {
      const units = (this.solution[0][m] + this.solution[1][q]) * step; // of the last place, over `one`
      const down = rounding.mode === "down";
      const edge = down ? floor(units + one / 2n, one) * one : floor(units, one) * one + one / 2n;
      const distance = down && edge === 0n ? one : magnitude(units - edge);
      const on = distance + blur < width - 1n;
      if (!on && distance - blur <= width) return null;
      found.push(rounded(new Rational(on ? edge : units, one * step), rounding));
    }
    return found;
  }

  // A x = p in floating point, by conjugate gradients with the diagonal as preconditioner.
  conjugate(right) {
    const { diagonal } = this.float;
    const inverse = diagonal.map((one) => (one ? 1 / one : 0));
    const solution = new Float64Array(this.size);
    const residual = this.masked(right);
    let towards = residual.map((one, i) => one * inverse[i]);
    let product = dot(residual, towards);
    const enough = product * 1e-24;
    for (let step = 0; step < MOST_STEPS && product > enough; step += 1) {
      const image = this.times(towards);
      const length = product / dot(towards, image);
      for (let i = 0; i < this.size; i += 1) {
        solution[i] += length * towards[i];
        residual[i] -= length * image[i];
      }
      const scaled = residual.map((one, i) => one * inverse[i]);
      const next = dot(residual, scaled);
      towards = towards.map((one, i) => scaled[i] + (next / product) * one);
      product = next;
    }
    return solution;
  }

  // Terms whose variance is 0 are left out.
  masked(vector) {
    const [groups, qualities] = this.sizes;
    const { kq, kl } = this.float;
    const found = Float64Array.from(vector);
    if (!kq) found.fill(0, groups, groups + qualities);
    if (!kl) found.fill(0, groups + qualities);
    return found;
  }

  times(vector) {
    const [groups, qualities, levels] = this.sizes;
    const { kq, kl, weight, scale } = this.float;
    const found = new Float64Array(this.size);
    const behind = groups + qualities;
    for (const { m, q, l } of this.rows) {
      const term = weight[l] * (vector[m] + scale[l] * vector[groups + q] + vector[behind + l]);
      found[m] += term;
      found[groups + q] += scale[l] * term;
      found[behind + l] += term;
    }
    for (let i = 0; i < qualities; i += 1) found[groups + i] += kq ? vector[groups + i] / kq : 0;
    for (let i = 0; i < levels; i += 1) found[behind + i] += kl ? vector[behind + i] / kl : 0;
    return this.masked(found);
  }
}

const magnitude = (n) => (n < 0n ? -n : n);
const floor = (n, d) => (n >= 0n ? n / d : -((-n + d - 1n) / d));
const dot = (a, b) => a.reduce((total, one, i) => total + one * b[i], 0);

function bitsOf(numbers) {
  const greatest = numbers.reduce((most, n) => (magnitude(n) > most ? magnitude(n) : most), 0n);
  return 4 * greatest.toString(16).length;
}
