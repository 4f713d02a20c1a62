// All checks in their order, and the verdict.

import { Bundle, CHECKS, NotShown } from "./checks.js";
import { Fault } from "./faults.js";
import { winnersOf } from "./result.js";
import { directory } from "./zip.js";

// `options`: {receipts: [bytes], key: text or null, policy: text or null}; `progress(check, share)` may be a promise.
export async function verify(data, options = {}, progress = () => {}) {
  const listed = directory(data);
  if (!listed || !listed.entries.some(({ name }) => name === "manifest.json")) {
    return { verdict: "unreadable", ...summary({}), checks: [] };
  }
  const given = { receipts: options.receipts ?? [], key: options.key || null, policy: options.policy || null };
  const bundle = new Bundle(data, listed, given);
  const checks = [];
  const outcomes = new Map();
  for (const [n, [name, needs, run]] of CHECKS.entries()) {
    bundle.progress = (share) => progress(name, (n + share) / CHECKS.length);
    await bundle.progress(0);
    const broken = needs.find((need) => outcomes.get(need) === "broken");
    const check = broken ? told("not shown", "depends", broken) : await checked(run, bundle);
    outcomes.set(name, broken || check.outcome === "failed" ? "broken" : check.outcome);
    checks.push({ name, ...check });
  }
  return { verdict: verdictOf(bundle, outcomes), ...summary(bundle), checks };
}

// `reason` (of words.json, or null) and `more` for a sentence in the reader's language; `why`: in full, in English.
const told = (outcome, reason = null, more = "", why = "") => ({ outcome, reason, more, why });

async function checked(run, bundle) {
  try {
    const found = await run(bundle);
    if (found instanceof NotShown) return told("not shown", found.reason, found.more, found.why);
    const [remark] = found ?? [];
    return told("passed", remark?.reason, remark?.place);
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault(`could not be checked (${error?.message ?? error})`);
    return told("failed", fault.reason, fault.place, fault.message);
  }
}

function verdictOf(bundle, outcomes) {
  if ([...outcomes.values()].includes("broken")) return "refused";
  const needed = ["tally"];
  if (bundle.rulesOfResult.calibration.official) needed.push("calibration");
  if (bundle.rulesInForce.vote) needed.push("ballots");
  return needed.every((name) => outcomes.get(name) === "passed") ? "verified" : "incomplete";
}

const namesOf = ({ name }) => Object.fromEntries(name.by_language);

// Who and what it is about, for whoever looks at the outcome.
function summary({ manifest, record, rulesInForce, log, logKeys }) {
  const { result, entries, freeze } = record?.last ?? {};
  const names = new Map(entries?.entries.map(({ id, name }) => [id, name]));
  let winners = [];
  try {
    winners = result && entries ? winnersOf(result, entries.entries) : [];
  } catch {
    winners = []; // a result that is not understood names nobody
  }
  return {
    tier: manifest?.tier ?? null,
    round: manifest?.round ?? null,
    key: logKeys?.at(-1).text ?? manifest?.key ?? null,
    name: rulesInForce ? namesOf(rulesInForce) : {},
    groups: Object.fromEntries((rulesInForce?.groups ?? []).map((group) => [group.id, namesOf(group)])),
    decided: Boolean(result),
    synthetic: freeze?.synthetic ?? "",
    size: log?.leaves.length ?? null,
    winners,
    changes: (record?.changes ?? []).map((change) => ({ ...change, name: names.get(change.entry) ?? {} })),
  };
}
