// Whom a user wants to have countersigned a checkpoint (C2SP tlog-policy).

import { hex } from "./bytes.js";
import { demand } from "./faults.js";
import { COSIGNER, SIGNER, parseKey } from "./notes.js";

const PLACE = "the policy";

// {logs, witnesses: keys, met: names of keys that signed => boolean}
export function parsePolicy(text) {
  demand(!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text), "holds control characters", PLACE);
  const policy = { logs: [], witnesses: [] };
  const known = new Map([["none", () => true]]);
  const used = new Set(["none"]);
  let quorum = null;
  const define = (name, rule) => {
    demand(name && !known.has(name), `the name ${name} is defined twice`, PLACE);
    known.set(name, rule);
  };
  for (const line of text.split("\n")) {
    const [word, ...items] = line.split(/[ \t]+/).filter(Boolean);
    if (!word || word.startsWith("#")) continue;
    if (word === "log") {
      demand(items.length === 1 || items.length === 2, "a log has a key and perhaps an address", PLACE);
      policy.logs.push(parseKey(items[0], SIGNER, PLACE));
    } else if (word === "witness") {
      demand(items.length === 2 || items.length === 3, "a witness has a name, a key and perhaps an address", PLACE);
      const key = parseKey(items[1], COSIGNER, PLACE);
      policy.witnesses.push(key);
      define(items[0], (signed) => signed.has(key.text));
    } else if (word === "group") {
      define(items[0], group(items, known, used));
    } else if (word === "quorum") {
      demand(items.length === 1 && !quorum && known.has(items[0]), "the quorum names one witness or group", PLACE);
      quorum = known.get(items[0]);
    } else {
      demand(false, `${word} is not understood`, PLACE);
    }
  }
  demand(quorum, "names no quorum", PLACE);
  for (const keys of [policy.logs, policy.witnesses]) {
    demand(new Set(keys.map((key) => hex(key.key))).size === keys.length, "has a key twice", PLACE);
  }
  return { ...policy, met: quorum };
}

function group([, number, ...members], known, used) {
  const need = number === "any" ? 1 : number === "all" ? members.length : /^[1-9][0-9]*$/.test(number) ? +number : 0;
  demand(need >= 1 && need <= members.length, "a group has a number and members", PLACE);
  for (const member of members) {
    demand(known.has(member) && !used.has(member), `the member ${member} is unknown or elsewhere`, PLACE);
    used.add(member);
  }
  const rules = members.map((member) => known.get(member));
  return (signed) => rules.filter((rule) => rule(signed)).length >= need;
}
