// Runs biome from its package for this platform. The package `biome` itself is not used: it asks
// for the packages of all platforms, and a lock file made where one of them cannot be had is
// refused by `npm ci` everywhere.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const name = `@biomejs/cli-${process.platform}-${process.arch}`;
let binary;
try {
  binary = createRequire(import.meta.url).resolve(`${name}/biome`);
} catch {
  console.error(`biome is not installed here: npm install --no-save ${name}@2.6.8`);
  process.exit(1);
}
const { status } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
process.exit(status ?? 1);
