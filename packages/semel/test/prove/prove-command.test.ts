import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONSUMER_BOUNDARIES } from 'semel';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { moduleAt, ProveCommand } from './prove-command.ts';

/** On a machine that others use too; each takes a few seconds by itself. */
vi.setConfig({ testTimeout: 180_000 });

const EXAMPLES = join(import.meta.dirname, '../../../../examples');

let command: ProveCommand;
beforeAll(() => {
  command = new ProveCommand();
});
afterAll(() => command[Symbol.dispose]());

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('semel-proof-'));
}

/** The processes that were started with the folder among their arguments. */
function processesOf(folder: string): readonly string[] {
  const listed = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => line.includes('worker-main') && line.includes(folder));
}

test('a sound handler is proven: processes are killed and stopped at every boundary, and each effect is there once', async () => {
  const page = join(command.folder, 'sound.html');
  const { status, stdout, stderr } = await command.run('sound', '--kills', '12', '--seed', '7', '--html', page);
  expect(stderr).toMatch(/^semel: \d+ of 26 trials, 0 violations\n/);
  expect(stdout).toMatch(/^payments on sqlite: proven \(26 trials with 3 processes, [\d.]+ s, seed 7\)\n/);
  for (const boundary of CONSUMER_BOUNDARIES) expect(stdout).toMatch(new RegExp(`\\n${boundary} .* +1 of 1 +1 of 1 +0\\n`));
  expect(stdout).toContain('0 violations in 26 trials, so fewer than 3/26 (12 %) of such trials go wrong, at 95 %.');
  expect(stdout).toContain('Control: without the record that a message was handled, a redelivery made the effect twice');
  expect(status).toBe(0);
  expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/);
  expect(foldersIn(command.folder)).toEqual([]);
});

test('a handler that charges beside its transaction is refuted, with what happened and what to do', async () => {
  const { status, stdout } = await command.run('naive', '--kills', '10', '--json');
  const { verdict, violations, cells, kills, stops } = JSON.parse(stdout);
  expect({ status, verdict, kills }).toEqual({ status: 1, verdict: 'refuted', kills: 10 });
  expect(stops).toBeGreaterThan(0);
  expect(cells).toContainEqual({ fault: 'kill', step: 'handled', trials: 1, hits: 1, violations: 2 });
  expect(violations[0]).toMatchObject({
    kind: 'outside-transaction',
    fault: 'kill',
    step: 'handled',
    hint: expect.stringContaining('writes with another client than the `tx`'),
    story: [
      'worker 1 is given A1/placed, B7/placed',
      'worker 1 calls the handler for A1/placed',
      'worker 1 is killed (SIGKILL) after the handler has returned; what it has not committed is gone',
      "the effects now: 1 × 'A1'",
      'worker 2 is given A1/placed, B7/placed',
      'worker 2 calls the handler for A1/placed',
      'worker 2 calls the handler for B7/placed',
      'worker 2 answers: A1/placed done, B7/placed done',
      'the broker delivers everything once more, though it was acknowledged',
      'worker 3 is given A1/placed, B7/placed',
      'worker 3 answers: A1/placed duplicate, B7/placed duplicate',
      "the effects now: 2 × 'A1', 1 × 'B7'",
    ],
  });
});

test('an effect that cannot be seen from outside proves nothing', async () => {
  const { status, stdout } = await command.run('unseen', '--kills', '10');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^payments on sqlite: inconclusive /);
  expect(stdout).toContain('This proves nothing: `effect` gives the same before and after the handler: it does not see what the handler makes, in another process.');
});

test('where it is interrupted its processes and its files go too', async () => {
  const child = command.start(moduleAt('sound'), '--kills', '20');
  await once(child.stderr, 'data');
  const [folder = ''] = foldersIn(command.folder);
  expect(processesOf(folder)).not.toEqual([]);
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([null, 'SIGINT']);
  expect(foldersIn(command.folder)).toEqual([]);
  await expect.poll(() => processesOf(folder)).toEqual([]);
});

test.each([
  ['nothing', [], 'exports nothing to prove; it needs an `export const proof'],
  ['missing', [], 'cannot be imported'],
  ['several', [], 'exports several proofs: name the consumer, one of mails, payments'],
  ['sound', ['--kills', '9'], 'semel prove: `kills` must be 10 or more'],
  ['sound', ['--workers', '1'], 'semel prove: `workers` must be 2 or more'],
  ['apart', ['--kills', '10'], 'in a process of its own `store` gives another database'],
])('cannot be begun: %s %j', async (module, options, says) => {
  const { status, stdout, stderr } = await command.run(module, ...options);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(says);
});

test('of several proofs one is chosen by its consumer', async () => {
  const { status, stderr } = await command.run('several', 'males');
  expect(status).toBe(1);
  expect(stderr).toContain('has no proof of males; it exports those of mails, payments [unknown-consumer]');
});

test("the demo's handler is proven", async () => {
  const { status, stdout } = await command.run(join(EXAMPLES, 'demo/app.ts'), '--kills', '10', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'proven', control: 'repeated', kills: 10, violations: [] });
  expect(status).toBe(0);
});
