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
    const check = broken ? { name, outcome: "not shown", ...told("depends", broken) } : await checked(name, run, bundle);
    outcomes.set(name, broken || check.outcome === "failed" ? "broken" : check.outcome);
    checks.push(check);
  }
  return { verdict: verdictOf(bundle, outcomes), ...summary(bundle), checks };
}

const told = (reason, more = "") => ({ reason, more, why: more ? `${reason}: ${more}` : reason });

async function checked(name, run, bundle) {
  try {
    const found = await run(bundle);
    if (found instanceof NotShown) return { name, outcome: "not shown", ...told(found.reason, found.more) };
    const [remark] = found ?? [];
    return { name, outcome: "passed", ...(remark ? told(remark.reason, remark.place) : { reason: null, more: "", why: "" }) };
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault(`could not be checked (${error?.message ?? error})`);
    return { name, outcome: "failed", reason: fault.reason, more: fault.place, why: fault.message };
  }
}

function verdictOf(bundle, outcomes) {
  if ([...outcomes.values()].includes("broken")) return "refused";
  const forgotten = bundle.record.last.forgotten && outcomes.get("tally") === "not shown";
  return bundle.record.last.result && !forgotten ? "verified" : "incomplete";
}

const namesOf = ({ name }) => Object.fromEntries(name.by_language);

// Who and what it is about, for whoever looks at the outcome.
function summary({ manifest, record, rulesInForce, log }) {
  const { result, entries, freeze } = record?.last ?? {};
  let winners = [];
  try {
    winners = result && entries ? winnersOf(result, entries.entries) : [];
  } catch {
    winners = []; // a result that is not understood names nobody
  }
  return {
    tier: manifest?.tier ?? null,
    round: manifest?.round ?? null,
    key: manifest?.key ?? null,
    name: rulesInForce ? namesOf(rulesInForce) : {},
    groups: Object.fromEntries((rulesInForce?.groups ?? []).map((group) => [group.id, namesOf(group)])),
    decided: Boolean(result),
    synthetic: freeze?.synthetic ?? "",
    size: log?.leaves.length ?? null,
    winners,
  };
}
