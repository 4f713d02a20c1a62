// README.txt as it has to be.

import { demand } from "./faults.js";

// As Python's str.split knows white space.
const WHITE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

export const oneLine = (text) => text.replace(WHITE, " ").replace(/^ | $/g, "");

// `result`: the statement, or null; `rules`: those in force.
export function firstPage({ tier, round, rules, hash, synthetic, entries, result, size, root }) {
  const name = (names) => oneLine(rules.nameOf(names));
  const lines = [
    "simsa bundle / 심사 검증꾸러미",
    "",
    `Round / 회차: ${name(Object.fromEntries(rules.name.by_language))} (${round})`,
    `Tier / 단계: ${tier}`,
    ...(synthetic ? [`Synthetic data / 가상 자료: ${oneLine(synthetic)}`] : []),
    `Rules / 평가규칙: ${hash}`,
    `Record / 기록: ${size} leaves, root ${root}`,
    "",
    "Result / 결과",
    ...selected(result, entries, name),
    "",
    "To check it / 확인하는 법: simsa verify FILE, or drop the file on the page \"simsa verifier\" in a browser.",
    "Do not believe this page: the verifier makes it again. / 이 쪽을 믿지 말고 검증기로 다시 만들어 보십시오.",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function selected(result, entries, name) {
  if (!result) return ["none yet / 아직 없음"];
  const names = new Map(entries.map((entry) => [entry.id, entry.name]));
  const chosen = result.standings.filter(({ outcome }) => outcome === "selected");
  for (const { entry } of chosen) demand(names.has(entry), `selects the unknown entry ${entry}`, "the result");
  const line = ({ group, rank, entry, score }) => `${group}: ${rank}. ${name(names.get(entry))} (${entry}) ${score}`;
  const lines = chosen.map(line);
  return lines.length ? lines : ["nobody / 없음"];
}
