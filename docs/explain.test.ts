import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programOf } from './test/page.ts';

const MAIN = join(import.meta.dirname, '../packages/semel/src/cli/main.ts');
const PAGE = join(import.meta.dirname, 'explain.md');

let folder: string;

/** Among the pages, so that `semel` resolves as it does everywhere in the project. */
beforeAll(() => {
  mkdirSync(join(import.meta.dirname, '.tmp'), { recursive: true });
  folder = mkdtempSync(join(import.meta.dirname, '.tmp/explain-'));
  const program = programOf({ path: 'docs/explain.md', text: readFileSync(PAGE, 'utf8') }) ?? '';
  writeFileSync(join(folder, 'app.ts'), program.replace(/^console\.log.*$/m, ''));
});

afterAll(() => rmSync(folder, { recursive: true }));

function answer(line: string): string {
  const args = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', MAIN, ...line.replace('$ semel ', '').split(' ')];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 20_000 });
  return `${line}\n${stdout}${stderr}`;
}

test('every command of the page was run on its application, and printed what stands there', async () => {
  const parts = readFileSync(PAGE, 'utf8').split(/(?<=^```console\n)(.*?)(?=^```$)/ms);
  for (let index = 1; index < parts.length; index += 2) {
    const lines = parts[index]?.split('\n').filter((line) => line.startsWith('$ ')) ?? [];
    parts[index] = lines.map(answer).join('');
  }
  await expect(parts.join('')).toMatchFileSnapshot('explain.md'); // `vitest --update` writes the answers into the page
});
