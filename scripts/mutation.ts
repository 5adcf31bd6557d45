/**
 * `npm run test:mutation -- [packages/semel/src/…]`: Stryker changes the consumer and the stores, or the files that are named, in every way that it
 * knows, and runs the tests that reach each change. It works in a copy; the report is left in `.tmp/mutation`. Not part of CI: it takes hours.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Workspace } from './sabotage/workspace.ts';
import { borrow } from './services/borrow.ts';
import { variableOf } from './services/service.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(import.meta.dirname, 'mutation');
const STRYKER = join(FOLDER, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const REPORTS = join(ROOT, '.tmp/mutation');

// Stryker stands in a lock file of its own, so that nobody else has to install it.
if (!existsSync(STRYKER)) execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: 'inherit' });

const files = process.argv.slice(2);
using workspace = new Workspace(ROOT);
await using services = await borrow(['postgres']);
for (const [name, provision] of services.provisions) if ('url' in provision) process.env[variableOf(name)] = provision.url;
const { status } = spawnSync(process.execPath, [STRYKER, 'run', 'scripts/mutation/stryker.config.json', ...(files.length > 0 ? ['--mutate', files.join()] : [])], {
  cwd: workspace.root,
  stdio: 'inherit',
});
rmSync(REPORTS, { recursive: true, force: true });
const reports = join(workspace.root, 'reports/mutation');
if (existsSync(reports)) cpSync(reports, REPORTS, { recursive: true });
process.exitCode = status ?? 1;
