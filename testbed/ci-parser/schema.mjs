// Prints GitLab's JSON Schema of CI files as it stands in gitlab-ci-local's bundle: an object literal that begins so.
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

const BEGINS = '{$schema:"http://json-schema.org/draft-07/schema#",$id:"https://gitlab.com/.gitlab-ci.yml"';

// The end of the literal: the brace that closes the first one. Braces in strings don't count.
function end(text, start) {
  let depth = 0;
  let quote = null;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quote !== null) {
      if (character === "\\") at++;
      else if (character === quote) quote = null;
    } else if (`"'\``.includes(character)) quote = character;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at + 1;
  }
  throw new Error("the schema has no end");
}

const text = readFileSync(new URL("node_modules/gitlab-ci-local/dist/index.js", `file://${process.cwd()}/`), "utf8");
const start = text.indexOf(BEGINS);
if (start < 0) throw new Error("gitlab-ci-local has no schema that begins with " + BEGINS);
console.log(JSON.stringify(runInNewContext(`(${text.slice(start, end(text, start))})`)));
