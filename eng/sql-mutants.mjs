// Measures what the tests of the SQLite store notice: changes its SQL text, one clause at a time, builds it, and runs the suite.
//
//   node eng/sql-mutants.mjs                  every mutant of eng/sql-mutants.txt
//   node eng/sql-mutants.mjs --only 12,40     these numbers
//   node eng/sql-mutants.mjs --list           numbers and texts; builds nothing
//   node eng/sql-mutants.mjs --least 90       fails when fewer than 90 % are noticed; the default is 85
//
// Works on a copy of the tree. Needs the .NET SDK. A mutant whose text is not found exactly once is an error: bring the list up to date.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const store = "src/Agent.Sync.Sqlite";
const tests = "tests/Agent.Sync.Sqlite.Tests";
const output = "bin/Debug/net10.0";
const assembly = "Agent.Sync.Sqlite.dll";
const runLimit = 10 * 60_000;

const { values: options } = parseArgs({
  options: { only: { type: "string" }, list: { type: "boolean" }, least: { type: "string", default: "85" } },
});

function run(file, args, cwd, timeout = 0) {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, timeout, killSignal: "SIGKILL", maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 1) : 0, isLate: error?.killed === true, text: stdout + stderr }));
  });
}

/** Reads blocks of "file PATH", then "- old text" and "+ new text" for each mutant. Lines that begin with # are remarks. */
function parse(text) {
  const mutants = [];
  let file = null;
  let old = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("file ")) file = line.slice(5).trim();
    else if (line.startsWith("- ")) old = line.slice(2);
    else if (line.startsWith("+")) mutants.push({ number: mutants.length + 1, file, old, text: line.slice(2) });
    else if (line !== "" && !line.startsWith("#")) throw new Error(`Not a line of the list: ${line}`);
  }
  return mutants;
}

async function mutate(folder, mutant) {
  const path = join(folder, store, mutant.file);
  const source = await readFile(path, "utf8");
  if (source.split(mutant.old).length !== 2) {
    throw new Error(`Mutant ${mutant.number}: the text is not exactly once in ${mutant.file}: ${mutant.old}`);
  }
  await writeFile(path, source.replace(mutant.old, () => mutant.text));
  return () => writeFile(path, source);
}

const build = (folder, project) =>
  run("dotnet", ["build", project, "-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"], folder);

const suite = (folder) => run(join(folder, tests, output, "Agent.Sync.Sqlite.Tests"), ["--no-ansi", "--progress", "off", "--stop-on-fail", "on"], folder, runLimit);

async function judge(folder, mutant) {
  const restore = await mutate(folder, mutant);
  try {
    const built = await build(folder, store);
    if (built.code !== 0) throw new Error(`Mutant ${mutant.number} does not build:\n${built.text}`);
    await cp(join(folder, store, output, assembly), join(folder, tests, output, assembly));
    const ran = await suite(folder);
    return ran.isLate ? "noticed (endless)" : ran.code === 0 ? "SURVIVED" : "noticed";
  } finally {
    await restore();
  }
}

const all = parse(await readFile(join(root, "eng/sql-mutants.txt"), "utf8"));
const chosen = options.only ? all.filter((mutant) => options.only.split(",").includes(String(mutant.number))) : all;
const words = (mutant) => `${String(mutant.number).padStart(3)}  ${mutant.file}: ${mutant.old.trim()}  =>  ${mutant.text.trim()}`;
if (options.list) {
  for (const mutant of chosen) console.log(words(mutant));
  process.exit(0);
}

const folder = await mkdtemp(join(tmpdir(), "sql-mutants-"));
let survived = 0;
try {
  const isSource = (path) => !/[/\\](bin|obj|node_modules|\.git|TestResults)([/\\]|$)/.test(path.slice(root.length));
  await cp(root, folder, { recursive: true, filter: isSource });
  for (const mutant of chosen) await (await mutate(folder, mutant))();
  const built = await build(folder, tests);
  if (built.code !== 0) throw new Error(built.text);
  const clean = await suite(folder);
  if (clean.code !== 0) throw new Error(`The suite fails without a mutant:\n${clean.text}`);
  for (const mutant of chosen) {
    const verdict = await judge(folder, mutant);
    if (verdict === "SURVIVED") survived++;
    console.log(`${verdict.padEnd(18)} ${words(mutant)}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const share = (100 * (chosen.length - survived)) / chosen.length;
console.log(`${chosen.length - survived} of ${chosen.length} mutants noticed: ${share.toFixed(1)} %`);
process.exit(share >= Number(options.least) ? 0 : 1);
