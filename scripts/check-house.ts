/** The house check: the rules of ARCHITECTURE.md that a compiler does not know. `npm run check`. */
import { join } from 'node:path';
import { circles } from './house/circles.ts';
import { docs } from './house/docs.ts';
import { layers } from './house/layers.ts';
import { oneVersion, standsAlone, subpaths } from './house/manifest.ts';
import { kebabCase, testsBeside, vagueNames } from './house/names.ts';
import { largeFiles, sizes } from './house/sizes.ts';
import { type Rule, readTree } from './house/tree.ts';
import { machinePaths } from './house/words.ts';

const RULES: Readonly<Record<string, Rule>> = { layers, circles, sizes, docs, standsAlone, subpaths, oneVersion, kebabCase, vagueNames, testsBeside, machinePaths };

const tree = readTree(join(import.meta.dirname, '..'));
const report = Object.entries(RULES).flatMap(([name, rule]) => rule(tree).map(({ file, line, message }) => `${file}:${line} [${name}] ${message}`));

for (const file of largeFiles(tree)) console.warn(`warning: ${file} is large; could it be two?`);
for (const line of report) console.error(line);
console.log(`house check: ${tree.size} files, ${Object.keys(RULES).length} rules, ${report.length} findings`);
process.exitCode = report.length === 0 ? 0 : 1;
