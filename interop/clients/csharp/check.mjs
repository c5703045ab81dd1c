// Parses the C# files that are the arguments, and compares the names in them with the documented names in names.txt.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Language, Parser } from "web-tree-sitter";

const require = createRequire(import.meta.url);
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(require.resolve("tree-sitter-c-sharp/tree-sitter-c_sharp.wasm")));

const namespaces = new Set();
const declared = new Set();
const used = new Set();
const problems = [];

function visit(node) {
  if (node.isError || node.isMissing) {
    problems.push(`line ${node.startPosition.row + 1}: a syntax error at "${node.text.slice(0, 40)}"`);
    return;
  }
  if (node.type === "using_directive") {
    namespaces.add(node.namedChild(0).text);
    return;
  }
  if (/_declaration$|_declarator$|^local_function_statement$/.test(node.type)) {
    const name = node.childForFieldName("name");
    if (name) declared.add(name.text);
  }
  if (node.type === "identifier" && /^[A-Z]/.test(node.text)) used.add(node.text);
  for (const child of node.children) visit(child);
}

for (const path of process.argv.slice(2)) visit(parser.parse(readFileSync(path, "utf8")).rootNode);

const documented = new Set(
  readFileSync(new URL("names.txt", import.meta.url), "utf8").split("\n").filter((line) => line && !line.startsWith("#")),
);
for (const name of [...used, ...namespaces]) {
  if (!declared.has(name) && !documented.has(name)) problems.push(`${name} is not in names.txt`);
}
for (const name of documented) {
  if (!used.has(name) && !namespaces.has(name)) problems.push(`${name} is in names.txt and not used`);
}
if (used.size === 0) problems.push("there is no C# code");
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`C#: ok, ${used.size} names`);
