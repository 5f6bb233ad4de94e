// Measures what the simulations notice: plants faults in the library's correctness code, each behind a switch, and runs seeds until one breaks.
//
//   node eng/simulation-mutants.mjs               every mutant of tests/Agent.Sync.SimulationTests/mutants.txt
//   node eng/simulation-mutants.mjs --only 3,17   these numbers
//   node eng/simulation-mutants.mjs --list        numbers and names; builds nothing
//   node eng/simulation-mutants.mjs --seeds 1000  gives up after so many seeds of each simulation; the default is what CI runs
//   node eng/simulation-mutants.mjs --tree FOLDER in this copy of the tree, and keeps it: the next run builds less
//
// Works on a copy of the tree, built once. Needs the .NET SDK. The exit code is 1 when a mutant survives.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tests = "tests/Agent.Sync.SimulationTests";
const rounds = [10, 50, 200, 1000];
const runLimit = 5 * 60_000;
const simulations = ["Pull", "TwoWay"];

const { values: options } = parseArgs({
  options: { only: { type: "string" }, list: { type: "boolean" }, seeds: { type: "string", default: "1000" }, tree: { type: "string" } },
});

function run(file, args, cwd, env = {}, timeout = 0) {
  return new Promise((done) => {
    execFile(file, args, { cwd, timeout, killSignal: "SIGKILL", maxBuffer: 1 << 28, env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      done({ code: error ? (error.code ?? 1) : 0, isLate: error?.killed === true, text: stdout + stderr }));
  });
}

/** Reads blocks of "mutant NAME", then "file PATH", "- old text" and "+ new text" for each place. Lines that begin with # are remarks. */
function parse(text) {
  const mutants = [];
  let place = null;
  const body = (line) => line.slice(2).replaceAll("\\n", "\n");
  for (const line of text.split("\n")) {
    if (line.startsWith("mutant ")) mutants.push({ number: mutants.length + 1, name: line.slice(7), places: [] });
    else if (line.startsWith("file ")) mutants.at(-1).places.push((place = { file: line.slice(5) }));
    else if (line.startsWith("- ")) place.old = body(line);
    else if (line.startsWith("+ ")) place.text = body(line);
    else if (line !== "" && !line.startsWith("#")) throw new Error(`Not a line of the list: ${line}`);
  }
  return mutants;
}

/** Plants every mutant. Only this copy has the class that tells which one runs. */
async function plant(folder, mutants) {
  for (const mutant of mutants) {
    for (const place of mutant.places) {
      const path = join(folder, place.file);
      const source = await readFile(path, "utf8");
      if (source.split(place.old).length !== 2) throw new Error(`Mutant ${mutant.number}, ${mutant.name}: its text is not found exactly once in ${place.file}`);
      await writeFile(path, source.replace(place.old, () => place.text.replaceAll("#", String(mutant.number))));
    }
  }
  for (const project of ["Agent.Sync", "Agent.Sync.Testing"]) {
    await writeFile(join(folder, "src", project, "Mutant.cs"), `namespace Agent.Sync;

internal static class Mutant
{
    private static readonly int _active = int.Parse(System.Environment.GetEnvironmentVariable("SIMULATION_MUTANT") ?? "0");

    public static bool Is(int number) => _active == number;
}
`);
  }
}

/** Returns the lowest seed that breaks, of either simulation; null when none does. */
async function firstSeed(folder, number, most) {
  let from = 1;
  for (const last of [...rounds.filter((round) => round < most), most]) {
    const ran = await Promise.all(simulations.map((name) => run(
      join(folder, tests, "bin/Release/net10.0/Agent.Sync.SimulationTests"),
      ["--filter-class", `*.${name}SimulationTests`, "--filter-method", "*EverySeed", "--no-ansi", "--progress", "off"],
      folder, { SIMULATION_SEEDS: `${from}-${last}`, SIMULATION_MUTANT: String(number) }, runLimit)));
    const seeds = ran.flatMap((one) => {
      if (one.isLate) return [last];
      const broken = /Seeds that break: ([0-9 ]+)/.exec(one.text)?.[1].trim().split(" ").map(Number);
      if (one.code !== 0 && !broken && last - from < 999) throw new Error(one.text.slice(-2000));
      return broken ?? [];
    });
    if (seeds.length > 0) return Math.min(...seeds);
    from = last + 1;
  }
  return null;
}

const all = parse(await readFile(join(root, tests, "mutants.txt"), "utf8"));
const chosen = options.only ? all.filter((mutant) => options.only.split(",").includes(String(mutant.number))) : all;
if (options.list) {
  for (const mutant of chosen) console.log(`${String(mutant.number).padStart(3)}  ${mutant.name}`);
  process.exit(0);
}

const folder = options.tree ? resolve(options.tree) : await mkdtemp(join(tmpdir(), "simulation-mutants-"));
const found = [];
const survivors = [];
try {
  const isSource = (path) => !/(^|[/\\])(bin|obj|node_modules|\.git|TestResults)([/\\]|$)/.test(path);
  await cp(root, folder, { recursive: true, filter: (path) => isSource(path.slice(root.length)) });
  await plant(folder, all);
  const built = await run("dotnet", ["build", tests, "-c", "Release", "-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"], folder);
  if (built.code !== 0) throw new Error(built.text);
  if (await firstSeed(folder, 0, 50) !== null) throw new Error("A seed breaks without a mutant.");
  for (const mutant of chosen) {
    const seed = await firstSeed(folder, mutant.number, Number(options.seeds));
    if (seed === null) survivors.push(mutant);
    else found.push(seed);
    console.log(`${seed === null ? "SURVIVED" : `seed ${String(seed).padStart(4)}`}  ${String(mutant.number).padStart(3)}  ${mutant.name}`);
  }
} finally {
  if (options.tree === undefined) await rm(folder, { recursive: true, force: true });
}

found.sort((one, other) => one - other);
console.log(`${found.length} of ${chosen.length} mutants noticed; seeds needed: median ${found[Math.floor((found.length - 1) / 2)]}, worst ${found.at(-1)}`);
process.exit(survivors.length === 0 ? 0 : 1);
