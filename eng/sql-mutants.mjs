// Measures what the tests of the SQLite store notice: changes its SQL text, one clause at a time, builds it, and runs the suite.
//
//   node eng/sql-mutants.mjs                  every mutant of eng/sql-mutants.txt
//   node eng/sql-mutants.mjs --only 12,40     these numbers
//   node eng/sql-mutants.mjs --list           numbers and texts; builds nothing
//   node eng/sql-mutants.mjs --check          whether each text is found exactly once; builds nothing
//   node eng/sql-mutants.mjs --quick          the named classes alone: what they leave to the rest of the suite counts as a survivor
//   node eng/sql-mutants.mjs --least 90       fails when fewer than 90 % are noticed; the default is 85
//   node eng/sql-mutants.mjs --runners 4      so many suites at a time; the default is 2
//   node eng/sql-mutants.mjs --tree FOLDER    in this copy of the tree, and keeps it: the next run builds less
//
// Works on a copy of the tree. Needs the .NET SDK. A mutant whose text is not found exactly once is an error: bring the list up to date.
// The classes that the list names beside the file run first; what they do not notice has the rest of the suite run. Only what passes both survives.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const store = "src/Agent.Sync.Sqlite";
const tests = "tests/Agent.Sync.Sqlite.Tests";
const output = "bin/Debug/net10.0";
const assembly = "Agent.Sync.Sqlite.dll";
const runLimit = 10 * 60_000;
const noTestRan = 8;

const { values: options } = parseArgs({
  options: {
    only: { type: "string" }, list: { type: "boolean" }, check: { type: "boolean" }, quick: { type: "boolean" }, least: { type: "string", default: "85" },
    runners: { type: "string", default: "2" }, tree: { type: "string" },
  },
});

function run(file, args, cwd, timeout = 0) {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, timeout, killSignal: "SIGKILL", maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 1) : 0, isLate: error?.killed === true, text: stdout + stderr }));
  });
}

/** Reads blocks of "file PATH" and "tests CLASSES", then "- old text" and "+ new text" for each mutant. Lines that begin with # are remarks. */
function parse(text) {
  const mutants = [];
  let file = null;
  let near = [];
  let old = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("file ")) file = line.slice(5).trim();
    else if (line.startsWith("tests ")) near = line.slice(6).trim().split(" ").map((name) => `*.${name}`);
    else if (line.startsWith("- ")) old = line.slice(2);
    else if (line.startsWith("+")) mutants.push({ number: mutants.length + 1, file, near, old, text: line.slice(2) });
    else if (line !== "" && !line.startsWith("#")) throw new Error(`Not a line of the list: ${line}`);
  }
  return mutants;
}

async function isFoundOnce(folder, mutant) {
  const source = await readFile(join(folder, store, mutant.file), "utf8").catch(() => "");
  return source.split(mutant.old).length === 2;
}

async function mutate(folder, mutant) {
  const path = join(folder, store, mutant.file);
  const source = await readFile(path, "utf8");
  await writeFile(path, source.replace(mutant.old, () => mutant.text));
  return () => writeFile(path, source);
}

const build = (folder, project, ...more) =>
  run("dotnet", ["build", project, "-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", ...more], folder);

const suite = (bin, folder, filter, classes) =>
  run(join(bin, "Agent.Sync.Sqlite.Tests"), ["--no-ansi", "--progress", "off", "--stop-on-fail", "on", ...classes.flatMap((name) => [filter, name])], folder, runLimit);

const broken = [];
let turn = Promise.resolve();

/** Builds a mutant, one at a time since all share the tree, and puts its assembly beside a runner's tests. */
function place(folder, mutant, bin) {
  const placed = turn.then(async () => {
    const restore = await mutate(folder, mutant);
    try {
      const built = await build(folder, store, "--no-restore", "--no-dependencies");
      if (built.code === 0) await cp(join(folder, store, output, assembly), join(bin, assembly));
      return built.code === 0;
    } finally {
      await restore();
    }
  });
  turn = placed.catch(() => {});
  return placed;
}

