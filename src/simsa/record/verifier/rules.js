// The rules of a round, from rules/<hash>.json: what the verifier has to compute by. What is refused here and in
// rulesshape.js is laid down in the format, under "Rules that must be refused".

import { demand } from "./faults.js";
import { canonicalBytes } from "./json.js";
import { whole } from "./rationals.js";
import { isEven, layout } from "./rulesshape.js";

const LARGEST = 2 ** 18; // bytes
const ROOT = "total";
const DEEPEST = 20; // levels below the root
const LARGEST_MARK = whole(2n ** 62n); // of a scale, in units of the last place of all scales

export class Rules {
  constructor(content, place) {
    demand(canonicalBytes(content).length <= LARGEST, `have more than ${LARGEST} bytes`, place);
    Object.assign(this, layout(content, place));
    this.place = place;
    this.checkIdentifiers();
    this.byId = new Map(this.criteria.map((node) => [node.id, node]));
    this.below = new Map(this.criteria.map((node) => [node.id, []]));
    this.root = this.byId.get(ROOT);
    this.checkParents();
    this.leaves = this.criteria.filter((node) => !this.children(node).length && !node.indicator);
    this.entryNodes = [];
    this.checkNodes();
    this.checkScales();
    this.checkNamed();
    this.checkRanks();
  }

  children(node) {
    return this.below.get(node.id);
  }

  // The effect of a missing mark.
  effect(leaf, word) {
    return leaf.missing.get(word) ?? this.missing.get(word);
  }

  group(id) {
    return this.groups.find((known) => known.id === id) ?? this.groups.find((known) => known.id === "*") ?? null;
  }

  // Names of a round, an entry: in the rules' language, else English, else the first by code.
  nameOf(names) {
    return names[this.language] || names.en || names[Object.keys(names).sort()[0]];
  }

  onScale(leaf, mark) {
    const { scale } = leaf;
    return scale.levels ? scale.levels.some(({ value }) => value.equals(mark)) : isEven(scale, mark);
  }

  // Whether the panel marks anything at or below a node.
  marked(node) {
    const children = this.children(node);
    return children.length ? children.some((child) => this.marked(child)) : !node.indicator;
  }

  demand(condition, message) {
    demand(condition, message, this.place);
  }

  checkIdentifiers() {
    const { criteria, groups, adjustments, conflicts, panel } = this;
    for (const [what, named] of Object.entries({ criteria, groups, adjustments, conflicts, kinds: panel.kinds })) {
      const twice = new Set(named.map(({ id }) => id)).size < named.length;
      this.demand(!twice, `have two ${what} of one identifier`);
    }
  }

  checkParents() {
    this.demand(this.root, `have no criterion ${ROOT}`);
    for (const node of this.criteria) {
      this.demand((node === this.root) === (node.parent === null), `${node.id} is another root, or ${ROOT} is none`);
      if (node === this.root) continue;
      this.demand(this.below.has(node.parent), `${node.parent} is no criterion`);
      this.below.get(node.parent).push(node);
    }
  }

  checkNodes() {
    let seen = 0;
    const walk = (node, sheet, depth) => {
      const where = `${this.place}, criterion ${node.id}`;
      demand(depth <= DEEPEST, "is nested too deeply", where);
      seen += 1;
      if (!sheet) this.entryNodes.push(node);
      demand(!(sheet && (node.panel || node.indicator)), "a sheet's value has a panel or an indicator", where);
      const children = this.children(node);
      const below = sheet || node.panel !== null;
      if (children.length) checkInner(node, children, where);
      else checkLeaf(node, below, where);
      const crossed = node.at_least && node.at_most && node.at_least.compare(node.at_most) > 0;
      demand(!crossed, "has at_least above at_most", where);
      children.forEach((child) => walk(child, below, depth + 1));
    };
    walk(this.root, false, 0);
    this.demand(seen === this.criteria.length, "have criteria that lead nowhere");
  }

  checkScales() {
    const scales = this.leaves.map(({ scale }) => scale);
    const valuesOf = ({ levels }) => levels.map(({ value }) => value);
    const finest = scales.flatMap((scale) => (scale.levels ? valuesOf(scale) : [scale.min, scale.step]));
    const last = whole(10n ** BigInt(Math.max(0, ...finest.map(placesOf))));
    for (const bound of scales.flatMap((scale) => (scale.levels ? valuesOf(scale) : [scale.min, scale.max]))) {
      const units = bound.times(last);
      const fits = units.compare(LARGEST_MARK) < 0 && LARGEST_MARK.plus(units).n > 0n;
      this.demand(fits, "have a scale that is too fine for its length");
    }
  }

  // Criteria of the entries that are named elsewhere, and the lot at the end.
  checkNamed() {
    const entryLevel = new Set(this.entryNodes.map((node) => node.id));
    const steps = this.tie_breaks.filter((step) => !step.lot);
    const named = [...this.thresholds, ...this.adjustments, ...steps].map((rule) => rule.criterion);
    for (const id of [this.rank_by, ...named]) this.demand(entryLevel.has(id), `${id} is no criterion of the entries`);
    const { meeting } = this;
    const met = !meeting || [ROOT, ...this.leaves.map((leaf) => leaf.id)].includes(meeting.criterion);
    this.demand(met, `${meeting?.criterion} is no criterion that the panel marks`);
    const ended = steps.length === this.tie_breaks.length - 1 && this.tie_breaks.at(-1).lot;
    this.demand(ended, "have tie-breaks that do not end in a lot");
  }

  // Lots in a tie zone and official calibrated scores are of what the sheets alone say.
  checkRanks() {
    const { official } = this.calibration;
    if (!official && !this.lottery) return;
    const beside = this.criteria.some(({ indicator, factor }) => indicator || (factor && differs(factor)));
    const alone = this.rank_by === ROOT && !this.adjustments.length && !beside;
    this.demand(alone, "make ranks with more than the panel's marks");
    const limited = official && this.criteria.some((node) => node.at_least || node.at_most);
    this.demand(!limited, "limit what the official calibrated score does not");
  }
}

function checkInner(node, children, where) {
  demand(node.combine, "does not say how its children are combined", where);
  demand(!node.scale && !node.indicator && !node.missing.size, "is scored, and has children", where);
  const sound = node.combine.method !== "weighted_sum" || children.every((child) => child.weight);
  demand(sound, "combines children without a weight", where);
}

function checkLeaf(node, aggregated, where) {
  demand(!node.combine, "has no children to combine", where);
  demand(!node.scale !== !node.indicator, "has not one of scale and indicator", where);
  demand(aggregated === !node.indicator, "is marked and never aggregated, or the other way round", where);
}

const placesOf = (number) => number.text.split(".")[1]?.length ?? 0;
const differs = ({ field, by_group }) =>
  field !== null || new Set([...(by_group ?? new Map()).values()].map(({ text }) => text)).size > 1;