/** Runs one part of the suite on mutants, and returns those that it does not notice. */
async function judge(folder, bins, mutants, filter) {
  const waiting = [...mutants];
  const left = [];
  await Promise.all(bins.map(async (bin) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      if (!(await place(folder, mutant, bin))) {
        broken.push(mutant);
        console.log(`DOES NOT BUILD  ${words(mutant)}`);
        continue;
      }
      const ran = await suite(bin, folder, filter, mutant.near);
      if (ran.code === noTestRan) throw new Error(`No test ran for mutant ${mutant.number}: its classes are gone, or misspelt.`);
      if (ran.code === 0) left.push(mutant);
      console.log(`${ran.isLate ? "noticed (endless)" : ran.code === 0 ? "left" : "noticed"}  ${words(mutant)}`);
    }
  }));
  return left;
}

const all = parse(await readFile(join(root, "eng/sql-mutants.txt"), "utf8"));
const chosen = options.only ? all.filter((mutant) => options.only.split(",").includes(String(mutant.number))) : all;
const words = (mutant) => `${String(mutant.number).padStart(3)}  ${mutant.file}: ${mutant.old.trim()}  =>  ${mutant.text.trim()}`;
if (options.list) {
  for (const mutant of chosen) console.log(words(mutant));
  process.exit(0);
}

const stale = [];
for (const mutant of chosen) if (!(await isFoundOnce(root, mutant))) stale.push(mutant);
for (const mutant of stale) console.log(`NOT FOUND EXACTLY ONCE  ${words(mutant)}`);
if (options.check || stale.length > 0) {
  console.log(`${chosen.length - stale.length} of ${chosen.length} mutants are up to date`);
  process.exit(stale.length === 0 ? 0 : 1);
}

const folder = options.tree ? resolve(options.tree) : (await mkdtemp(join(tmpdir(), "sql-mutants-")));
const bins = Array.from({ length: Number(options.runners) }, (_, index) => join(folder, tests, `bin/runner-${index}`));
let left = chosen;
try {
  const isSource = (path) => !/(^|[/\\])(bin|obj|node_modules|\.git|TestResults)([/\\]|$)/.test(path);
  if (folder !== root) {
    // Files that were renamed since would be compiled too.
    const old = (await readdir(folder, { recursive: true }).catch(() => [])).filter((path) => isSource(path) && path.endsWith(".cs"));
    for (const path of old) await rm(join(folder, path));
    await cp(root, folder, { recursive: true, filter: (path) => isSource(path.slice(root.length)) });
  }

  const built = await build(folder, tests);
  if (built.code !== 0) throw new Error(built.text);
  for (const bin of bins) await cp(join(folder, tests, output), bin, { recursive: true });
  for (const filter of options.quick ? ["--filter-class"] : ["--filter-class", "--filter-not-class"]) {
    const clean = await suite(bins[0], folder, filter, filter === "--filter-class" ? [...new Set(left.flatMap((mutant) => mutant.near))] : ["none"]);
    if (clean.code !== 0) throw new Error(`The suite fails without a mutant:\n${clean.text.slice(0, 4000)}`);
    left = await judge(folder, bins, left, filter);
    await build(folder, store, "--no-restore", "--no-dependencies");
    await cp(join(folder, store, output, assembly), join(bins[0], assembly));
  }
} finally {
  for (const bin of bins) await rm(bin, { recursive: true, force: true });
  if (options.tree === undefined) await rm(folder, { recursive: true, force: true });
}

for (const mutant of left) console.log(`SURVIVED ${words(mutant)}`);
const built = chosen.length - broken.length;
const share = (100 * (built - left.length)) / built;
console.log(`${built - left.length} of ${built} mutants noticed: ${share.toFixed(1)} %; ${broken.length} did not build`);
process.exit(share >= Number(options.least) && broken.length === 0 ? 0 : 1);
